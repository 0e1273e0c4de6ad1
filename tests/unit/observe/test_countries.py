# SPDX-License-Identifier: GPL-3.0-or-later
"""Where mail servers stand comes from the operator's database, and from nowhere else."""

import sys

import pytest
from mmdb_writer import write_mmdb

from bastide.conformity.evidence import Declared, Evidence, MailDns, MxHost, Why
from bastide.conformity.grade import grade
from bastide.conformity.serving import Serving
from bastide.diagnostics import InvalidInput, RunFailed
from bastide.observe.countries import Countries
from bastide.observe.observer import Observer
from bastide.observe.resolver import Resolver

DECLARED = Declared("mairie@cahors.fr", "https://www.cahors.fr", "own", "own", "c.yml", 1, 1)
SERVING = Serving(True, False, False, "none", frozenset(), (), "", "", (), None)  # noqa: FBT003


@pytest.fixture
def database(tmp_path):
    return write_mmdb(tmp_path / "x.mmdb", {"192.0.2.0/24": "FR", "198.51.100.0/25": "US"})


@pytest.fixture
def countries(database):
    found = Countries(database)
    yield found
    found.close()


def test_countries_of_addresses(countries):
    assert countries.of(("192.0.2.25", "198.51.100.1")) == ("FR", "US")
    assert countries.of(("203.0.113.1",)) == ()


@pytest.mark.parametrize(
    ("address", "state"),
    [("192.0.2.25", "met"), ("198.51.100.1", "failed"), ("203.0.113.1", "met")],
)
def test_criterion_2_8_with_a_database(countries, address, state):
    # An address in no country is passed over by the checker, and known to nobody in strict mode.
    mail = MailDns("cahors.fr", (MxHost(10, "mx.example.org", (address,), None),), ("v=spf1 -all",))
    evidence = Evidence(DECLARED, Why("WEB_ELSEWHERE", "x"), mail, ())
    assert grade(evidence, "anct").verdicts.criteria["2.8"] == "unknown"
    seen = Observer(Resolver([]), SERVING, countries=countries).with_countries(evidence)
    assert grade(seen, "anct").verdicts.criteria["2.8"] == state
    strict = "unknown" if address.startswith("203") else state
    assert grade(seen, "strict").verdicts.criteria["2.8"] == strict


@pytest.mark.parametrize("content", [b"", b"no database", b"\xab\xcd\xefMaxMind.com"])
def test_a_file_that_is_no_database_is_told(tmp_path, content):
    (tmp_path / "x.mmdb").write_bytes(content)
    with pytest.raises(InvalidInput) as failure:
        Countries(tmp_path / "x.mmdb")
    assert [d.code for d in failure.value.diagnostics] == ["V581"]
    with pytest.raises(InvalidInput):
        Countries(tmp_path / "absent.mmdb")


def test_without_the_library_the_way_to_it_is_told(database, monkeypatch):
    monkeypatch.setitem(sys.modules, "maxminddb", None)
    with pytest.raises(RunFailed) as failure:
        Countries(database)
    assert [d.code for d in failure.value.diagnostics] == ["V580"]
