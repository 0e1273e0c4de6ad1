# SPDX-License-Identifier: GPL-3.0-or-later
"""The report on links, from a real server: each asked once, and not one upon the other."""

from __future__ import annotations

import json
import threading
from collections import Counter
from urllib.parse import urlsplit

import pytest
import served
import small

from comarquage import links
from comarquage.command import main
from comarquage.messages import Refused
from comarquage.refresh import current


class _Site:
    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.lock = threading.Lock()

    def __call__(self, handler) -> None:
        with self.lock:
            self.asked.append((handler.command, handler.path))
        if handler.path == "/moved":
            served.send(handler, 301, Location="/ok")
        elif handler.path == "/no-head" and handler.command == "HEAD":
            served.send(handler, 405)
        elif handler.path in {"/ok", "/no-head", "/%C3%A9t%C3%A9"}:
            served.send(handler, 200, b"ok")
        elif handler.path == "/forbidden":
            served.send(handler, 403)
        else:
            served.send(handler, 404)


class _Watched:
    """`links.asked`, with how many questions to one host are open at a time.

    Counted where they are asked: a server goes on with its own work for a moment after its answer
    has arrived, while the next question may be on its way already.
    """

    def __init__(self) -> None:
        self.open: Counter[str] = Counter()
        self.most = 0
        self.lock = threading.Lock()

    def __call__(self, url: str) -> tuple[int, str]:
        host = urlsplit(url).netloc
        with self.lock:
            self.open[host] += 1
            self.most = max(self.most, self.open[host])
        try:
            return links.asked(url)
        finally:
            with self.lock:
                self.open[host] -= 1


def test_each_link_is_asked_once_with_a_pause_between_those_of_one_host():
    site = _Site()
    watched = _Watched()
    pauses: list[float] = []
    with served.server(site) as url:
        paths = ("ok", "moved", "no-head", "gone", "forbidden", "été")
        urls = {f"{url}/{path}": (f"part/F{number}",) for number, path in enumerate(paths)}
        urls["http://127.0.0.1:9/nobody"] = ("part/F9",)
        urls["https://nobody.invalid/"] = ("part/F9",)
        checked = links.check(urls, delay=1.5, ask=watched, pause=pauses.append)
    found = {one.url.rpartition("/")[2]: (one.status, one.broken) for one in checked}
    assert found == {
        "ok": (200, False), "moved": (200, False), "no-head": (200, False), "gone": (404, True),
        "forbidden": (403, False), "été": (200, False), "nobody": (0, True), "": (0, True),
    }  # fmt: skip
    assert pauses == [1.5] * 5
    assert watched.most == 1
    assert site.asked.count(("HEAD", "/ok")) == 1
    assert site.asked.count(("GET", "/ok")) == 1  # where /moved leads


def test_the_report_names_pages_and_since_when(tmp_path, capsys):
    site = _Site()
    with served.server(site) as url:
        body = "".join(
            f'<Paragraphe><LienExterne URL="{url}/{path}">x</LienExterne></Paragraphe>'
            for path in ("ok", "gone", "gone")
        )
        made = small.documents(3, F9=small.sheet("F9", body))
        there = "https://www.service-public.gouv.fr"
        files = {name: text.replace(there, url) for name, text in made.items()}
        archive = small.packed(tmp_path / "a.zip", files)
        path = tmp_path / "guide.toml"
        path.write_text(
            f'folder = "guide"\n[sources]\npart = "file:{archive}"\n'
            "[limits]\nsheets = 1\ndangling_percent = 99\n",
            "utf-8",
        )
        assert main(["refresh", str(path)]) == 0
        assert main(["links", str(path), "--delay", "0"]) == 0
        report = tmp_path / "guide" / "links.json"
        rows = {row["url"].removeprefix(url): row
                for row in json.loads(report.read_text("utf-8"))["broken"]}  # fmt: skip
        assert rows["/gone"]["pages"] == ["part/F9"]
        assert rows["/gone"]["status"] == 404
        assert "/ok" not in rows
        text = report.read_text("utf-8").replace(rows["/gone"]["since"], "2026-01-01T00:00:00")
        report.write_text(text, "utf-8")
        assert main(["links", str(path), "--delay", "0"]) == 0
    (gone,) = [one for one in links.broken_links(tmp_path / "guide") if one.url.endswith("/gone")]
    assert gone.since == "2026-01-01T00:00:00"
    assert "part/F9" in gone.pages
    assert "links.json" in capsys.readouterr().out


def test_without_a_release_there_is_nothing_to_check(tmp_path):
    config = small.config(tmp_path, tmp_path / "a.zip")
    with pytest.raises(Refused):
        links.check_all(config, delay=0)
    assert links.broken_links(config.folder) == []


def test_the_whole_guide_has_its_links_gathered_once(whole):
    found = links.addresses(current(whole))
    assert len(found) > 15_000
    assert all(url.startswith(("https://", "http://")) for url in found)
