# SPDX-License-Identifier: GPL-3.0-or-later
"""The English of the desk: every text has it, compiled, with the same places for facts."""

import ast
import gettext
import importlib.util
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.utils.translation import gettext as of_django
from django.utils.translation import override

from guichet.language import own, worded
from guichet.procedures import library, names
from guichet.procedures.words import Foreign

ROOT = Path(__file__).resolve().parents[3]
DESK = ROOT / "src" / "guichet"
_PLACES = re.compile(r"%\([a-z]+\)[a-z]|\{[a-z:]+\}|<[a-z/][^>]*>")


def tool():
    spec = importlib.util.spec_from_file_location("catalogue", ROOT / "tools/desk_catalogue.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def catalogue():
    return tool()


@pytest.fixture(scope="module")
def messages(catalogue):
    return [one for one in catalogue.read() if one.id]


def pairs(message):
    if isinstance(message.id, tuple):
        return zip(message.id, message.string, strict=True)
    return [(message.id, message.string)]


def test_every_text_has_its_english_and_no_english_is_left_over(catalogue):
    """After a change: python tools/desk_catalogue.py, the English into django.po, and again."""
    assert catalogue.lacking(catalogue.read()) == []


def test_what_is_compiled_is_the_catalogue(catalogue, messages):
    content = catalogue.MO.read_bytes()
    kept = gettext.GNUTranslations(io.BytesIO(content))
    for message in messages:
        if isinstance(message.id, tuple):
            assert tuple(kept.ngettext(*message.id, number) for number in (1, 2)) == message.string
        else:
            assert kept.gettext(message.id) == message.string
    # The number of texts, the header among them (GNU gettext manual, "The Format of GNU MO Files").
    assert int.from_bytes(content[8:12], "little") == len(messages) + 1


def test_both_languages_have_the_same_places_for_facts_and_the_same_tags(messages):
    for message in messages:
        for french, english in pairs(message):
            assert sorted(_PLACES.findall(french)) == sorted(_PLACES.findall(english)), french


def test_english_has_no_french_punctuation(messages):
    """A space before a colon, guillemets, spaces that do not break."""
    odd = re.compile(r"[^\s] [:;?!](\s|$)|[«»\u00a0\u202f]")
    found = [text for one in messages for _, text in pairs(one) if odd.search(text)]
    assert found == []


def test_french_stays_as_it_is_written(messages):
    """None of ours is an English text of Django's own, which it would put into its French."""
    with override("fr"):
        for message in messages:
            for french, _ in pairs(message):
                assert of_django(french) == french


@pytest.mark.parametrize("name", names())
def test_a_procedure_of_the_library_is_whole_in_english(name):
    def foreign(value):
        if isinstance(value, dict):
            return [one for below in value.values() for one in foreign(below)]
        if isinstance(value, list):
            return [one for below in value for one in foreign(below)]
        return [value] if isinstance(value, Foreign) else []

    french = library(name)
    with override("en"):
        english = worded(french)
    assert foreign(english) == []
    assert english["title"] != french["title"]
    # What programs read is untouched.
    assert english["retention_months"] == french["retention_months"]
    assert [one["fields"][0]["id"] for one in english["steps"]] == [
        one["fields"][0]["id"] for one in french["steps"]
    ]
    with override("fr"):
        assert worded(french) is french


def test_what_a_collectivity_wrote_stays_french_and_says_so():
    with override("en"):
        assert own("Fête de la truffe") == "Fête de la truffe"
        assert isinstance(own("Fête de la truffe"), Foreign)
        assert own("État civil") == "Civil registry"
        assert own("") == ""
    with override("fr"):
        assert not isinstance(own("Fête de la truffe"), Foreign)


# The same in both.
NAMES = {"SIREN", "PDF"}


class Shown(HTMLParser):
    """What of a template's own text people would see."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_data(self, data):
        self.found += re.findall(r"[^\W\d_]{2,}", data)

    def handle_starttag(self, tag, attrs):  # noqa: ARG002
        for name, value in attrs:
            if name in ("alt", "title", "aria-label", "placeholder"):
                self.handle_data(value or "")


def templates():
    folder = DESK / "templates" / "guichet"
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*.html"))


@pytest.mark.parametrize("name", templates())
def test_a_template_has_no_text_outside_of_the_catalogue(name):
    text = (DESK / "templates" / "guichet" / name).read_text("utf-8")
    text = re.sub(r"\{% blocktranslate.*?endblocktranslate %\}", "", text, flags=re.DOTALL)
    # Attributes of the body.
    text = re.sub(r"\{% block body %\}.*?\{% endblock %\}", "", text)
    reader = Shown()
    reader.feed(re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text))
    assert set(reader.found) <= NAMES


# Read by operators (both languages stand there), or by nobody; and what is French on purpose.
NOT_PAGES = (
    *("procedures/check.py", "procedures/conditions.py", "procedures/storable.py"),
    *("convergence/", "management/"),
)
FRENCH_ON_PURPOSE = {
    *("requests/mails.py", "requests/wording.py", "settings.py"),
    "guide/tell.py",  # a mail of the night to managers, whom no page told the language of
}


def code():
    found = sorted(str(file.relative_to(DESK)) for file in DESK.rglob("*.py"))
    return [one for one in found if not one.startswith(NOT_PAGES)]


@pytest.mark.parametrize("name", sorted(set(code()) - FRENCH_ON_PURPOSE))
def test_code_has_no_french_outside_of_the_catalogue(name):
    """A text with a French letter stands in a call that takes it into the catalogue."""
    tree = ast.parse((DESK / name).read_text("utf-8"))
    taken = {"_", "gettext", "ngettext", "say", "mark", "count"}
    known = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in taken:
                known |= {id(one) for arg in node.args for one in ast.walk(arg)}
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            known.add(id(first.value))  # a docstring
    found = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in known
        and re.search("[a-z][àâçéèêëîïôûùœ’]|[ÀÇÉÈÊ][a-z]|[«»]", node.value)
    ]
    assert found == []
