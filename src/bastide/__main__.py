# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m bastide``."""

from bastide.cli import main

main()
