# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed since the last release, and whose local text is to be looked at again."""

from __future__ import annotations

import datetime as dt

import small
from lxml import etree

from comarquage import Guide, fill, local_of
from comarquage.news import digest_of
from comarquage.refresh import refresh


def _released(tmp_path, day: int, files: dict[str, str]) -> Guide:
    config = small.config(tmp_path, small.packed(tmp_path / "a.zip", files))
    refresh(config, now=small.NOW + dt.timedelta(days=day))
    return Guide.open(config.folder)


def _files(day: int, **more: str) -> dict[str, str]:
    return small.documents(40, f"2026-11-{day:02}T01:00:00", **more)


def test_what_came_changed_and_went_is_told_by_theme(tmp_path):
    _released(tmp_path, 0, _files(1)).close()
    files = _files(
        2, F7=small.sheet("F7", "<Paragraphe>autre</Paragraphe>"), F99=small.sheet("F99")
    )
    del files["F40"]
    guide = _released(tmp_path, 1, files)
    day = (small.NOW + dt.timedelta(days=1)).date()
    found = {change.id: change.what for change in guide.changes("part", day)}
    assert found == {"F7": "changed", "F99": "added", "F40": "removed"}
    assert {change.themes for change in guide.changes("part", day)} == {("N1",)}
    guide.close()
    # The week after, what is older than the day asked for is not told again.
    guide = _released(tmp_path, 8, {**files, "redirections": small.redirections("2026-11-09")})
    assert len(guide.changes("part", day)) == 3
    assert guide.changes("part", day + dt.timedelta(days=1)) == ()
    guide.close()
    # And after a month nobody is told.
    guide = _released(tmp_path, 40, {**files, "redirections": small.redirections("2026-12-11")})
    assert guide.changes("part", day) == ()
    guide.close()


def test_nothing_is_new_in_a_first_release(tmp_path):
    guide = _released(tmp_path, 0, _files(1))
    assert guide.changes("part", dt.date(2020, 1, 1)) == ()
    guide.close()


def test_local_text_is_looked_at_again_when_its_sheet_changed_moved_or_went(tmp_path):
    guide = _released(tmp_path, 0, _files(1))
    names = ("F1", "F7", "F39", "F40")
    reviewed = {name: guide.page("part", name).digest for name in names}
    assert guide.to_review("part", reviewed) == ()
    guide.close()
    rows = '<Redirection from="F39" to="F2" date="2026-11-02" audience="Particuliers"/>'
    files = _files(2, F7=small.sheet("F7", "<Paragraphe>autre</Paragraphe>"))
    files["redirections"] = small.redirections("2026-11-02T01:00:00", rows)
    del files["F39"], files["F40"]
    guide = _released(tmp_path, 1, files)
    found = {review.id: (review.now, review.why) for review in guide.to_review("part", reviewed)}
    assert found == {"F7": ("F7", "changed"), "F39": ("F2", "moved"), "F40": (None, "gone")}
    again = {
        review.now: review.digest for review in guide.to_review("part", reviewed) if review.now
    }
    assert guide.to_review("part", again) == ()
    assert guide.redirected("F39") == ("part", "F2")
    guide.close()


def test_local_text_follows_its_sheet_to_where_it_moved(guide):
    given = {"F31682": {"after": "<p>ici</p>"}, "F1427": {"after": "<p>là</p>"}}
    local, _ = local_of([{"enrichments": given}])
    moved, moves = guide.moved(local)
    assert moves == {"F31682": "N13511"}
    assert "<p>ici</p>" in fill(guide.page("part", "N13511"), moved)
    assert "<p>là</p>" in fill(guide.page("part", "F1427"), moved)


def test_white_space_and_order_of_attributes_are_no_change():
    one = etree.fromstring('<a b="1" c="2"><d/></a>')
    same = etree.fromstring("<a c='2'   b='1'><d></d></a>")
    assert digest_of(one) == digest_of(same)
    assert digest_of(one) != digest_of(etree.fromstring('<a b="1" c="3"><d/></a>'))
