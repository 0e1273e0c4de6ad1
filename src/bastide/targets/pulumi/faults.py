# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong between Bastide and Pulumi, as kinds of diagnostic."""

from __future__ import annotations

from bastide.diagnostics import Severity, declare

NO_COMMAND = declare(
    "A650",
    Severity.ERROR,
    en="the `pulumi` command is not there ({where}), `bastide pulumi install` fetches it",
    fr="la commande `pulumi` est absente ({where}), `bastide pulumi install` l'installe",
    hint_en="Pulumi {version} and the plugin of Cloudflare {plugin}, which no package holds; "
    "without them a plan is made offline, and `engine: direct` needs neither",
    hint_fr="Pulumi {version} avec le greffon Cloudflare {plugin} : aucun paquet ne les contient ; "
    "sans eux le plan se fait hors ligne, et `engine: direct` s'en passe",
)
NO_PACKAGE = declare(
    "A651",
    Severity.ERROR,
    en="the Python package {package} is not installed, and engine is pulumi",
    fr="le paquet Python {package} n'est pas installé, et le moteur est pulumi",
    hint_en="pip install 'bastide[cloudflare]', or write `engine: direct`",
    hint_fr="pip install 'bastide[cloudflare]', ou écrivez `engine: direct`",
)
NO_SECRET = declare(
    "A652",
    Severity.ERROR,
    en="no {what} for Pulumi: {reason}",
    fr="pas de {what} pour Pulumi : {reason}",
    hint_en="put it into the environment variable or the file that the platform names",
    hint_fr="placez-le dans la variable d'environnement ou le fichier que la plateforme nomme",
)
LOCKED = declare(
    "A653",
    Severity.ERROR,
    en="the stack {stack} is locked by {holder}",
    fr="la pile {stack} est verrouillée par {holder}",
    hint_en="wait until that run has ended; if it cannot be running any more: "
    "`pulumi cancel --stack organization/bastide-dns/{stack}`, then run again",
    hint_fr="attendez la fin de ce passage ; s'il ne peut plus tourner : "
    "`pulumi cancel --stack organization/bastide-dns/{stack}`, puis relancez",
)
RUN_FAILED = declare(
    "A654",
    Severity.ERROR,
    en="Pulumi could not run the stack {stack}: {reason}",
    fr="Pulumi n'a pas pu exécuter la pile {stack} : {reason}",
    hint_en="the other stacks are not touched by it; its output is in {log}",
    hint_fr="les autres piles n'en souffrent pas ; sa sortie est dans {log}",
)
NOT_INSTALLED = declare(
    "A655",
    Severity.ERROR,
    en="{what} could not be installed: {reason}",
    fr="{what} n'a pas pu être installé : {reason}",
    hint_en="fetch it on a machine with Internet, or from your own store of archives, and put it "
    "into {folder} (docs/pulumi.md)",
    hint_fr="récupérez-le sur une machine reliée à Internet ou dans votre dépôt d'archives, et "
    "placez-le dans {folder} (docs/pulumi.md)",
)
OFFLINE = declare(
    "A656",
    Severity.WARNING,
    en="this plan was made offline: desired records against the last exported state",
    fr="ce plan a été fait hors ligne : l'état voulu contre le dernier état exporté",
    hint_en="it is neither Pulumi's preview nor what Cloudflare serves; `apply` needs `pulumi`",
    hint_fr="ce n'est ni l'aperçu de Pulumi ni ce que sert Cloudflare ; `apply` demande `pulumi`",
)
STALE = declare(
    "A657",
    Severity.ERROR,
    en="the stacks would change otherwise than the plan shows",
    fr="les piles changeraient autrement que le plan ne le montre",
    hint_en="nothing was changed; plan again",
    hint_fr="rien n'a été modifié ; refaites le plan",
)
NOT_ENGINE = declare(
    "A658",
    Severity.ERROR,
    en="the zones of {environment} are not served by Cloudflare through Pulumi",
    fr="les zones de {environment} ne sont pas servies par Cloudflare au moyen de Pulumi",
    hint_en="name the environment (--environment), or write `engine: pulumi` (docs/pulumi.md)",
    hint_fr="nommez l'environnement (--environment), ou écrivez `engine: pulumi` (docs/pulumi.md)",
)
