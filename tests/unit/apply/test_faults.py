# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures of hosts are told at the line that waits for them, by a code of their own if any."""

from types import SimpleNamespace

import pytest

from bastide.apply.faults import faults_of
from bastide.desired import Origin
from bastide.targets.ansible import HostAnswer

PLACE = "collectivities/46/cahors.yml"
PLANNER = SimpleNamespace(origin=lambda *_: ("46/cahors", Origin(PLACE, 14, "certificate")))
PLAN = SimpleNamespace(changes=[], environment="lab")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("proofs-key", "A641"),
        ("proofs-silent", "A642"),
        ("proofs-refused", "A643"),
        ("proofs-late", "A644"),
        ("of a module to come", "A523"),
        (None, "A523"),
    ],
)
def test_why_no_name_could_be_proved_by_dns_is_told_by_its_code_line_and_way_out(kind, code):
    failure = {"address": "certificate:cahors.fr", "siren": "214600421", "error": "ns2 is late\nx"}
    result = {"failed_changes": [{**failure, "kind": kind} if kind else failure]}
    [fault] = faults_of(PLANNER, PLAN, [HostAnswer("web", "tls", "ok", result=result)])
    assert (fault.code, fault.file, fault.line) == (code, PLACE, 14)
    for language in ("en", "fr"):
        assert "certificate:cahors.fr" in fault.message(language)
        assert fault.message(language).endswith("ns2 is late")
        assert "{" not in fault.hint(language)
