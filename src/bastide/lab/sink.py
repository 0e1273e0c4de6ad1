# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the mail that would have left the lab."""

from __future__ import annotations

import email
import email.policy
import json
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from bastide.lab.layout import read_layout
from bastide.lab.podman import Podman


@dataclass(frozen=True, slots=True)
class Caught:
    """One message for one recipient, as it reached the sink; `sender` is that of the envelope."""

    recipient: str
    sender: str
    message: EmailMessage


def read_sink(root: Path, recipient: str | None = None) -> list[Caught]:
    """What the sink of the lab of `root` got, oldest first; all of it, or that of `recipient`.

    Raises:
        RunFailed: the lab is not up (L603).
    """
    lab = read_layout(root)
    sink = next(host for host in lab.hosts if host.group == "closed")
    words = [recipient] if recipient else []
    lines = Podman(lab).run("exec", lab.container(sink), "bastide-sink", *words).splitlines()
    return [_caught(json.loads(line)) for line in lines]


def _caught(line: dict[str, str]) -> Caught:
    raw = line["message"].encode("utf-8", "surrogateescape")
    message = email.message_from_bytes(raw, policy=email.policy.default)
    return Caught(line["recipient"], line["sender"], message)
