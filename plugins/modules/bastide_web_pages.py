#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converge the holding pages, redirects and moved pages of this host's nginx, in one call."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bastide_web_pages
short_description: Converge the holding pages and redirects of all collectivities on a web host
version_added: "0.1.0"
description:
  - Reads the host's share of the desired state and what lies on disk, and makes the pages and
    nginx's maps of them those of the share.
  - The maps are tried by C(nginx -t) before nginx reloads; the old ones come back when it
    refuses.
  - Pages hold nobody's data. One that leaves the share goes, unless its collectivity or domain
    has vanished without being retired.
options:
  share:
    description: Path of the share on the host (C(web.jsonl)).
    type: path
    required: true
  scope:
    description: SIREN of the collectivities that may be touched. Empty means every one.
    type: list
    elements: str
    default: []
  values:
    description: Values of other hosts; pages need none.
    type: dict
    default: {}
  expect:
    description: Digest of the changes that the plan showed. Others found means nothing is done.
    type: str
  lock_timeout:
    description: Seconds to wait for another run on this host.
    type: int
    default: 60
requirements: [nginx]
attributes:
  check_mode: {support: full}
  diff_mode: {support: full}
author: Bastide contributors
"""

EXAMPLES = r"""
- name: Converge the pages
  bastide_web_pages:
    share: /var/lib/bastide/shares/web.jsonl
"""

RETURN = r"""
changes:
  description: What was changed, or would be in check mode.
  returned: always
  type: list
  elements: dict
failed_changes:
  description: What could not be changed, and why.
  returned: always
  type: list
  elements: dict
digest:
  description: Digest over the changes found.
  returned: always
  type: str
left_alone:
  description: Pages and redirects that are there and neither declared nor retired.
  returned: always
  type: list
  elements: dict
totals:
  description: Pages and redirects before the run, by SIREN.
  returned: always
  type: dict
values:
  description: Always empty; pages give no values.
  returned: always
  type: dict
repaired:
  description: Maps that were not as the module left them, or that nginx had not loaded.
  returned: always
  type: list
  elements: str
stale:
  description: Whether the changes found are other than O(expect), so that nothing was done.
  returned: always
  type: bool
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible.module_utils import bastide_pages as pages
from ansible.module_utils.bastide_bulk import Service, Survey, main
from ansible.module_utils.bastide_files import (
    explain,
    read_or_none,
    read_state,
    run,
    sha256,
    words,
    write_atomic,
)
from ansible.module_utils.bastide_reconcile import Body, reconcile
from ansible.module_utils.bastide_share import is_domain

STATE = Path("/var/lib/bastide/web/pages.json")
LOCK = Path("/var/lib/bastide/web/lock")

MAP_OF = {
    "page": pages.PAGES_MAP,
    "redirect": pages.REDIRECTS_MAP,
    "paths": pages.PATHS_MAP,
}

Standing = dict[str, tuple[str, Body]]


@dataclass(slots=True)
class Work:
    """What `survey` found out and `converge` needs.

    `owned` is the ownership state: address → siren and the body last applied.  `standing`
    is what is on disk; with the SIREN "" when it is nobody's.  `texts` are the two maps as
    they lie there, `entries` what stands in them, `loaded` the digest of what nginx last
    loaded.  `emptied` are hosts whose page is gone and whose folder is not.
    """

    owned: Standing
    texts: dict[Path, str]
    entries: dict[Path, dict[str, str]]
    loaded: str
    standing: Standing = field(default_factory=dict)
    emptied: list[str] = field(default_factory=list)

    def maps(self, ours: Standing) -> dict[Path, str]:
        """All maps when `ours` are served, beside the lines that are nobody's."""
        wanted: dict[Path, dict[str, str]] = {}
        for kind, path in MAP_OF.items():
            wanted[path] = {
                host: value
                for host, value in self.entries[path].items()
                if not self.standing.get(_address(kind, host), ("", {}))[0]
                and _address(kind, host) not in self.owned
            }
        for address, (_, body) in ours.items():
            kind, _, host = address.partition(":")
            if kind == "paths":
                moved = {f"{host}{path}": target for path, target in body["moved"].items()}
                wanted[MAP_OF[kind]].update(moved)
            else:
                wanted[MAP_OF[kind]][host] = str(body["to"]) if kind == "redirect" else host
        return {path: pages.map_text(entries) for path, entries in wanted.items()}


def _address(kind: str, key: str) -> str:
    """The resource that an entry of a map is of."""
    return f"{kind}:{key.partition('/')[0]}"


def survey(found: Survey) -> None:
    """Compare the pages and redirects of the share with those on disk."""
    state = read_state(STATE)
    texts = {path: (read_or_none(path) or b"").decode(errors="replace") for path in MAP_OF.values()}
    entries = {path: pages.map_entries(text) for path, text in texts.items()}
    work = found.work = Work(_owned(state), texts, entries, str(state.get("loaded", "")))
    work.standing = _standing(found, work)
    found.report_unusable()
    ours = _ours(work)
    for address, (siren, _) in ours.items():
        if found.in_scope(siren):
            found.count(siren, address.partition(":")[0])
    resources = found.share.resources
    desired = {a: one for a, one in resources.items() if found.in_scope(one[0])}
    actual = {a: work.standing[a] for a in desired.keys() & work.standing.keys()}
    for address in sorted(work.standing.keys() - resources.keys() - found.share.unusable.keys()):
        if _may_go(found, address, work.standing[address][0]):
            actual[address] = work.standing[address]
    for one in reconcile(desired, actual):
        owner = actual.get(one["address"], (one["siren"], {}))[0]
        if found.in_scope(owner):
            found.changes.append(one)
        else:
            found.fail(one["address"], one["siren"], f"belongs to {owner}, outside of the scope")
    stale = [str(path) for path, text in work.maps(ours).items() if texts[path] != text]
    if ours and (stale or work.loaded != _digest(texts)):
        found.repaired = stale or [str(path) for path in texts]
    work.emptied = sorted(_emptied(found, work))
    found.repaired += [str(pages.page_file(host).parent) for host in work.emptied]


def _emptied(found: Survey, work: Work) -> Iterator[str]:
    """Hosts whose folder is left from a removal that was killed between its two steps."""
    for address, (siren, _) in work.owned.items():
        host = address.removeprefix("page:")
        if host == address or address in work.standing or address in found.share.resources:
            continue
        folder = pages.page_file(host).parent
        if found.in_scope(siren) and folder.is_dir() and not any(folder.iterdir()):
            yield host


def _owned(state: dict[str, Any]) -> Standing:
    resources = state.get("resources")
    if not isinstance(resources, dict):
        return {}
    return {
        address: (str(one[0]), one[1])
        for address, one in resources.items()
        if isinstance(one, list) and len(one) == 2  # noqa: PLR2004 - siren and body
    }


def _ours(work: Work) -> Standing:
    return {address: one for address, one in work.standing.items() if one[0]}


def _standing(found: Survey, work: Work) -> Standing:
    """What is on disk, with its owner: the noted one, or who declares it, or nobody."""
    known = {**found.share.resources, **work.owned}
    standing: Standing = {}
    hosts = {a.removeprefix("page:") for a in known if a.startswith("page:")}
    with contextlib.suppress(OSError):
        hosts |= {entry.name for entry in pages.PAGES.iterdir() if is_domain(entry.name)}
    for host in hosts:
        content = read_or_none(pages.page_file(host))
        if content is not None:
            siren, body = known.get(f"page:{host}", ("", {}))
            # What we made is told as what it says, what somebody else did as a digest.
            ours = pages.check_page(host, body) is None and pages.render(body).encode() == content
            standing[f"page:{host}"] = (siren, body if ours else {"content": sha256(content)})
    for host, target in work.entries[pages.REDIRECTS_MAP].items():
        siren, _ = known.get(f"redirect:{host}", ("", {}))
        standing[f"redirect:{host}"] = (siren, {"to": target})
    moved: dict[str, dict[str, str]] = {}
    for key, target in work.entries[pages.PATHS_MAP].items():
        host, slash, path = key.partition("/")
        if slash:
            moved.setdefault(host, {})[slash + path] = target
    for host, paths in moved.items():
        siren, _ = known.get(f"paths:{host}", ("", {}))
        standing[f"paths:{host}"] = (siren, {"moved": paths})
    return standing


def _may_go(found: Survey, address: str, siren: str) -> bool:
    """Whether something that the share does not list may be removed; notes what is left."""
    if not siren:
        if not found.scope:
            found.leave(address, "", "undeclared")
        return False
    if not found.in_scope(siren):
        return False
    fate = found.share.fate(siren, address)
    if fate in ("present", "retired"):
        return True
    found.leave(address, siren, fate)
    return False


def _digest(texts: dict[Path, str]) -> str:
    return sha256("\f".join(texts[path] for path in sorted(texts)))


def converge(found: Survey) -> None:
    """Write the pages, then the maps, then have nginx load them; remove pages last."""
    work: Work = found.work
    after = {one["address"]: (one["siren"], one["after"]) for one in found.changes if one["after"]}
    gone = {one["address"] for one in found.changes if one["after"] is None}
    _save({**work.owned, **after}, work.loaded)  # whose they are, before they are there
    for address, (siren, body) in after.items():
        if address.startswith("page:"):
            objection = _write_page(address.removeprefix("page:"), body)
            if objection:
                found.fail(address, siren, objection)
    after = {address: one for address, one in after.items() if address not in found.undone}
    wanted = {**_ours(work), **after}
    texts = work.maps({address: one for address, one in wanted.items() if address not in gone})
    loaded = work.loaded
    if wanted and (texts != work.texts or loaded != _digest(texts)):
        objection = _load(texts, work.texts)
        if objection:
            _take_back(found, work, after, objection)
            return
        loaded = _digest(texts)
    for address in gone:
        wanted.pop(address, None)
        if address.startswith("page:"):
            _remove_page(address.removeprefix("page:"))
    for host in work.emptied:
        _remove_page(host)
    _save(wanted, loaded)


def _take_back(found: Survey, work: Work, after: Standing, why: str) -> None:
    """Undo what the maps would have shown; the pages that were there stay as changed."""
    found.repaired = []
    for one in found.changes:
        address = one["address"]
        if one["action"] == "update" and address.startswith("page:"):
            continue
        if address not in found.undone:
            found.fail(address, one["siren"], why)
        if one["action"] == "create" and address.startswith("page:"):
            _remove_page(address.removeprefix("page:"))
    if not found.failed:
        found.fail(str(pages.MAPS), "", why)
    kept = {a: one for a, one in after.items() if a not in found.undone}
    _save({**work.owned, **kept}, work.loaded)


def _write_page(host: str, body: Body) -> str | None:
    try:
        write_atomic(pages.page_file(host), pages.render(body))
    except OSError as error:
        return explain(error)
    return None


def _remove_page(host: str) -> None:
    path = pages.page_file(host)
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # something else lies there: not ours to remove
        path.parent.rmdir()


def _load(texts: dict[Path, str], before: dict[Path, str]) -> str | None:
    """Put the maps in place and have nginx load them; nginx's objection, None when it has."""
    try:
        for path, text in texts.items():
            write_atomic(path, text)
        tried = run(["nginx", "-t"])
        if tried.returncode == 0:
            tried = run(["systemctl", "reload-or-restart", "nginx"])
        if tried.returncode == 0:
            return None
        objection = words(tried)
    except OSError as error:
        objection = explain(error)
    for path, text in before.items():
        with contextlib.suppress(OSError):  # the next run finds what is still wrong
            write_atomic(path, text)
    return objection


def _save(resources: Standing, loaded: str) -> None:
    state = {"loaded": loaded, "resources": resources}
    text = json.dumps(state, indent=1, sort_keys=True) + "\n"
    if text.encode() != read_or_none(STATE):
        write_atomic(STATE, text)


if __name__ == "__main__":
    checks = {
        "page": pages.check_page,
        "redirect": pages.check_redirect,
        "paths": pages.check_paths,
    }
    main(Service("web", LOCK, checks, survey, converge))
