# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the mailboxes of a collectivity to another mail host; users notice a few minutes at most.

Copied while in use; then closed (a login is told why, mail waits), copied once more, compared;
then the target takes them, the source lets go, and they open.  Killed anywhere, the same command
takes it up again: until the target has taken them the source has everything, and from then on both
stand closed until the source has let go.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from bastide.apply.lock import run_lock, who
from bastide.diagnostics import InvalidInput, RunFailed, Severity, declare, diagnose
from bastide.fleet import Fleet
from bastide.journal import journal_of
from bastide.targets.hosts import Hosts
from bastide.targets.moves import PORT, Boxes, boxes_on, step

NOBODY = declare(
    "A548",
    Severity.ERROR,
    en="{what} is no collectivity of the fleet, or {host} no mail host of mail.placement",
    fr="{what} n'est pas une collectivité de la flotte, ou {host} pas un serveur de mail.placement",
    hint_en="as bastide mail move 46/cahors --to mail2; hosts: {known}",
    hint_fr="comme bastide mail move 46/cahors --to mail2 ; serveurs : {known}",
)
COLLABORATIVE = declare(
    "A549",
    Severity.ERROR,
    en="{address} is collaborative: its calendars stay on {host}, and so does its mail",
    fr="{address} est collaborative : ses agendas restent sur {host}, et son courrier aussi",
    hint_en="make it classic first, or leave the collectivity where it is",
    hint_fr="rendez-la d'abord classique, ou laissez la collectivité où elle est",
)
DIFFERENT = declare(
    "A550",
    Severity.ERROR,
    en="{address} is not the same on {target} as on {source}; nothing was handed over",
    fr="{address} n'est pas la même sur {target} que sur {source} ; rien n'a été remis",
    hint_en="it goes on where it was; run the move again",
    hint_fr="elle continue où elle était ; relancez le déménagement",
)

Told = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class _Move:
    fleet: Fleet
    slug: str
    siren: str
    source: str
    target: str
    told: Told

    def name(self, host: str) -> str:
        placement = self.fleet.platform.mail.placement
        return placement.hosts[host] if placement else host

    def run(self, found: Boxes, arrived: set[str]) -> int:
        """All steps for the mailboxes that the source has; how many messages they hold."""
        repository, facts = self.fleet.repository, found.facts
        fetch = {**facts, "source": f"{self.name(self.source)}:{PORT}"}
        count = len(found.boxes)
        self.told(
            f"{count} mailboxes: copying from {self.source} to {self.target}, in use",
            f"{count} boîtes : copie de {self.source} vers {self.target}, en service",
        )
        step(repository, self.target, "fetch", fetch)
        self.told("closed: mail waits, logins are refused", "fermées : le courrier attend")
        step(repository, self.source, "close", facts)
        try:
            # What came in between, also a password.
            found = boxes_on(repository, self.source, self.siren)
            facts = found.facts
            step(repository, self.target, "fetch", {**fetch, **facts})
            here = step(repository, self.source, "compare", facts)
            there = step(repository, self.target, "compare", facts)
            self._compare(found, here["fingerprints"], there["fingerprints"])
        except RunFailed:
            if not arrived:
                step(repository, self.source, "open", facts)
            raise
        self.told("the copies are the same", "les copies sont les mêmes")
        step(repository, self.target, "take", {**facts, "scripts": json.dumps(here["scripts"])})
        self.told(f"{self.target} has them", f"{self.target} les a")
        step(repository, self.source, "give", {**facts, "target": self.name(self.target)})
        self.told(f"{self.source} has let go", f"{self.source} les a laissées")
        step(repository, self.target, "open", facts)
        return sum(messages for _, messages in here["fingerprints"].values())

    def _compare(self, found: Boxes, here: dict[str, object], there: dict[str, object]) -> None:
        for box in found.boxes:
            if here[box["uuid"]] != there.get(box["uuid"]):
                raise RunFailed(
                    diagnose(
                        DIFFERENT,
                        "",
                        address=box["address"],
                        source=self.source,
                        target=self.target,
                    )
                )


def move(fleet: Fleet, slug: str, target: str, told: Told, wait: float = 60) -> tuple[int, int]:
    """Bring the mailboxes of `slug` to `target`; numbers of mailboxes and messages moved.

    Raises:
        InvalidInput: No such collectivity or host (A548), or one that cannot move (A549).
        RunFailed: A host did not do its part (A547), or the copy is not the same (A550).
    """
    placement = fleet.platform.mail.placement
    facts = fleet.facts(slug) if slug in fleet.sources else None
    if facts is None or placement is None or target not in placement.hosts:
        known = ", ".join(sorted(placement.hosts)) if placement else "-"
        raise InvalidInput(diagnose(NOBODY, "", what=slug, host=target, known=known))
    repository = fleet.repository
    name = repository.relative(repository.inventory / "hosts.yml")
    hosts = Hosts.read(repository.inventory, name, fleet.platform).of("mail")
    with run_lock(repository.state / "apply.lock", wait):
        listed = {host: boxes_on(repository, host, facts.siren) for host in hosts}
        there = listed[target]
        arrived = {box["uuid"] for box in there.boxes}
        journal = journal_of(repository, fleet.platform)
        moved = messages = 0
        for source in hosts:
            found = listed[source]
            if source == target or not found.boxes:
                continue
            for box in found.boxes:
                if box["collaborative"]:
                    raise InvalidInput(
                        diagnose(COLLABORATIVE, "", address=box["address"], host=source)
                    )
            head = {"by": who(), "collectivity": slug, "from": source, "to": target}
            journal.append("move-begin", head)
            one = _Move(fleet, slug, facts.siren, source, target, told)
            number = one.run(found, arrived)
            journal.append("move-end", {**head, "mailboxes": len(found.boxes), "messages": number})
            moved += len(found.boxes)
            messages += number
        if not moved and any(box["moving"] for box in there.boxes):
            # Killed when all was done but opening them.
            step(repository, target, "open", there.facts)
            moved = len(there.boxes)
    return moved, messages
