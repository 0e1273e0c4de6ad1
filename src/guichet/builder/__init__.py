# SPDX-License-Identifier: GPL-3.0-or-later
"""Making procedures in the interface: what is done to a definition, apart from how it is shown.

All but `drafts` are pure functions of definitions.
"""
