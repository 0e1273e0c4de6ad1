# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone that a collectivity takes along is one, with what only the mail hosts know."""

from __future__ import annotations

import shutil
from pathlib import Path

import dns.zone
import pytest

from bastide.fleet import Fleet, Repository
from bastide.report import transfer_out

ROOT = Path(__file__).parents[3]
LONG = "v=DKIM1; k=rsa; p=" + "A" * 392


@pytest.fixture
def fleet(tmp_path):
    for name in ("schemas", "inventory"):
        shutil.copytree(ROOT / name, tmp_path / name)
    charters = tmp_path / "collectivities" / "46"
    charters.mkdir(parents=True)
    for name in ("cahors", "cdg46", "ca-grand-cahors"):
        shutil.copy(ROOT / "collectivities" / "46" / f"{name}.yml", charters)
    fleet = Fleet(Repository.find(tmp_path))
    assert fleet.sound, fleet.diagnostics
    return fleet


def test_a_key_that_no_mail_host_has_told_is_a_comment(fleet):
    text = transfer_out.zone_text(fleet, "46/cahors", "cahors.fr")
    zone = dns.zone.from_text(text, "cahors.fr.")
    assert str(zone.find_rdataset("plan", "A")[0]) == "192.0.2.7"
    pending = [line for line in text.splitlines() if line.startswith(";")]
    assert pending
    assert all("_domainkey" in line for line in pending)


def test_a_long_key_is_cut_into_strings_that_dns_carries(fleet, monkeypatch):
    monkeypatch.setattr(transfer_out, "known_values", lambda _r: _Told())
    text = transfer_out.zone_text(fleet, "46/cahors", "cahors.fr")
    zone = dns.zone.from_text(text, "cahors.fr.")
    keys = [
        b"".join(rdata.strings).decode()
        for name, _, rdata in zone.iterate_rdatas("TXT")
        if "_domainkey" in str(name)
    ]
    assert LONG in keys


class _Told(dict):
    def get(self, _name):
        return LONG


def test_a_name_without_a_zone_here_says_so(fleet):
    assert transfer_out.zone_text(fleet, "46/cahors", "figeac.fr").startswith("; figeac.fr")
