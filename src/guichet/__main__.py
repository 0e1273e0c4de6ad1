# SPDX-License-Identifier: GPL-3.0-or-later
"""Django's commands: ``python -m guichet migrate``."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import DatabaseError

from guichet.config import BadConfiguration


def main() -> None:
    """Run the command of the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guichet.settings")
    try:
        execute_from_command_line(sys.argv)
    except BadConfiguration as error:
        sys.exit(str(error))
    except DatabaseError as error:
        # PostgreSQL's first line names a table or a host; the rest may quote a row.
        sys.exit(f"The database refuses: {str(error).splitlines()[0]}")


if __name__ == "__main__":
    main()
