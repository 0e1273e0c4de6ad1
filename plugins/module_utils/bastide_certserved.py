# SPDX-License-Identifier: GPL-3.0-or-later
"""What nginx is told of the certificates: which names have one, and in which file it is.

``certificates.map`` leads a name to its certificate, ``secured-<kind>.names`` lists the names of
each kind of server.  nginx reads the certificates themselves at each handshake, so that only a
name that comes or goes needs a reload; it is tried first, and the former files come back when
nginx refuses the new ones.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ansible.module_utils import bastide_certstore as store
from ansible.module_utils.bastide_files import (
    HostError,
    explain,
    read_or_none,
    run,
    words,
    write_atomic,
)
from ansible.module_utils.bastide_share import is_domain

MAPS = Path("/etc/nginx/bastide")
MAP = MAPS / "certificates.map"
KINDS = ("autoconfig", "autodiscover", "mta-sts")
HEAD = "# Written by Bastide, replaced at each change.\n"


def names_file(kind: str) -> Path:
    """Where the names of one kind of server stand."""
    return MAPS / f"secured-{kind}.names"


def kind_of(name: str) -> str:
    """Which server answers to a name: by its first label, as nginx decides without TLS."""
    label = name.partition(".")[0]
    return label if label in KINDS else "sites"


def texts(stem_of: dict[str, str]) -> dict[Path, str]:
    """All files, for the names that have a certificate."""
    found = {MAP: HEAD + "".join(f'{name} "{stem_of[name]}";\n' for name in sorted(stem_of))}
    for kind in ("sites", *KINDS):
        names = sorted(name for name in stem_of if kind_of(name) == kind)
        found[names_file(kind)] = HEAD + "".join(f"server_name {name};\n" for name in names)
    return found


def served_names(state: store.State, stems: Iterable[str]) -> dict[str, str]:
    """The certificate of each name that one lies there for.

    Of several the one that was asked for this name, then the one that lasts longest.
    """
    best: dict[str, tuple[bool, Any, str]] = {}
    for stem in stems:
        held = store.read_certificate(stem)
        wanted = state.wanted.get(stem)
        for name in held.names if held else ():
            if is_domain(name):
                rank = (wanted is not None and name in wanted.names, held.ends, stem)
                best[name] = max(best.get(name, rank), rank)
    return {name: stem for name, (_, _, stem) in best.items()}


def stale_files(state: store.State) -> dict[Path, str]:
    """The files that do not say what lies there, with what they shall say."""
    wanted = texts(served_names(state, store.stems()))
    return {
        path: text
        for path, text in wanted.items()
        if (read_or_none(path) or b"").decode(errors="replace") != text
    }


def publish(state: store.State) -> str | None:
    """Tell nginx of what lies there now; its objection, None when all is well."""
    stale = stale_files(state)
    if not stale:
        return None
    before = {path: read_or_none(path) for path in stale}
    try:
        for path, text in stale.items():
            write_atomic(path, text)
        tried = run(["nginx", "-t"])
        if tried.returncode == 0:
            tried = run(["systemctl", "reload-or-restart", "nginx"])
        if tried.returncode == 0:
            return None
        objection = words(tried)
    except (OSError, HostError) as error:
        objection = explain(error) if isinstance(error, OSError) else str(error)
    for path, former in before.items():
        with contextlib.suppress(OSError):  # the next run finds what is still wrong
            write_atomic(path, former or HEAD)
    return objection


def install_own(own: dict[str, Any]) -> None:
    """Give the host's own certificate to its services, in the two files that they read.

    Args:
        own: `certificate` and `key` are paths, `reload` names units of systemd.
    """
    raw = (read_or_none(store.pem_file(store.OWN)) or b"").decode()
    chain = raw[raw.find("-----BEGIN CERTIFICATE") :]
    if not raw or read_or_none(Path(own["certificate"])) == chain.encode():
        return
    write_atomic(Path(own["key"]), raw.removesuffix(chain), 0o600)
    # The certificate comes last: a run that was killed in between is taken up again.
    write_atomic(Path(own["certificate"]), chain, 0o644)
    for unit in own.get("reload") or ():
        if run(["systemctl", "is-active", "--quiet", unit]).returncode == 0:
            run(["systemctl", "reload-or-restart", unit])
