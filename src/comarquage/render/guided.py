# SPDX-License-Identifier: GPL-3.0-or-later
"""Guided searches as plain links: questionnaires within a sheet, and trees of situations.

A choice of a questionnaire is a link to the same page with the answers so far (`?r=T1,-T2`).
A tree of situations (`Problematiques`) is one small page for each branch (`?c=1.2`), made here
once, and the whole tree as a nested list for those who would rather see it all.
"""

from __future__ import annotations

from dataclasses import dataclass

from comarquage.render.blocks import heading
from comarquage.render.conditions import assignments
from comarquage.render.links import parted, within
from comarquage.render.sheet import Element, Sheet
from comarquage.render.table import BLOCK, but, inline_text, title_of, unknown

_STRUCTURE = frozenset(
    {"Titre", "TitreChoix", "SiSelectionne", "Branche", "Problematique", "Condition", "Accueil"}
)


def questionnaire(sheet: Sheet, element: Element) -> None:
    """`Questionnaire`: each question with its choices; an answer adapts the page."""
    level = sheet.level
    sheet.conditions += 1
    sheet.out.append('<section class="questionnaire" id="questions">')
    sheet.out.append(
        heading(sheet, title_of(sheet, element) or "Adapter la page à votre situation")
    )
    sheet.level = level + 1
    branches = [child for child in element if child.tag == "Branche"]
    for child in element:
        if child.tag == "Question":
            _question(sheet, child)
        elif child.tag not in {"Branche", "Titre"}:
            BLOCK.get(child.tag, unknown)(sheet, child)
    if branches:
        _tree(sheet, element, branches)
    sheet.level = level
    sheet.out.append("</section>")


def _question(sheet: Sheet, element: Element) -> None:
    sheet.out.append('<div class="question">')
    sheet.out.append(heading(sheet, title_of(sheet, element) or "Votre situation"))
    for child in element:
        if child.tag not in {"Titre", "Choix"}:
            BLOCK.get(child.tag, unknown)(sheet, child)
    sheet.out.append("<ul>")
    for choice in element.findall("Choix"):
        _choice(sheet, choice)
    sheet.out.append("</ul></div>")


def _choice(sheet: Sheet, element: Element) -> None:
    answer = ",".join(assignments(element.find("SiSelectionne")))
    chosen = title_of(sheet, element, "IntituleSiSelectionne")
    label = title_of(sheet, element)
    if not label:
        label, chosen = chosen or "Ce choix", ""
    sheet.out.append("<li>")
    if answer:
        url = f"guide:/{sheet.audience}/{sheet.id}?r={answer}#questions"
        label, inner = parted(label)
        sheet.out.append(f'<!--choice {answer}--><a href="{url}" rel="nofollow">{label}</a>')
        # The source has a wording of its own for what was chosen; `answered` puts it in place.
        sheet.out.append(f"<span hidden> {chosen}</span><!--chosen-->{inner}")
    else:
        sheet.out.append(f"{label} {chosen}")
    but(sheet, element, "Titre", "IntituleSiSelectionne", "SiSelectionne")
    sheet.out.append("</li>")


def problems(sheet: Sheet, element: Element) -> None:
    """`Problematiques`: the first step in the page, further ones in `sheet.steps`."""
    sheet.out.append('<section class="guided">')
    level = sheet.level
    _tree(sheet, element, element.findall("Problematique"))
    sheet.level = level
    sheet.out.append("</section>")


@dataclass(frozen=True)
class _Step:
    """Where one is in a tree: numbers of the branches, their titles, what they have set."""

    numbers: tuple[int, ...] = ()
    titles: tuple[str, ...] = ()
    state: tuple[str, ...] = ()


def _tree(sheet: Sheet, root: Element, branches: list[Element]) -> None:
    welcome = root.find("Accueil")
    if welcome is not None:
        but(sheet, welcome)
    steps = not sheet.steps
    if steps:  # a page has the steps of one tree, any other is shown as a whole only
        sheet.out.append("<!--slot:step:-->")
        level = sheet.level
        _steps(sheet, root, branches, _Step())
        sheet.level = level
    sheet.out.append(
        '<details class="whole"><summary>Toutes les situations et leurs réponses</summary>'
    )
    sheet.out.append(sheet.captured(lambda s, _: _branches(s, branches, steps=steps), root))
    sheet.out.append("</details>")


def _title(sheet: Sheet, branch: Element) -> str:
    """The title of a branch, which need not have one."""
    return title_of(sheet, branch) or title_of(sheet, branch, "TitreChoix") or "Cette situation"


def _branches(sheet: Sheet, branches: list[Element], *, steps: bool) -> None:
    sheet.out.append("<ul>")
    for branch in branches:
        sheet.out.append(f"<li>{_title(sheet, branch)}")
        if not steps:
            sheet.out.append(f" {title_of(sheet, branch, 'TitreChoix')}")
        for child in branch:
            if child.tag not in _STRUCTURE:
                BLOCK.get(child.tag, unknown)(sheet, child)
        below = [child for child in branch if child.tag == "Branche"]
        if below:
            _branches(sheet, below, steps=steps)
        sheet.out.append("</li>")
    sheet.out.append("</ul>")


def _steps(sheet: Sheet, element: Element, branches: list[Element], step: _Step) -> None:
    sheet.steps[".".join(map(str, step.numbers))] = sheet.captured(
        lambda s, e: _step(s, e, branches, step), element
    )
    sets = [assignments(branch.find("SiSelectionne")) for branch in branches]
    for number, branch in enumerate(branches, 1):
        own = sets[number - 1]
        # What the other branches would set is not the case: a sheet that is reached by this one
        # may leave it out.
        others = [f"-{name}" for other in sets for name in other if not name.startswith("-")]
        state = _joined(step.state, tuple(name for name in others if name[1:] not in own), own)
        title = title_of(sheet, branch, "TitreChoix") or _title(sheet, branch)
        below = [child for child in branch if child.tag == "Branche"]
        _steps(
            sheet,
            branch,
            below,
            _Step((*step.numbers, number), (*step.titles, title), state),
        )


def _joined(before: tuple[str, ...], others: tuple[str, ...], own: list[str]) -> tuple[str, ...]:
    """Answers so far with later ones in the place of earlier ones of the same variable."""
    state: dict[str, str] = {}
    for name in before:
        state[name.lstrip("-")] = name
    for name in others:
        state.setdefault(name.lstrip("-"), name)
    for name in own:
        state[name.lstrip("-")] = name
    return tuple(state.values())


def _step(sheet: Sheet, element: Element, branches: list[Element], step: _Step) -> None:
    here = f"guide:/{sheet.audience}/{sheet.id}"
    out = sheet.out
    out.append('<div class="step" id="recherche">')
    if step.numbers:
        out.append('<ol class="path">')
        for depth, title in enumerate(step.titles):
            back = ".".join(map(str, step.numbers[:depth]))
            link = f"{here}?c={back}#recherche" if back else f"{here}#recherche"
            out.append(
                f'<li>{title} <a href="{link}" rel="nofollow">Modifier'
                f'<span class="sr"> : {parted(title)[0]}</span></a></li>'
            )
        out.append("</ol>")
    out.append(heading(sheet, "Choisissez votre situation" if branches else "Votre réponse"))
    if step.numbers:
        answers = ",".join(step.state)
        for child in element:
            if child.tag not in _STRUCTURE:
                _result(sheet, child, answers)
    if branches:
        out.append("<ul>")
        for number, branch in enumerate(branches, 1):
            way = ".".join(map(str, (*step.numbers, number)))
            label, inner = parted(_title(sheet, branch))
            out.append(
                f'<li><a href="{here}?c={way}#recherche" rel="nofollow">{label}</a>{inner}</li>'
            )
        out.append("</ul>")
    out.append("</div>")


def _result(sheet: Sheet, element: Element, answers: str) -> None:
    """What a branch leads to; a link to a sheet takes the answers with it."""
    if element.tag == "LienInterne" and answers:
        target = element.get("LienPublication") or ""
        label = inline_text(sheet, element)
        link = within(sheet, target, label, element.get("audience"), f"?r={answers}")
        sheet.out.append(f"<p>{link}</p>")
        return
    BLOCK.get(element.tag, unknown)(sheet, element)
