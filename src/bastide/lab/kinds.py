# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong with the lab: diagnostics L601 and following."""

from __future__ import annotations

from bastide.diagnostics import Severity, declare

NOT_ROOT = declare(
    "L601",
    Severity.ERROR,
    en="the lab needs root: it makes containers that run systemd, and a network of their own",
    fr="le laboratoire demande les droits de root : il crée des conteneurs et leur réseau",
    hint_en="run the same command with sudo",
    hint_fr="relancez la même commande avec sudo",
)
TOOLS_MISSING = declare(
    "L602",
    Severity.ERROR,
    en="the lab needs programs that are not installed: {tools}",
    fr="il manque au laboratoire des programmes : {tools}",
    hint_en="apt-get install -y --no-install-recommends {packages}",
    hint_fr="apt-get install -y --no-install-recommends {packages}",
)
COMMAND_FAILED = declare(
    "L603",
    Severity.ERROR,
    en="`{command}` failed: {error}",
    fr="la commande `{command}` a échoué : {error}",
    hint_en="read the message above; then run bastide lab up again, it takes up what is left",
    hint_fr="lisez ce message, puis relancez bastide lab up : il reprend où il en était",
)
INVENTORY_UNUSABLE = declare(
    "L604",
    Severity.ERROR,
    en="the lab's inventory cannot be used: {error}",
    fr="l'inventaire du laboratoire est inutilisable : {error}",
    hint_en="every host needs ansible_host inside lab_subnet, lab_ports and lab_names",
    hint_fr="chaque machine demande ansible_host dans lab_subnet, lab_ports et lab_names",
)
PLAYBOOK_FAILED = declare(
    "L605",
    Severity.ERROR,
    en="{host} could not be configured: {error}",
    fr="la machine {host} n'a pas pu être configurée : {error}",
    hint_en="the whole story is in {log}",
    hint_fr="le détail complet est dans {log}",
)
CLOSED_UPDATE_FAILED = declare(
    "L606",
    Severity.ERROR,
    en="{host} could not follow a change of its roles: {error}",
    fr="la machine {host} n'a pas pu suivre un changement de ses rôles : {error}",
    hint_en="details in {log}; the lab's network is closed: if packages are missing, run"
    " bastide lab destroy, then bastide lab up (the lab's own data is lost)",
    hint_fr="détails dans {log} ; le réseau du laboratoire est fermé : s'il manque des paquets,"
    " lancez"
    " bastide lab destroy puis bastide lab up (les données du laboratoire sont perdues)",
)
NOT_READY = declare(
    "L607",
    Severity.ERROR,
    en="{host} is not ready after {seconds} seconds: {error}",
    fr="la machine {host} n'est pas prête au bout de {seconds} secondes : {error}",
    hint_en="look inside with: podman exec {container} journalctl -p warning -b",
    hint_fr="regardez à l'intérieur : podman exec {container} journalctl -p warning -b",
)
ADDRESS_TAKEN = declare(
    "L608",
    Severity.ERROR,
    en="the lab's network {subnet} is taken on this machine: {error}",
    fr="le réseau du laboratoire {subnet} est déjà pris sur cette machine : {error}",
    hint_en="free it, or change lab_subnet and the addresses in inventory/lab",
    hint_fr="libérez-le, ou changez lab_subnet et les adresses dans inventory/lab",
)
