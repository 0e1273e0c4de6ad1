# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the stacks of a worker are; apart, so that who starts workers needs no Pulumi."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a worker's stacks are: the back end, its own PULUMI_HOME, and folders for work.

    `command` is the folder that holds ``bin/pulumi``, empty for the one on PATH; the passphrase
    and the token are in the environment of the process.
    """

    backend: str
    home: str
    work: str
    command: str = ""
