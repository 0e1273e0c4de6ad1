# SPDX-License-Identifier: GPL-3.0-or-later
"""The weekly report on links that lead out of the guide: each address once, hosts spared.

Nothing is removed from pages for it: a link that is broken is told to agents, who decide.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from comarquage import refresh, state
from comarquage.config import Config
from comarquage.corpus import AUDIENCES
from comarquage.fetch import AGENT
from comarquage.messages import Refused, declare, found

_TIMEOUT = 20.0  # seconds
_HOSTS_AT_ONCE = 16
# Answers to HEAD that say nothing of GET.
_ASK_AGAIN = frozenset({400, 403, 404, 405, 406, 500, 501, 503})
# Answers of a server that is there but does not speak to programs, or has too much to do.
_UNSURE = frozenset({401, 403, 406, 407, 429, 503})

NOTHING = declare(
    "G050",
    "error",
    en="there is no release yet",
    fr="il n’y a pas encore de version du guide",
    hint_en="run refresh first",
    hint_fr="lancer d’abord refresh",
)

Ask = Callable[[str], "tuple[int, str]"]


@dataclass(frozen=True, slots=True)
class Checked:
    """One address: HTTP status (0 for no answer), why, whether it is broken, where it is used."""

    url: str
    status: int
    why: str
    broken: bool
    pages: tuple[str, ...]
    since: str = ""


def addresses(release: Path) -> dict[str, tuple[str, ...]]:
    """All addresses of a release with a few of their pages (``part/F1427``)."""
    found_ones: dict[str, tuple[str, ...]] = {}
    for audience in AUDIENCES:
        path = release / f"{audience}.sqlite"
        if not path.exists():
            continue
        base = sqlite3.connect(path.as_uri() + "?mode=ro&immutable=1", uri=True)
        try:
            for url, pages in base.execute("SELECT url, pages FROM link"):
                named = tuple(f"{audience}/{page}" for page in pages.split())
                found_ones[url] = (*found_ones.get(url, ()), *named)
        finally:
            base.close()
    return found_ones


def check(
    urls: Mapping[str, tuple[str, ...]],
    *,
    delay: float,
    ask: Ask | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> list[Checked]:
    """Ask for each address once; hosts side by side, the addresses of one host `delay` s apart."""
    asking = ask or asked
    hosts: dict[str, list[str]] = {}
    for url in sorted(urls):
        hosts.setdefault(urlsplit(url).netloc.lower(), []).append(url)

    def one_host(several: list[str]) -> list[Checked]:
        answers = []
        for number, url in enumerate(several):
            if number:
                pause(delay)
            status, why = asking(url)
            broken = not (200 <= status < 400 or status in _UNSURE)  # noqa: PLR2004 - HTTP
            answers.append(Checked(url, status, why, broken, urls[url]))
        return answers

    with ThreadPoolExecutor(_HOSTS_AT_ONCE) as pool:
        return sorted(
            (one for several in pool.map(one_host, hosts.values()) for one in several),
            key=lambda one: one.url,
        )


def asked(url: str) -> tuple[int, str]:
    """Status of an address and why: by HEAD, and by GET where HEAD is not understood."""
    status, why = _request(url, "HEAD")
    return _request(url, "GET") if status in _ASK_AGAIN else (status, why)


def _request(url: str, method: str) -> tuple[int, str]:
    try:
        request = urllib.request.Request(  # noqa: S310 - the guide's links are http(s), see upgraded()
            quote(url, safe="%/:=&?~#+!$,;'@()*[]"), method=method, headers={"User-Agent": AGENT}
        )
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - same
            return int(answer.status), ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, str(error.reason)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return 0, (str(error) or type(error).__name__)[:200]


def check_all(config: Config, *, delay: float) -> tuple[Path, int, int]:
    """Check the release that is served and write ``links.json``: its path, links, broken ones.

    Of links that were broken before it keeps since when.  Raises Refused without a release.
    """
    release = refresh.current(config.folder)
    if release is None:
        raise Refused(found(NOTHING, str(config.folder)))
    checked = check(addresses(release), delay=delay)
    report = config.folder / "links.json"
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    since = _since(report)
    rows = [{**asdict(one), "since": since.get(one.url, now)} for one in checked if one.broken]
    text = json.dumps(
        {"checked": now, "links": len(checked), "broken": rows}, ensure_ascii=False, indent=1
    )
    state.written(report, text + "\n")
    return report, len(checked), len(rows)


def last_report(folder: Path) -> tuple[dt.datetime, int] | None:
    """When links were last checked, and how many there were; None before the first report."""
    try:
        about = json.loads((folder / "links.json").read_text("utf-8"))
        return dt.datetime.fromisoformat(about["checked"]), int(about["links"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def broken_links(folder: Path) -> list[Checked]:
    """The broken links of the last report, for those whose pages they are on; none without one."""
    return [
        Checked(
            url=str(row["url"]),
            status=int(row["status"]),
            why=str(row["why"]),
            broken=True,
            pages=tuple(row["pages"]),
            since=str(row["since"]),
        )
        for row in _rows(folder / "links.json")
    ]


def _since(report: Path) -> dict[str, str]:
    return {str(row["url"]): str(row["since"]) for row in _rows(report)}


def _rows(report: Path) -> Iterable[dict[str, Any]]:
    try:
        rows = json.loads(report.read_text("utf-8"))["broken"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return rows if isinstance(rows, list) else []
