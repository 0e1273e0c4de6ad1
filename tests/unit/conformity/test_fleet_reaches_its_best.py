# SPDX-License-Identifier: GPL-3.0-or-later
"""Each of the 322 collectivities reaches the best grade that its declaration allows.

Whoever lacks a criterion is named here with what keeps it from `aa`; the same charter with that
one declaration changed reaches `aa`, so that nothing Bastide does stands in the way.  The names
of the web hosts have certificates of their own here, as they get them by ACME.
"""

from pathlib import Path

import pytest

from bastide.conformity.criteria import RPNT
from bastide.conformity.generic import Generic
from bastide.conformity.grade import grade
from bastide.conformity.predict import predict_compiled
from bastide.conformity.serving import serving_of
from bastide.desired.compiler import Compiler
from bastide.documents import read_bytes
from bastide.fleet import Repository
from bastide.fleet.workshop import Workshop
from bastide.model import build_collectivity

ROOT = Path(__file__).parents[3]
FLEET = ROOT / "collectivities/46"
PLATFORM = Workshop.open(Repository(ROOT)).platform
SERVING = serving_of(PLATFORM)._replace(https=True)
COMPILER = Compiler(PLATFORM)

# Name → issues, and what in the declaration, written otherwise, would lead to `aa`.
KEPT_FROM_AA = {
    # The council has not chosen a name of its own: site and mail are on the operator's.
    "labastide-du-haut-mont": (
        {"WEBSITE_DOMAIN_GENERIC", "EMAIL_DOMAIN_GENERIC", "EMAIL_DOMAIN_EXTENSION"},
        [
            ("labastide-du-haut-mont.info46.com", "labastide-du-haut-mont.fr"),
            ("@info46.com", "@labastide-du-haut-mont.fr"),
            ("mode: shared", "mode: managed"),
        ],
    ),
    # Until the name is transferred, its DNS is another's, and what it says is not known.
    "souillac": ({"DNS_MOVING", "WEB_MOVING"}, [("mode: transfer", "mode: managed")]),
}


def report(text, mode):
    document, found = read_bytes(text.encode(), "charter.yml")
    assert found == []
    collectivity = build_collectivity("46/x", "charter.yml", document.data, document.line)
    compiled = COMPILER.compile(collectivity, "La Ville")
    evidence = predict_compiled(collectivity, compiled, PLATFORM, SERVING)
    return grade(evidence, mode, Generic(PLATFORM.shared_domains))


def obstacles(found):
    """Issues that block a criterion of the RPNT."""
    return {one.issue for code in RPNT for one in found.of(code)}


@pytest.mark.parametrize("mode", ["anct", "strict"])
@pytest.mark.parametrize("path", sorted(FLEET.glob("*.yml")), ids=lambda path: path.stem)
def test_only_the_declaration_keeps_it_from_aa(path, mode):
    text = path.read_text("utf-8")
    found = report(text, mode)
    expected, otherwise = KEPT_FROM_AA.get(path.stem, (set(), []))
    assert obstacles(found) == expected
    assert (found.best == "aa") is (not expected)
    for written, better in otherwise:
        assert written in text
        text = text.replace(written, better)
    assert report(text, mode).best == "aa"


def test_the_whole_fleet_was_looked_at():
    assert len(list(FLEET.glob("*.yml"))) == 322
