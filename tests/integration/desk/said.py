# SPDX-License-Identifier: GPL-3.0-or-later
"""What pages say, each text with its language; whether a page is English."""

import re
from html.parser import HTMLParser

from babel.messages.pofile import read_po

from integration.desk.towns import ROOT

PO = ROOT / "src/guichet/locale/en/LC_MESSAGES/django.po"
VOID = {"meta", "link", "input", "img", "br", "hr"}
ACCENTS = re.compile(r"[àâçéèêëîïôûùœÀÇÉÈ«»]")


class Said(HTMLParser):
    """What a page says to people, each text with its language; `lang` is the page's."""

    def __init__(self, text):
        super().__init__()
        self.langs, self.texts, self.lang = [], [], None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        here = facts.get("lang", self.langs[-1] if self.langs else None)
        self.lang = self.lang or here
        for name in ("aria-label", "alt", "title", "placeholder"):
            self._take(facts.get(name), here)
        if tag not in VOID:
            # A title has one language, even where it names something of the town.
            self.langs.append("" if tag == "title" and here == "en" else here)

    def handle_endtag(self, tag):
        if tag not in VOID:
            self.langs.pop()

    def handle_data(self, data):
        self._take(data, self.langs[-1] if self.langs else None)

    def _take(self, text, lang):
        if text and (found := " ".join(text.split())):
            self.texts.append((found, lang))


def judge_of_english():
    """judge(page) asserts that a page has no French but what is marked so; its texts."""
    french, known = [], set()
    with PO.open("rb") as file:
        for one in read_po(file, locale="en"):
            ids, strings = ([x] if isinstance(x, str) else x for x in (one.id, one.string))
            known |= {" ".join(re.sub("<.*?>", "", text).split()) for text in strings if one.id}
            french += [text for text in ids if text and text not in strings]
    # Without those that are all facts and marks.
    place = r"%\([a-z]+\)[sd]"
    french = [one for one in french if re.search(r"[^\W\d_]{2}", re.sub(place, "", one))]
    parts = [".+?".join(map(re.escape, re.split(place, one))) for one in french]
    pattern = re.compile("|".join(parts))

    def judge(answer, status=200):
        assert answer.status_code == status, answer.status_code
        said = Said(answer.text)
        assert (answer.headers["Content-Language"], said.lang) == ("en", "en")
        ours = [text for text, lang in said.texts if lang != "fr"]
        names = [text for text, lang in said.texts if lang == ""]
        # "Agent" and the like are words of both.
        left = [text for text in ours if pattern.fullmatch(text) and text not in known]
        left += [one for one in ours if ACCENTS.search(one) and one not in (*known, *names)]
        assert left == [], left
        return said

    return judge
