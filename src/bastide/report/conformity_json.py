# SPDX-License-Identifier: GPL-3.0-or-later
"""Conformity as JSON, for machines and for a whole country."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from typing import Any

from bastide.conformity.criteria import VERSION
from bastide.conformity.evidence import Found
from bastide.conformity.grade import Basis, Mode, Report, State
from bastide.conformity.records import RecordStatus
from bastide.diagnostics import Language
from bastide.report import conformity_words as words
from bastide.report.conformity import Conformity


def as_json(found: Iterable[Conformity], mode: Mode, language: Language) -> str:
    """``{"rpnt", "mode", "collectivities": [{"collectivity", "predicted", "observed", …}]}``.

    `predicted` and `observed` hold ``site``, ``email``, ``best``, ``grades`` and ``criteria``
    (state and basis of each), and ``issues`` with their text and fix; `observed` and ``records``
    are there where somebody asked.
    """
    collectivities = [_one(one, language) for one in found]
    whole = {"rpnt": VERSION, "mode": mode, "collectivities": collectivities}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n"


def _one(one: Conformity, language: Language) -> dict[str, Any]:
    data: dict[str, Any] = {
        "collectivity": one.slug,
        "predicted": _report(one.predicted, language),
    }
    if one.observed:
        data["observed"] = _report(one.observed, language)
        data["let_down"] = one.let_down
        data["records"] = [_record(record, language) for record in one.records]
    return data


def _report(report: Report, language: Language) -> dict[str, Any]:
    declared = report.evidence.declared
    return {
        "site": declared.site,
        "email": declared.email,
        "file": declared.file,
        "best": report.best,
        "grades": dict(report.verdicts.grades),
        "criteria": {
            code: _criterion(state, report.basis(code))
            for code, state in report.verdicts.criteria.items()
        },
        "issues": [_issue(found, language) for found in report.found],
    }


@functools.cache
def _criterion(state: State, basis: Basis) -> dict[str, str]:
    return {"state": state, "basis": basis}


@functools.lru_cache(maxsize=8192)
def _issue(found: Found, language: Language) -> dict[str, Any]:
    return {
        "issue": found.issue,
        "state": "failed" if found.raised else "unknown",
        "text": words.text_of(found, language),
        "fix": words.fix_of(found, language),
    }


def _record(record: RecordStatus, language: Language) -> dict[str, Any]:
    expected = record.expected
    return {
        "name": expected.name,
        "type": expected.rtype,
        "status": record.status,
        "expected": list(expected.rdata),
        "found": list(record.found),
        "file": expected.file,
        "line": expected.line,
        "fix": record.fixes(language),
    }
