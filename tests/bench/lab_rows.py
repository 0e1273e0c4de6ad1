# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows P4 to P6: the Lot on real servers, in a lab of the measure's own, removed in the end."""

from __future__ import annotations

import json
import smtplib
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import dns.message
import dns.query
import looped_peer
from bench_lab import clone, commit, empty_servers
from measure import ROOT, RUNS, Figure, bastide, timed

from bastide import reference
from bastide.charter import own_domain
from bastide.lab.layout import Lab, read_layout
from bastide.lab.podman import Podman

APPLY_UNCHANGED = "apply of the Lot, no change"
LOOPED_LOT = (
    "the Lot as Ansible tasks with loops, no change, "
    f"extrapolated from {looped_peer.COLLECTIVITIES} collectivities"
)
_NEWCOMERS = "12"  # the department that the communes of P5 come from
_PATIENCE = 60


def figures() -> list[Figure]:
    """Every figure of P4 to P6."""
    with clone() as root:
        # Each is a lab made anew, of two minutes.
        first = [_first_apply(root)]
        return [
            *_make_demo(),
            Figure("P6", "first apply of the whole Lot on empty servers", first, "≤ 90 s"),
            Figure("P4", "plan of the Lot, no change",
                   timed(lambda: bastide(root, "plan")), "≤ 6 s"),
            Figure("P4", APPLY_UNCHANGED, timed(lambda: bastide(root, "apply")), "≤ 8 s"),
            Figure("P4", LOOPED_LOT, looped_peer.seconds_for_all(root, min(RUNS, 3)), peer=True),
            Figure("P5", "one commune added: from commit to its zone, mailbox and page",
                   _added(root), "≤ 15 s"),
        ]  # fmt: skip


def _first_apply(root: Path) -> float:
    empty_servers(root)
    return timed(lambda: bastide(root, "apply"), 1)[0]


def _added(root: Path) -> list[float]:
    lab = read_layout(root)
    addresses = {host.name: host.address for host in lab.hosts}
    chosen = [c for c in reference.communes() if c.department == _NEWCOMERS and c.siren][:RUNS]
    seconds = []
    for commune in chosen:
        bastide(root, "new", "commune", "--insee", commune.insee)
        domain = own_domain(commune)
        started = time.perf_counter()
        commit(root, f"{commune.name} joins")
        bastide(root, "apply")
        _until(lambda d=domain: _zone_answers(d, addresses), f"the zone {domain}")
        _send(f"mairie@{domain}", addresses["mail"])
        _until(lambda d=domain: _has_mail(lab, f"mairie@{d}"), f"the mail of mairie@{domain}")
        _until(
            lambda d=domain: _page_served(f"www.{d}", addresses["web"]), f"the page www.{domain}"
        )
        seconds.append(time.perf_counter() - started)
    return seconds  # fmt: skip


def _make_demo() -> list[Figure]:
    """What the last `make demo` took, and whether it had to install everything."""
    noted = ROOT / ".bastide" / "demo.json"
    if not noted.exists():
        print("P6, make demo: left out, since `make demo` has not run in this checkout")
        return []
    demo = json.loads(noted.read_text("utf-8"))
    where = "on a fresh machine" if demo["fresh"] else "with its packages installed before"
    return [Figure("P6", f"`make demo`, {where}", [demo["seconds"]], "≤ 6 min")]


def _until(look: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not look():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} did not come within {_PATIENCE} seconds")
        time.sleep(0.05)  # between two looks


def _zone_answers(domain: str, addresses: dict[str, str]) -> bool:
    query = dns.message.make_query(domain, "MX")
    return bool(dns.query.udp(query, addresses["ns1"], timeout=5).answer)


def _send(address: str, server: str) -> None:
    with smtplib.SMTP(server, 25, timeout=20) as client:
        text = f"From: <x@example.org>\r\nTo: <{address}>\r\nSubject: welcome\r\n\r\n.\r\n"
        client.sendmail("x@example.org", [address], text)


def _has_mail(lab: Lab, address: str) -> bool:
    [host] = [host for host in lab.hosts if host.name == "mail"]  # where newcomers are placed
    # A world without names, as the lab's, looks like spam.
    folders = ("INBOX", "Junk")
    words = ("doveadm", "mailbox", "status", "-t", "-u", address, "messages", *folders)
    done = Podman(lab).attempt("exec", lab.container(host), *words)
    return done.stdout.strip().endswith("messages=1")


def _page_served(name: str, server: str) -> bool:
    request = urllib.request.Request(f"http://{server}/", headers={"Host": name})
    try:
        with urllib.request.urlopen(request, timeout=5) as page:
            return page.status == 200
    except urllib.error.HTTPError:
        return False
