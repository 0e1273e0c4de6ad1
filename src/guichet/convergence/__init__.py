# SPDX-License-Identifier: GPL-3.0-or-later
"""From the share of this host to the rows of its tenants (docs/architecture/README.md)."""
