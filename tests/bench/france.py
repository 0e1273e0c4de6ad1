# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the synthetic fleet of France: one charter of about 60 lines for each real commune.

Two domains, ten mailboxes and about twenty records each; deterministic, no random.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bastide import reference
from bastide.charter import own_domain
from bastide.reference.places import Commune

ACCOUNTS = (
    "mairie", "accueil", "etat-civil", "urbanisme", "comptabilite",
    "bibliotheque", "ecole", "technique", "elections", "police",
)  # fmt: skip


def charter(commune: Commune) -> str:
    """Text of one synthetic charter."""
    domain = own_domain(commune)
    second = f"ville-{commune.insee.lower()}.fr"
    accounts = "".join(
        f"    {name}@{domain}: {{kind: classic, quota: 5 GB}}\n" for name in ACCOUNTS
    )
    records = "".join(
        f"      - {{name: hote{n}, type: A, content: 192.0.2.{n}}}\n" for n in range(1, 7)
    )
    return f"""\
# yaml-language-server: $schema=../../schemas/collectivity.schema.json
#
# {commune.name}, commune, INSEE {commune.insee}.
# Écrit pour la mesure : la forme d'une charte tenue par un opérateur.

collectivity:
  kind: commune
  siren: "{commune.siren}"
  contact:
    email: mairie@{domain}
    phone: "+33 5 36 49 00 00"
convention:
  signed_on: 2026-01-01
  modules: [internet, dematerialisation]
domains:
  {domain}:
    registration: {{mode: managed, registrar: gandi, renewal: tacit}}
    records:
{records}      - {{name: "@", type: TXT, content: site-verification={commune.insee}}}
      - {{name: "@", type: CAA, content: '0 issue "letsencrypt.org"'}}
      - {{name: plan, type: CNAME, content: cartes.example.org}}
  {second}:
    registration: {{mode: managed, registrar: gandi, renewal: tacit}}
    redirect_to: https://www.{domain}
mail:
  accounts:
{accounts}  aliases:
    contact@{domain}: [mairie@{domain}]
    maire@{domain}: [mairie@{domain}]
    dpo@{domain}: [mairie@{domain}, accueil@{domain}]
site:
  kind: {"minisite" if (commune.population or 0) < 500 else "cms"}
  domain: www.{domain}
  template:
    model: causse
    palette: pierre
  functions:
    newsletter: true
    agenda: true
  pages:
    - Accueil
    - Vie municipale: [Conseil, Actes, Marchés publics]
    - Contact
guichet:
  domain: demarches.{domain}
  procedures:
    - acte-naissance
    - rendez-vous-elu
  comarquage: [particuliers, professionnels]
"""


def write_france(root: Path, source: Path, count: int = 35_000) -> int:
    """Make a repository of at most `count` charters at `root`, committed; return how many."""
    communes = [c for c in reference.communes() if c.siren][:count]
    for name in ("schemas", "inventory", "plugins", "playbooks", "roles", "ansible.cfg"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        if not (root / name).exists():
            (root / name).symlink_to(source / name)
    for commune in communes:
        path = root / "collectivities" / commune.department / f"{commune.slug}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(charter(commune), encoding="utf-8")
    (root / ".gitignore").write_text(".bastide/\n", encoding="utf-8")
    git = ["git", "-C", str(root), "-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "France"], check=True)
    return len(communes)


if __name__ == "__main__":
    print(write_france(Path(sys.argv[1]), Path.cwd(), int(sys.argv[2])))
