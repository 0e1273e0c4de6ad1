# SPDX-License-Identifier: GPL-3.0-or-later
"""Conformity as text: all about one collectivity, a line for each of many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from bastide.conformity.criteria import BESIDE as BESIDE_CODES
from bastide.conformity.criteria import RPNT, TITLES, level
from bastide.conformity.evidence import Found
from bastide.conformity.grade import GRADES as NAMES
from bastide.conformity.grade import Report
from bastide.conformity.records import WORDS
from bastide.diagnostics import Language, Text
from bastide.report import conformity_words as words
from bastide.report.conformity import Conformity

_WIDTH = max(len(title.fr) for title in TITLES.values())
_COUNT = Text("{count} of {all}: {grade}", "{count} sur {all} : {grade}")


def as_text(found: Iterable[Conformity], language: Language, *, whole: bool) -> Iterator[str]:
    """Pieces of the text; `whole` shows every criterion, else what is not met alone."""
    counts: Counter[str] = Counter()
    for one in found:
        counts[_best(one.shown, language)] += 1
        yield from _all_about(one, language) if whole else _line(one, language)
    if not whole:
        total = sum(counts.values())
        for grade, count in sorted(counts.items()):
            facts = {"count": str(count), "all": str(total), "grade": grade}
            yield _COUNT.format(language, facts) + "\n"


def _all_about(one: Conformity, language: Language) -> Iterator[str]:
    report = one.shown
    declared = report.evidence.declared
    observed = one.observed is not None
    yield f"{one.slug}  ({words.title(report.mode, observed=observed, language=language)})\n"
    for word, value, line in (
        (words.SITE, declared.site, declared.site_line),
        (words.EMAIL, declared.email, declared.email_line),
    ):
        yield f"  {word.format(language, {}):<9}{value or '-'}  [{declared.file}:{line}]\n"
    yield f"  {words.GRADES.format(language, {}):<9}{_grades(report, language)}\n\n"
    told: set[Found] = set()
    for code in RPNT:
        yield from _criterion(report, code, told, language)
    yield f"\n  {words.BESIDE.format(language, {})}\n"
    for code in BESIDE_CODES:
        yield from _criterion(report, code, told, language)
    if one.let_down:
        yield f"\n  {_let_down(one, language)}\n"
    yield from _records(one, language)
    yield "\n"


def _criterion(report: Report, code: str, told: set[Found], language: Language) -> Iterator[str]:
    """One line, and what is in the way where it stands for the first time."""
    state = report.verdicts.criteria[code]
    basis = words.BASES[report.basis(code)].format(language, {})
    if state == "unknown":
        basis = words.STATES["unknown"].format(language, {})
    title = TITLES[code].format(language, {})
    yield f"  {words.SIGNS[state]} {code:<8} {level(code):<1} {title:<{_WIDTH}}  {basis}\n"
    for found in report.of(code):
        if found not in told:
            told.add(found)
            yield f"        {words.text_of(found, language)}\n"
            yield f"        → {words.fix_of(found, language)}\n"


def _records(one: Conformity, language: Language) -> Iterator[str]:
    if not one.records:
        return
    counts = Counter(record.status for record in one.records)
    summed = ", ".join(
        f"{count} {WORDS[status].format(language, {})}" for status, count in sorted(counts.items())
    )
    yield f"\n  {words.RECORDS.format(language, {'counts': summed})}\n"
    for record in one.records:
        if record.status == "correct":
            continue
        expected = record.expected
        word = WORDS[record.status].format(language, {})
        place = f"  [{expected.file}:{expected.line}]" if expected.file else ""
        yield f"  {expected.name} {expected.rtype}: {word}{place}\n"
        for line in record.fixes(language):
            yield f"        → {line}\n"


def _line(one: Conformity, language: Language) -> Iterator[str]:
    """Who has the best grade has nothing to read."""
    report = one.shown
    if report.best == "aa" and not one.let_down:
        return
    yield f"{one.slug}: {_grades(report, language)}\n"
    told: set[Found] = set()
    for code in RPNT:
        for found in report.of(code):
            if found not in told:
                told.add(found)
                codes = " ".join(c for c in RPNT if found in report.of(c))
                sign = "✗" if found.raised else "?"
                yield f"  {sign} {codes}: {words.text_of(found, language)}\n"
    if one.let_down:
        yield f"  {_let_down(one, language)}\n"


def _let_down(one: Conformity, language: Language) -> str:
    return words.LETS_DOWN.format(language, {"codes": " ".join(one.let_down)})


def _grades(report: Report, language: Language) -> str:
    grades = report.verdicts.grades
    met = [name for name in NAMES if grades[name] == "met"]
    unknown = [name for name in NAMES if grades[name] == "unknown"]
    text = " ".join(met) or words.NONE.format(language, {})
    if unknown:
        text += f"  ({words.MAY_BE.format(language, {})} {' '.join(unknown)})"
    return text


def _best(report: Report, language: Language) -> str:
    return report.best or words.NONE.format(language, {})
