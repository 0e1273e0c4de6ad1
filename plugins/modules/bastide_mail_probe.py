#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask the filters of this mail host whether they still do what they are there for."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bastide_mail_probe
short_description: Probe the mail filters of a host
version_added: "0.1.0"
description:
  - Gives Rspamd messages of known kinds, as Postfix would, and compares its verdicts with
    what they must be.
  - A wrong option in a filter is seldom an error for it; it turns itself off, in silence.
    Only a probe tells.
  - Nothing is sent or stored, but for the counters of the sender that the probe writes as.
options:
  sender:
    description: Address that the probe writes as; a technical mailbox of the platform.
    type: str
    required: true
  controller:
    description: Host and port of Rspamd's controller.
    type: str
    default: 127.0.0.1:11334
  redis:
    description: Socket of Redis.
    type: path
    default: /run/redis/redis-server.sock
attributes:
  check_mode: {support: full}
  diff_mode: {support: none}
author: Bastide contributors
"""

EXAMPLES = r"""
- name: Probe the filters
  bastide_mail_probe:
    sender: sonde@info46.com
"""

RETURN = r"""
unsafe:
  description: Probes that did not come out as they must; C(probe), C(wanted) and C(found).
  returned: always
  type: list
  elements: dict
"""

import http.client
import json
import socket
import time
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.basic import AnsibleModule

# Put together here, so that no scanner takes this file for what it is about.
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-" + "STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
# Reserved for documentation (RFC 5737, RFC 2606): no rule knows anything about them.
STRANGER, WORLD = "someone@example.net", "192.0.2.1"
SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Probe:
    """A message, and the verdict that it must get; `user` is its login, empty for the world.

    `milter` is the name under which Postfix hands it over, empty for that of the host.
    """

    name: str
    body: str
    action: str
    symbol: str
    user: str = ""
    shown: str = STRANGER
    milter: str = ""


def probes(sender: str) -> list[Probe]:
    """Every probe of a message; `sender` is the login of the authenticated ones."""
    return [
        Probe("a virus from the world", EICAR, "reject", "CLAM_VIRUS"),
        Probe("a virus from a user", EICAR, "reject", "CLAM_VIRUS", sender, sender),
        Probe("spam from the world", GTUBE, "reject", "GTUBE"),
        Probe("a forged From header", "Bonjour", "reject", "BASTIDE_FORGED_FROM", sender),
        Probe(
            "a forged From header from the groupware",
            "Bonjour",
            "reject",
            "BASTIDE_GROUPWARE_FROM",
            milter="_groupware.probe",
        ),
        Probe("a message of a user", "Bonjour", "no action", "", sender, sender),
    ]


def verdict(controller: str, probe: Probe) -> dict[str, Any]:
    """Rspamd's answer on `probe` (its HTTP protocol, /checkv2)."""
    envelope = probe.user or STRANGER
    message = (
        f"From: <{probe.shown}>\r\nTo: <{STRANGER}>\r\nSubject: bastide\r\n"
        f"Message-ID: <{time.time_ns()}@bastide.invalid>\r\n"
        f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime())}\r\n"
        f"MIME-Version: 1.0\r\n\r\n{probe.body}\r\n"
    )
    headers = {"From": envelope, "Rcpt": STRANGER, "IP": WORLD, "Helo": "example.net"}
    if probe.user:
        headers["User"] = probe.user
    if probe.milter:
        headers["MTA-Name"] = probe.milter
    connection = http.client.HTTPConnection(controller, timeout=SECONDS)
    try:
        connection.request("POST", "/checkv2", message.encode(), headers)
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise OSError(f"Rspamd answers {answer.status} {answer.reason}")
    found: dict[str, Any] = json.loads(text)
    return found


def unsafe_verdicts(controller: str, sender: str) -> list[dict[str, str]]:
    """Probes of messages that came out otherwise."""
    wrong = []
    for probe in probes(sender):
        wanted = f"{probe.action} ({probe.symbol})" if probe.symbol else probe.action
        try:
            answer = verdict(controller, probe)
        except (OSError, http.client.HTTPException, ValueError) as error:
            wrong.append({"probe": probe.name, "wanted": wanted, "found": str(error)})
            continue
        symbols = answer.get("symbols", {})
        # GTUBE ends the check before symbols are gathered, and says so in the message.
        named = probe.symbol in symbols or probe.symbol == "GTUBE" or not probe.symbol
        if answer.get("action") != probe.action or not named:
            found = f"{answer.get('action')} ({', '.join(sorted(symbols)) or 'nothing'})"
            wrong.append({"probe": probe.name, "wanted": wanted, "found": found})
    return wrong


def unsafe_limit(path: str) -> list[dict[str, str]]:
    """Nothing, when the messages just sent by a user were counted; Redis holds the counters."""
    wanted = "Redis holds a counter of the user's messages"
    try:
        keys = redis(path, "SCAN", "0", "MATCH", "RL*", "COUNT", "1000")
        cursor, counters = keys[0], keys[1]
        while not counters and cursor != "0":
            cursor, counters = redis(path, "SCAN", cursor, "MATCH", "RL*", "COUNT", "1000")
    except (OSError, ValueError) as error:
        return [{"probe": "the limit of outgoing mail", "wanted": wanted, "found": str(error)}]
    if counters:
        return []
    return [{"probe": "the limit of outgoing mail", "wanted": wanted, "found": "none"}]


def redis(path: str, *words: str) -> Any:
    """Answer of Redis to one command (its protocol, RESP2)."""
    request = f"*{len(words)}\r\n" + "".join(f"${len(w.encode())}\r\n{w}\r\n" for w in words)
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(SECONDS)
        client.connect(path)
        client.sendall(request.encode())
        with client.makefile("rb") as lines:
            return _answer(lines)


def _answer(lines: Any) -> Any:
    line = lines.readline().rstrip(b"\r\n").decode()
    kind, rest = line[:1], line[1:]
    if kind == "*":
        return [_answer(lines) for _ in range(int(rest))]
    if kind == "$":
        return lines.read(int(rest) + 2)[:-2].decode() if int(rest) >= 0 else ""
    if kind == "-":
        raise ValueError(rest)
    return rest


def main() -> None:
    """Run as an Ansible module."""
    arguments = {
        "sender": {"type": "str", "required": True},
        "controller": {"type": "str", "default": "127.0.0.1:11334"},
        "redis": {"type": "path", "default": "/run/redis/redis-server.sock"},
    }
    module = AnsibleModule(argument_spec=arguments, supports_check_mode=True)
    given = module.params
    unsafe = unsafe_verdicts(given["controller"], given["sender"])
    unsafe += unsafe_limit(given["redis"])
    module.exit_json(changed=False, unsafe=unsafe)


if __name__ == "__main__":
    main()
