# SPDX-License-Identifier: GPL-3.0-or-later
"""What went wrong in a run, led back to the lines of YAML that wait for it."""

from __future__ import annotations

from bastide.diagnostics import Diagnostic, Severity, declare, diagnose
from bastide.plan import Plan, Planner
from bastide.targets.ansible import HostAnswer

FAILED = declare(
    "A523",
    Severity.ERROR,
    en="{host} could not {action} {address}: {error}",
    fr="{host} n'a pas pu faire ({action}) {address} : {error}",
    hint_en="the rest was applied; the next apply takes this up again",
    hint_fr="le reste est appliqué ; le prochain apply reprendra ceci",
)
SILENT = declare(
    "A524",
    Severity.ERROR,
    en="{host} ({service}) is {status}: {message}; {count} resources wait for it",
    fr="{host} ({service}) est {status} : {message} ; {count} ressources l'attendent",
    hint_en="the other hosts were converged; repair it and run apply again",
    hint_fr="les autres hôtes ont convergé ; réparez-le et relancez apply",
)
WAITING = declare(
    "A525",
    Severity.ERROR,
    en="{address} waits for {host}",
    fr="{address} attend {host}",
    hint_en="it is applied by the next run that reaches {host}",
    hint_fr="le prochain passage qui joint {host} l'appliquera",
)
MOVED = declare(
    "A526",
    Severity.ERROR,
    en="{host} ({service}) changed between the plan and the apply: nothing was done there",
    fr="{host} ({service}) a changé entre le plan et l'apply : rien n'y a été fait",
    hint_en="run apply again: it plans anew",
    hint_fr="relancez apply : il refait le plan",
)


UNSAFE = declare(
    "A527",
    Severity.ERROR,
    en="the mail filter of {host} does not do its work: {probe}: {wanted} is wanted, it is {found}",
    fr="le filtre du courrier de {host} ne fait pas son travail : {probe} : attendu {wanted},"
    " trouvé {found}",
    hint_en="nothing enters unseen while clamd is down; look at rspamd, clamav-daemon and"
    " redis-server on {host}",
    hint_fr="rien n'entre sans être vu quand clamd est arrêté ; regardez rspamd, clamav-daemon et"
    " redis-server sur {host}",
)


# What takes signatures away is refused by the host that holds them (bastide_parent).
STAYS_SIGNED = declare(
    "A590",
    Severity.ERROR,
    en="{host} keeps signing {zone}: {error}",
    fr="{host} continue de signer {zone} : {error}",
    hint_en="1. write `dnssec: leaving` and apply; 2. have the registrar withdraw the DS"
    " (`bastide dnssec`); 3. wait until the TTL of the DS is over, a day as a rule;"
    " 4. write `dnssec: false` and apply",
    hint_fr="1. écrivez `dnssec: leaving` et appliquez ; 2. faites retirer le DS par le bureau"
    " d'enregistrement (`bastide dnssec`) ; 3. attendez la fin du TTL du DS, un jour en général ;"
    " 4. écrivez `dnssec: false` et appliquez",
)


LATER = declare(
    "A640",
    Severity.WARNING,
    en="{address} is not ordered yet: {why}",
    fr="{address} n'est pas encore commandé : {why}",
    hint_en="nothing is to be done: the timer of {host} orders it as soon as it may; until then the"
    " name is served without",
    hint_fr="rien à faire : la minuterie de {host} le commande dès que c'est permis ; d'ici là, le"
    " nom est servi sans",
)


# Certificates whose names are proved by DNS (bastide_certdns): by the kind of the failure.
_PROOFS = {
    "proofs-key": declare(
        "A641",
        Severity.ERROR,
        en="{host} has no key to prove the names of {address}: {error}",
        fr="{host} n'a pas de clé pour prouver les noms de {address} : {error}",
        hint_en="run playbooks/platform.yml for the name servers and for {host}: the key is made on"
        " the primary and brought from there",
        hint_fr="lancez playbooks/platform.yml pour les serveurs de noms et pour {host} : la clé"
        " est faite sur le primaire et apportée de là",
    ),
    "proofs-silent": declare(
        "A642",
        Severity.ERROR,
        en="{host} gets no answer of the primary name server to prove the names of {address}:"
        " {error}",
        fr="{host} n'a pas de réponse du serveur de noms primaire pour prouver les noms de"
        " {address} : {error}",
        hint_en="its port 53 (TCP) must be open to {host}; the timer tries again within the hour",
        hint_fr="son port 53 (TCP) doit être ouvert à {host} ; la minuterie réessaie dans l'heure",
    ),
    "proofs-refused": declare(
        "A643",
        Severity.ERROR,
        en="the primary name server does not let {host} prove the names of {address}: {error}",
        fr="le serveur de noms primaire ne laisse pas {host} prouver les noms de {address} :"
        " {error}",
        hint_en="look at the clocks of both, then run playbooks/platform.yml for the name servers"
        " and for {host}: zone and key must be there and the same",
        hint_fr="regardez l'heure des deux, puis lancez playbooks/platform.yml pour les serveurs de"
        " noms et pour {host} : la zone et la clé doivent y être, les mêmes",
    ),
    "proofs-late": declare(
        "A644",
        Severity.ERROR,
        en="the names of {address} are not proved: {error}",
        fr="les noms de {address} ne sont pas prouvés : {error}",
        hint_en="repair that name server, or take it out of the zones; the timer of {host} tries"
        " again within the hour",
        hint_fr="réparez ce serveur de noms, ou retirez-le des zones ; la minuterie de {host}"
        " réessaie dans l'heure",
    ),
}


def notes_of(planner: Planner, answers: list[HostAnswer]) -> list[Diagnostic]:
    """What waits for a limit of others, and is no fault."""
    return [
        diagnose(LATER, file, line, 1, address=one["address"], why=one["why"], host=answer.host)
        for answer in answers
        for one in answer.result.get("waiting") or ()
        for file, line, _ in [_place(planner, one["address"], one["siren"])]
    ]


def silent_hosts(planner: Planner, plan: Plan) -> list[Diagnostic]:
    """Hosts that did not answer when the plan was made, and every line that waits."""
    faults = []
    for entry in plan.unanswered:
        faults.append(
            diagnose(
                SILENT,
                _described(planner, entry.host),
                host=entry.host,
                service=entry.service,
                status=entry.status,
                message=entry.message,
                count=len(entry.waiting),
            )
        )
        faults += [
            diagnose(WAITING, w["file"], w["line"], 1, address=w["address"], host=entry.host)
            for w in entry.waiting
        ]
    return faults


def faults_of(planner: Planner, plan: Plan, answers: list[HostAnswer]) -> list[Diagnostic]:
    """Faults of the converging run, from what each host answered."""
    faults = []
    for answer in answers:
        planned = [c for c in plan.changes if (c.host, c.service) == (answer.host, answer.service)]
        if answer.status != "ok" and not answer.result.get("stale"):
            faults.append(
                diagnose(
                    SILENT,
                    _described(planner, answer.host),
                    host=answer.host,
                    service=answer.service,
                    status=answer.status,
                    message=_first_line(answer.message),
                    count=len(planned),
                )
            )
            faults += [
                diagnose(WAITING, c.file, c.line, 1, address=c.address, host=c.host)
                for c in planned
            ]
        elif answer.result.get("stale"):
            faults.append(
                diagnose(
                    MOVED,
                    _described(planner, answer.host),
                    host=answer.host,
                    service=answer.service,
                )
            )
        faults += [
            diagnose(
                UNSAFE,
                f"inventory/{plan.environment}/hosts.yml",
                host=answer.host,
                probe=found["probe"],
                wanted=found["wanted"],
                found=found["found"],
            )
            for found in answer.unsafe
        ]
        actions = {c.address: c for c in planned}
        for failure in answer.result.get("failed_changes") or ():
            address = failure["address"]
            change = actions.get(address)
            if change:
                file, line, action = change.file, change.line, str(change.action)
            else:
                file, line, action = _place(planner, address, failure.get("siren"))
            error = _first_line(str(failure["error"]))
            if address.startswith("dnssec:"):
                zone = address.removeprefix("dnssec:")
                fault = diagnose(
                    STAYS_SIGNED, file, line, 1, host=answer.host, zone=zone, error=error
                )
            elif failure.get("kind") in _PROOFS:
                kind = _PROOFS[failure["kind"]]
                fault = diagnose(
                    kind, file, line, 1, host=answer.host, address=address, error=error
                )
            else:
                fault = diagnose(
                    FAILED, file, line, 1, host=answer.host, action=action, address=address,
                    error=error,
                )  # fmt: skip
            faults.append(fault)
    return faults


def _described(planner: Planner, host: str) -> str:
    """The file that says where `host` is: a machine, or a service that the engine asks itself."""
    remote = any(host == one.host for one in planner.remotes)
    name = "platform.yml" if remote else "hosts.yml"
    return f"inventory/{planner.fleet.repository.environment}/{name}"


def _place(planner: Planner, address: str, siren: str | None) -> tuple[str, int, str]:
    _, origin = planner.origin(siren or "", address)
    return origin.file, origin.line, "apply"


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0] if lines else "-"
