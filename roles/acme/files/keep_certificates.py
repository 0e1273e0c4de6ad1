#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Managed by Bastide (role acme).
"""Look after the certificates of this host once, as the module bastide_certificates does."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from ansible.module_utils.bastide_certkeeper import main

if __name__ == "__main__":
    sys.exit(main())
