# SPDX-License-Identifier: GPL-3.0-or-later
"""The national guide on the desk: what is read of it, and what a tenant adds."""
