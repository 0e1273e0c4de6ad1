# SPDX-License-Identifier: GPL-3.0-or-later
"""Conformity as JSON, for machines and for a whole country.

It is put together from pieces of text, of which most collectivities share many: a third of the
time of a tree given to the library.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring as quoted

from bastide.conformity.criteria import VERSION
from bastide.conformity.evidence import Basis, Found
from bastide.conformity.grade import Mode, Report, Verdicts, basis_of
from bastide.conformity.records import RecordStatus
from bastide.diagnostics import Language
from bastide.report import conformity_words as words
from bastide.report.conformity import Conformity


def as_json(found: Iterable[Conformity], mode: Mode, language: Language) -> Iterator[str]:
    """``{"rpnt", "mode", "collectivities": [{"collectivity", "predicted", "observed", …}]}``.

    `predicted` and `observed` hold ``site``, ``email``, ``best``, ``grades`` and ``criteria``
    (state and basis of each), and ``issues`` with their text and fix; `observed`, ``let_down``
    and ``records`` are there where somebody asked.  A collectivity stands on a line of its own.
    """
    yield f'{{"rpnt":"{VERSION}","mode":"{mode}","collectivities":['
    separator = "\n"
    for one in found:
        yield f"{separator}{_one(one, language)}"
        separator = ",\n"
    yield "\n]}\n"


def _one(one: Conformity, language: Language) -> str:
    text = f'"collectivity":{quoted(one.slug)},"predicted":{_report(one.predicted, language)}'
    if one.observed:
        text += (
            f',"observed":{_report(one.observed, language)}'
            f',"let_down":{_dumped(one.let_down)}'
            f',"records":[{",".join(_record(record, language) for record in one.records)}]'
        )
    return f"{{{text}}}"


def _report(report: Report, language: Language) -> str:
    declared = report.evidence.declared
    return (
        f'{{"site":{quoted(declared.site)},"email":{quoted(declared.email)},'
        f'"file":{quoted(declared.file)},"best":"{report.best}",'
        f"{_states(report.verdicts, report.evidence.basis)},"
        f'"issues":[{",".join(_issue(found, language) for found in report.found)}]}}'
    )


@functools.lru_cache(maxsize=1024)
def _states(verdicts: Verdicts, basis: Basis) -> str:
    criteria = {
        code: {"state": state, "basis": basis_of(code, basis)}
        for code, state in verdicts.criteria.items()
    }
    return f'"grades":{_dumped(dict(verdicts.grades))},"criteria":{_dumped(criteria)}'


@functools.lru_cache(maxsize=1024)
def _issue(found: Found, language: Language) -> str:
    state = "failed" if found.raised else "unknown"
    return (
        f'{{"issue":"{found.issue}","state":"{state}",'
        f'"text":{quoted(words.text_of(found, language))},'
        f'"fix":{quoted(words.fix_of(found, language))}}}'
    )


def _record(record: RecordStatus, language: Language) -> str:
    expected = record.expected
    return _dumped(
        {
            "name": expected.name,
            "type": expected.rtype,
            "status": record.status,
            "expected": list(expected.rdata),
            "found": list(record.found),
            "file": expected.file,
            "line": expected.line,
            "fix": record.fixes(language),
        }
    )


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
