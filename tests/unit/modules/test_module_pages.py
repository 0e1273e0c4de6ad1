# SPDX-License-Identifier: GPL-3.0-or-later
from html.parser import HTMLParser

import pytest
from ansible.module_utils import bastide_pages as pages
from hypothesis import given
from hypothesis import strategies as st

PAGE = {"title": "Cahors", "kind": "holding", "language": "fr", "lines": ["Écrire"]}


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)


def test_page_has_one_heading_a_language_and_asks_nothing_of_others():
    found = Tags(pages.render(PAGE))
    names = [tag for tag, _ in found.tags]
    assert names.count("h1") == 1
    assert ("html", {"lang": "fr"}) in found.tags
    assert ("meta", {"name": "robots", "content": "noindex"}) in found.tags
    assert not {"script", "link", "img", "iframe", "form"} & set(names)
    assert "http" not in pages.render(PAGE)


GUIDE = {"to": "https://demarches.cahors.fr/guide/cadre/", "text": "Guide des droits & démarches"}


def test_a_frame_has_a_title_and_the_page_lets_in_that_host_alone():
    body = {**PAGE, "frame": GUIDE}
    assert pages.check_page("x.fr", body) is None
    found = Tags(pages.render(body))
    (frame,) = [attributes for tag, attributes in found.tags if tag == "iframe"]
    assert (frame["src"], frame["title"]) == (GUIDE["to"], GUIDE["text"])
    policy = {"http-equiv": "Content-Security-Policy"}
    policy["content"] = "frame-src https://demarches.cahors.fr"
    assert ("meta", policy) in found.tags
    assert "frame" not in pages.render(PAGE)


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        ("https://x.fr/", "no address and text"),
        ({"to": "https://x.fr/"}, "no address and text"),
        ({"to": "https://x.fr/", "text": ""}, "no address and text"),
        ({"to": "javascript:alert(1)", "text": "x"}, "no web address"),
        ({"to": 'https://x.fr/"><script>', "text": "x"}, "no web address"),
        ({"to": "http://x.fr/", "text": "x"}, "not come over TLS"),
    ],
)
def test_a_frame_that_shows_something_else_is_refused(frame, why):
    assert why in pages.check_page("x.fr", {**PAGE, "frame": frame})


@given(st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=80))
def test_no_text_becomes_markup(title, line):
    body = {**PAGE, "title": title, "lines": [line]}
    if pages.check_page("x.fr", body) is None:
        found, plain = Tags(pages.render(body)), Tags(pages.render(PAGE))
        assert [tag for tag, _ in found.tags] == [tag for tag, _ in plain.tags]
        assert title in found.texts
        assert line in found.texts


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "php"},
        {"language": 'fr"'},
        {"title": 3},
        {"lines": "x"},
        {"lines": [""]},
        {"title": "a\nb"},
        {"title": "x" * 501},
    ],
)
def test_body_of_another_shape_is_refused(changed):
    assert pages.check_page("x.fr", {**PAGE, **changed})


@pytest.mark.parametrize(
    "target",
    [
        "https://www.cahors.fr/",
        "https://www.cahors.fr",
        "http://a.fr:8080/x/%C3%A9?y=1&z=2#top",
        "https://A.fr?x",
    ],
)
def test_targets_that_may_stand_in_a_map(target):
    assert pages.check_redirect("x.fr", {"to": target}) is None
    assert pages.map_entries(pages.map_text({"x.fr": target})) == {"x.fr": target}


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_target_means_something_to_nginx(host, rest):
    for target in (f"https://{host}.fr/", f"https://a.fr/{rest}", f"https://a.fr{rest}"):
        if pages.check_redirect("x.fr", {"to": target}) is None:
            assert not set(target) & set("\"'$;{}\\ \n\r\t")


def test_maps_read_back_and_odd_lines_are_nobodys():
    entries = {"b.fr": "b.fr", "a.fr": "https://x.fr/"}
    assert pages.map_entries(pages.map_text(entries)) == entries
    assert pages.map_text(entries).splitlines()[1].startswith("a.fr ")
    assert pages.map_entries("x;\n~^(.*)$ y;\na.fr b.fr;\n") == {"a.fr": "b.fr"}


@pytest.mark.parametrize(
    "moved",
    [
        {},
        {"a": "/b"},
        {"/a b": "/b"},
        {'/a";': "/b"},
        {"/$a": "/b"},
        {"/a": "//evil.example/"},
        {"/a": "/b;"},
        {"/a": "javascript:alert(1)"},
        {"/a": None},
        {"/a": "/b", "/A": "/c"},
        {"/.well-known/acme-challenge/x": "/b"},
    ],
)
def test_moved_pages_that_may_not_stand_in_a_map(moved):
    assert pages.check_paths("x.fr", {"moved": moved})


def test_moved_pages_stand_in_a_map_beside_their_host():
    moved = {"/a": "/b#c", "/index.php?id=12&x=%C3%A9": "https://y.fr/z"}
    assert pages.check_paths("x.fr", {"moved": moved}) is None
    entries = {f"x.fr{path}": target for path, target in moved.items()}
    assert pages.map_entries(pages.map_text(entries)) == entries


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_moved_page_means_something_to_nginx(path, target):
    if pages.check_paths("x.fr", {"moved": {f"/{path}": f"/{target}"}}) is None:
        assert not set(path + target) & set("\"'$;{}\\ \n\r\t")
        assert not f"/{target}".startswith("//")
