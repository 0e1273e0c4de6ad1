# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between two definitions, in French."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from guichet.builder.composing import in_words
from guichet.builder.names import KEYS, KINDS, MAILS

Data = Mapping[str, Any]
_LONGEST = 80


def differences(old: Data, new: Data) -> list[str]:
    """One sentence for each difference; none for equal definitions."""
    return [*_facts(old, new), *_steps(old, new), *_fields(old, new), *_mails(old, new)]


def _facts(old: Data, new: Data) -> Iterator[str]:
    for key in sorted((old.keys() | new.keys()) - {"steps", "mails"}, key=list(KEYS).index):
        yield from _one(KEYS[key], old.get(key), new.get(key))


def _one(name: str, before: Any, after: Any) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, str) and isinstance(after, str):
        short = max(len(before), len(after)) <= _LONGEST and "\n" not in before + after
        yield f"{name} : « {before} » devient « {after} »." if short else f"{name} : texte modifié."
    elif isinstance(before, (bool, type(None))) and isinstance(after, (bool, type(None))):
        yield f"{name} : {'oui' if after else 'non'}."
    elif before is None:
        yield f"{name} : ajouté{_said(after)}."
    elif after is None:
        yield f"{name} : retiré."
    else:
        yield f"{name} : modifié{_said(after)}."


def _said(value: Any) -> str:
    if isinstance(value, (str, int, float)) and len(str(value)) <= _LONGEST:
        return f" (« {value} »)"
    return ""


def _steps(old: Data, new: Data) -> Iterator[str]:
    before = [step["title"] for step in old.get("steps", ())]
    after = [step["title"] for step in new.get("steps", ())]
    for title in after:
        if title not in before:
            yield f"Étape « {title} » : nouvelle."
    for title in before:
        if title not in after:
            yield f"Étape « {title} » : retirée ou renommée."
    both = [title for title in before if title in after]
    if both != [title for title in after if title in before]:
        yield "L’ordre des étapes change."
    there = {step["title"]: step for step in old.get("steps", ())}
    for step in new.get("steps", ()):
        former = there.get(step["title"])
        if former is None:
            continue
        name = f"Étape « {step['title']} », "
        yield from _one(f"{name}aide", former.get("help"), step.get("help"))
        yield from _condition(name, former, step, old, new)


def _condition(name: str, former: Data, now: Data, old: Data, new: Data) -> Iterator[str]:
    if former.get("when") == now.get("when"):
        return
    if "when" not in now:
        yield f"{name}condition : retirée (toujours demandé)."
    else:
        yield f"{name}condition : {in_words(now['when'], new)}."
    del old


def _located(data: Data) -> dict[str, tuple[str, Data]]:
    return {
        one["id"]: (step["title"], one) for step in data.get("steps", ()) for one in step["fields"]
    }


def _fields(old: Data, new: Data) -> Iterator[str]:
    before, after = _located(old), _located(new)
    for key, (title, one) in after.items():
        name = f"Question « {one['label']} »"
        if key not in before:
            yield f"{name} : nouvelle, dans l’étape « {title} » ({KINDS[one['type']]})."
            continue
        there, former = before[key]
        if there != title:
            yield f"{name} : déplacée de l’étape « {there} » à l’étape « {title} »."
        if former["type"] != one["type"]:
            yield f"{name} : type {KINDS[former['type']]}, devient {KINDS[one['type']]}."
        for option in sorted((former.keys() | one.keys()) - {"id", "type", "when"}):
            label = KEYS[option].lower()
            yield from _one(f"{name}, {label}", former.get(option), one.get(option))
        yield from _condition(f"{name}, ", former, one, old, new)
    for key, (_, one) in before.items():
        if key not in after:
            yield f"Question « {one['label']} » : retirée."
    kept = [key for key in before if key in after]
    moved = [key for key in after if key in before]
    if kept != moved:
        yield "L’ordre des questions change."


def _mails(old: Data, new: Data) -> Iterator[str]:
    before, after = old.get("mails", {}), new.get("mails", {})
    for occasion, name in MAILS.items():
        yield from _one(f"Courriel « {name} »", before.get(occasion), after.get(occasion))
