# SPDX-License-Identifier: GPL-3.0-or-later
"""Conformity as Markdown, for a merge request or a report to elected officials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bastide.conformity.criteria import TITLES, level
from bastide.conformity.grade import Mode
from bastide.conformity.records import WORDS
from bastide.diagnostics import Language, Text
from bastide.report import conformity_words as words
from bastide.report.conformity import Conformity

_HEAD = Text("| | criterion | | state | to do |", "| | critère | | état | à faire |")
_TABLE = Text("| collectivity | grade | not met |", "| collectivité | niveau | non satisfait |")


def as_markdown(
    found: Iterable[Conformity], mode: Mode, language: Language, *, whole: bool
) -> Iterator[str]:
    """Pieces of the text; `whole` gives each collectivity a table of its own."""
    if whole:
        for one in found:
            yield from _all_about(one, language)
        return
    first = True
    for one in found:
        if first:
            observed = one.observed is not None
            yield f"### {words.title(mode, observed=observed, language=language)}\n\n"
            yield f"{_TABLE.format(language, {})}\n|---|---|---|\n"
            first = False
        states = one.shown.verdicts.criteria
        lacking = [code for code in states if states[code] != "met" and level(code)]
        best = one.shown.best or words.NONE.format(language, {})
        yield f"| {one.slug} | {best} | {' '.join(lacking)} |\n"


def _all_about(one: Conformity, language: Language) -> Iterator[str]:
    report = one.shown
    title = words.title(report.mode, observed=one.observed is not None, language=language)
    best = report.best or words.NONE.format(language, {})
    yield f"### {one.slug}: {best}\n\n{title}\n\n"
    yield f"{_HEAD.format(language, {})}\n|---|---|---|---|---|\n"
    for code, state in report.verdicts.criteria.items():
        basis = words.BASES[report.basis(code)].format(language, {})
        texts = [
            f"{words.text_of(f, language)} → {words.fix_of(f, language)}" for f in report.of(code)
        ]
        cells = [
            words.SIGNS[state],
            f"{code} {TITLES[code].format(language, {})}",
            level(code),
            f"{words.STATES[state].format(language, {})}, {basis}",
            "<br>".join(texts),
        ]
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"
    wrong = [record for record in one.records if record.status != "correct"]
    for record in wrong:
        word = WORDS[record.status].format(language, {})
        yield f"\n- `{record.expected.name} {record.expected.rtype}`: {word}\n"
        for line in record.fixes(language):
            yield f"  - `{line}`\n"
    yield "\n"
