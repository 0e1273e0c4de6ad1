# SPDX-License-Identifier: GPL-3.0-or-later
"""A refresh that is killed (SIGKILL) at its n-th step; a program of its own: CONFIG N.

Steps are what touches the disk, as Python's audit events tell it.
"""

import os
import signal
import sys
from pathlib import Path

from comarquage import config, refresh

_STEPS = ("open", "os.rename", "os.mkdir", "os.remove", "os.symlink", "os.rmdir", "shutil.rmtree",
          "sqlite3.connect", "fcntl.flock")  # fmt: skip


def main() -> None:
    loaded = config.load(Path(sys.argv[1]))
    left = int(sys.argv[2])
    root = str(loaded.folder)

    def hook(event: str, arguments: tuple) -> None:
        nonlocal left
        if event in _STEPS and (event != "open" or str(arguments[0]).startswith(root)):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    refresh.refresh(loaded)
    sys.exit(0)


main()
