# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages from the XML of the guide: a file for each family of elements, one dispatch table."""
