# SPDX-License-Identifier: GPL-3.0-or-later
"""What citizens say for what the guide says.

Each line is a group of words or phrases that are found for one another; phrases count as all of
their words.  Kept by hand, from questions that town halls are asked.
"""

from __future__ import annotations

from functools import lru_cache

from comarquage.stems import stems

GROUPS = """
déménagement | déménager | changement d'adresse
carte grise | certificat d'immatriculation
cni | carte d'identité
acte de naissance | extrait de naissance
extrait de naissance | copie intégrale naissance
buvette | débit de boissons
taxe de séjour | taxe hébergement
poubelle | déchet | ordure
rsa | revenu de solidarité active
apl | aide au logement
chômage | allocation chômage | pôle emploi | france travail
impôt | impôts | fiscalité
école | scolarité | inscription scolaire
crèche | garde d'enfant | assistante maternelle
retraite | pension de retraite
permis de construire | autorisation d'urbanisme
daact | achèvement des travaux
doc | ouverture de chantier
pacs | pacte civil
divorce | séparation
mort | décès
enterrement | obsèques | inhumation
facture d'eau | eau potable
handicap | mdph
hlm | logement social
vote | élection | électeur
procuration | vote par procuration
voiture | véhicule
scooter | deux-roues
auto-entrepreneur | micro-entrepreneur
sdf | sans domicile
tutelle | protection juridique
amende | contravention
casier | casier judiciaire
bruit | tapage | trouble de voisinage
chien | animal
livret | livret de famille
mutuelle | complémentaire santé
sécu | sécurité sociale | assurance maladie
"""


@lru_cache(maxsize=1)
def table() -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """By the stems of a word or phrase, the stems of what may stand for it."""
    found: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
    for line in GROUPS.strip().splitlines():
        group = [tuple(stems(phrase)) for phrase in line.split("|")]
        for phrase in group:
            others = tuple(other for other in group if other != phrase)
            found[phrase] = tuple(dict.fromkeys((*found.get(phrase, ()), *others)))
    return found


def alternatives(asked: tuple[str, ...]) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Cut `asked` (stems) into the longest known phrases, each with what may stand for it."""
    cut = []
    at = 0
    while at < len(asked):
        for length in range(min(4, len(asked) - at), 0, -1):
            phrase = asked[at : at + length]
            others = table().get(phrase)
            if others is not None or length == 1:
                cut.append((phrase, list(others or ())))
                at += length
                break
    return cut
