# SPDX-License-Identifier: GPL-3.0-or-later
"""The e-administration desk: a Django application for many town halls on one PostgreSQL.

It stands beside `bastide` and imports nothing of it: the engine reaches it by a share of the
desired state, as it reaches every other service (docs/architecture/README.md).
"""
