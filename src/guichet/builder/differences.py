# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between two definitions, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from guichet.builder.composing import in_words
from guichet.builder.names import KEYS, KINDS, MAILS
from guichet.procedures.words import say

Data = Mapping[str, Any]
_LONGEST = 80


def differences(old: Data, new: Data) -> list[str]:
    """One sentence for each difference; none for equal definitions."""
    return [*_facts(old, new), *_steps(old, new), *_fields(old, new), *_mails(old, new)]


def _facts(old: Data, new: Data) -> Iterator[str]:
    for key in sorted((old.keys() | new.keys()) - {"steps", "mails"}, key=list(KEYS).index):
        yield from _one(say(KEYS[key]), old.get(key), new.get(key))


def _one(name: str, before: Any, after: Any) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, str) and isinstance(after, str):
        if max(len(before), len(after)) <= _LONGEST and "\n" not in before + after:
            told = {"name": name, "before": before, "after": after}
            yield say("%(name)s : « %(before)s » devient « %(after)s ».", **told)
        else:
            yield say("%(name)s : texte modifié.", name=name)
    elif isinstance(before, (bool, type(None))) and isinstance(after, (bool, type(None))):
        yield say("%(name)s : oui.", name=name) if after else say("%(name)s : non.", name=name)
    elif before is None:
        yield say("%(name)s : ajouté%(value)s.", name=name, value=_said(after))
    elif after is None:
        yield say("%(name)s : retiré.", name=name)
    else:
        yield say("%(name)s : modifié%(value)s.", name=name, value=_said(after))


def _said(value: Any) -> str:
    if isinstance(value, (str, int, float)) and len(str(value)) <= _LONGEST:
        return say(" (« %(value)s »)", value=value)
    return ""


def _steps(old: Data, new: Data) -> Iterator[str]:
    before = [step["title"] for step in old.get("steps", ())]
    after = [step["title"] for step in new.get("steps", ())]
    for title in after:
        if title not in before:
            yield say("Étape « %(title)s » : nouvelle.", title=title)
    for title in before:
        if title not in after:
            yield say("Étape « %(title)s » : retirée ou renommée.", title=title)
    both = [title for title in before if title in after]
    if both != [title for title in after if title in before]:
        yield say("L’ordre des étapes change.")
    there = {step["title"]: step for step in old.get("steps", ())}
    for step in new.get("steps", ()):
        former = there.get(step["title"])
        if former is None:
            continue
        name = say("Étape « %(title)s »", title=step["title"])
        aid = say("%(name)s, aide", name=name)
        yield from _one(aid, former.get("help"), step.get("help"))
        yield from _condition(name, former, step, new)


def _condition(name: str, former: Data, now: Data, new: Data) -> Iterator[str]:
    if former.get("when") == now.get("when"):
        return
    if "when" not in now:
        yield say("%(name)s, condition : retirée (toujours demandé).", name=name)
    else:
        words = in_words(now["when"], new)
        yield say("%(name)s, condition : %(words)s.", name=name, words=words)


def _located(data: Data) -> dict[str, tuple[str, Data]]:
    return {
        one["id"]: (step["title"], one) for step in data.get("steps", ()) for one in step["fields"]
    }


def _fields(old: Data, new: Data) -> Iterator[str]:
    before, after = _located(old), _located(new)
    for key, (title, one) in after.items():
        name = say("Question « %(label)s »", label=one["label"])
        kind = say(KINDS[one["type"]])
        if key not in before:
            told = {"name": name, "title": title, "kind": kind}
            yield say("%(name)s : nouvelle, dans l’étape « %(title)s » (%(kind)s).", **told)
            continue
        there, former = before[key]
        if there != title:
            told = {"name": name, "before": there, "after": title}
            yield say(
                "%(name)s : déplacée de l’étape « %(before)s » à l’étape « %(after)s ».", **told
            )
        if former["type"] != one["type"]:
            told = {"name": name, "before": say(KINDS[former["type"]]), "after": kind}
            yield say("%(name)s : type %(before)s, devient %(after)s.", **told)
        for option in sorted((former.keys() | one.keys()) - {"id", "type", "when"}):
            label = say(KEYS[option]).lower()
            yield from _one(f"{name}, {label}", former.get(option), one.get(option))
        yield from _condition(name, former, one, new)
    for key, (_, one) in before.items():
        if key not in after:
            yield say("Question « %(label)s » : retirée.", label=one["label"])
    kept = [key for key in before if key in after]
    moved = [key for key in after if key in before]
    if kept != moved:
        yield say("L’ordre des questions change.")


def _mails(old: Data, new: Data) -> Iterator[str]:
    before, after = old.get("mails", {}), new.get("mails", {})
    for occasion, name in MAILS.items():
        mail = say("Courriel « %(name)s »", name=say(name))
        yield from _one(mail, before.get(occasion), after.get(occasion))
