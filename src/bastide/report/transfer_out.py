# SPDX-License-Identifier: GPL-3.0-or-later
"""What a collectivity needs to take a name elsewhere: its zone, the steps, the days that count.

A name belongs to its holder, and leaving must be as easy as coming.  The folder holds nothing
secret: the authorisation code is asked of the registrar when the moment has come, shown once,
and written nowhere.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bastide.diagnostics import InvalidInput, Severity, declare, diagnose
from bastide.fleet import Fleet
from bastide.registration import milestones, notice_deadline
from bastide.targets.registrars.observe import Situation
from bastide.targets.values import known_values

EXISTS = declare(
    "C863",
    Severity.ERROR,
    en="{folder} exists already",
    fr="{folder} existe déjà",
    hint_en="give another folder with --to, or remove this one",
    hint_fr="donnez un autre dossier par --to, ou retirez celui-ci",
)
_STEPS = """\
# Transférer {domain} vers un autre bureau d'enregistrement

Dossier préparé le {today} pour {slug}. Il ne contient aucun secret.

## Dates

| | |
|---|---|
| terme actuel | {term} |
| dernier jour de préavis | {deadline} |
| à finir avant | {finish} |

Un transfert demandé dans les deux semaines qui précèdent le terme risque de se croiser avec un
renouvellement : demandez-le avant, ou attendez que le renouvellement soit passé.

## Étapes

1. Faites délibérer le conseil, et consignez l'acte : `bastide registrar deliberation {domain}
   --about transfer --adopted-on AAAA-MM-JJ --file ACTE`.
2. Chez le nouvel hébergeur, créez la zone à partir de `{domain}.zone` ; vérifiez-la, courrier
   compris (MX, SPF, DKIM, DMARC). Ne changez pas encore les serveurs de noms.
3. Si la zone est signée (DNSSEC), faites retirer l'enregistrement DS par le bureau actuel, et
   attendez un jour : sans cela, le nom ne répond plus dès que les serveurs changent.
4. Chez le bureau actuel ({registrar}), vérifiez que le titulaire est bien la collectivité et que
   son adresse électronique est lue. Un changement de titulaire ne se fait pas en même temps
   qu'un transfert en .fr : l'un, puis l'autre.
5. Demandez le code d'autorisation : `bastide registrar transfer-out {domain} --code`. Il
   s'affiche une fois et n'est écrit nulle part ; transmettez-le de vive voix.
6. Donnez ce code au nouveau bureau, qui demande le transfert à l'Afnic. Le bureau actuel a huit
   jours pour répondre ; son silence vaut accord.
7. Une fois le transfert constaté (RDAP de l'Afnic), changez les serveurs de noms, attendez deux
   jours, puis écrivez `registration: {{mode: external}}` dans la charte.
8. Laissez les boîtes ouvertes ici jusqu'à ce que le courrier n'arrive plus : rien n'est supprimé.
"""


def write_kit(fleet: Fleet, situation: Situation, folder: Path) -> list[str]:
    """Write the folder at one stroke and give the names of its files; never over another."""
    if folder.exists():
        raise InvalidInput(diagnose(EXISTS, str(folder), folder=folder))
    files = {
        f"{situation.domain}.zone": zone_text(fleet, situation.slug, situation.domain),
        "LISEZMOI.md": _steps(situation),
        "dates.json": _dates(situation),
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        for name, text in files.items():
            (beside / name).write_text(text, encoding="utf-8")
        beside.chmod(0o755)  # mkdtemp closes it to others
        beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return sorted(files)


def zone_text(fleet: Fleet, slug: str, domain: str) -> str:
    """The zone as a master file (RFC 1035 §5); a value that no host has told is a comment."""
    line = fleet.share_line_of(slug, "dns")
    values = known_values(fleet.repository)
    for resource in json.loads(line)["resources"] if line else ():
        if resource["address"] == f"zone:{domain}":
            return "\n".join(_records(domain, resource["body"], values)) + "\n"
    return f"; {domain} has no zone on this platform\n"


def _records(domain: str, body: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[str]:
    soa = body["soa"]
    yield f"$ORIGIN {domain}."
    timers = " ".join(str(soa[name]) for name in ("refresh", "retry", "expire", "minimum"))
    yield f"{domain}. {soa['ttl']} IN SOA {soa['mname']} {soa['rname']} 1 {timers}"
    for rrset in body["rrsets"]:
        head = f"{rrset['name']} {rrset['ttl']} IN {rrset['type']}"
        contents = rrset.get("rdata")
        if rrset.get("proxied"):
            yield f"; {rrset['name']}: Cloudflare answers, by its proxy or its redirect rules"
        if contents is None:
            value = values.get(rrset["pending"])
            contents = [_quoted(value)] if value else []
            if not value:
                yield f"; {head}: {rrset['pending']}, known to the mail host only"
        for content in contents:
            yield f"{head} {content}"


def _quoted(value: str) -> str:
    """A TXT value as character strings of at most 255 octets (RFC 1035 §3.3.14)."""
    pieces = [value[i : i + 255] for i in range(0, len(value), 255)]
    return " ".join(f'"{piece}"' for piece in pieces)


def _steps(situation: Situation) -> str:
    term = situation.expiry.day
    return _STEPS.format(
        domain=situation.domain,
        slug=situation.slug,
        today=situation.today,
        registrar=situation.registrar or "inconnu",
        term=term or "inconnu",
        deadline=notice_deadline(term) if term else "inconnu",
        finish=term - dt.timedelta(days=15) if term else "inconnu",
    )


def _dates(situation: Situation) -> str:
    term = situation.expiry.day
    days = milestones(term, situation.decision) if term else []
    data = {
        "domain": situation.domain,
        "expiry": str(term) if term else None,
        "days": [{"day": str(one.day), "occasion": one.occasion} for one in days],
    }
    return json.dumps(data, indent=1) + "\n"
