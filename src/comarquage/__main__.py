# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m comarquage``; see :mod:`comarquage.command`."""

import sys

from comarquage.command import main

sys.exit(main())
