# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong between Bastide and Cloudflare, as kinds of diagnostic."""

from __future__ import annotations

from bastide.diagnostics import Severity, declare

UNREACHABLE = declare(
    "A580",
    Severity.ERROR,
    en="Cloudflare gave no answer at {url}: {reason}",
    fr="Cloudflare n'a pas répondu à {url} : {reason}",
    hint_en="is the way to it open? what was written so far is taken up by the next run",
    hint_fr="le chemin est-il ouvert ? la prochaine exécution reprend ce qui est déjà écrit",
)
NO_TOKEN = declare(
    "A581",
    Severity.ERROR,
    en="no token for Cloudflare: {reason}",
    fr="pas de jeton pour Cloudflare : {reason}",
    hint_en="put it into the environment variable or the file that the platform names",
    hint_fr="placez-le dans la variable d'environnement ou le fichier que la plateforme nomme",
)
REFUSED = declare(
    "A582",
    Severity.ERROR,
    en="Cloudflare refused to {what}: {words}",
    fr="Cloudflare a refusé ({what}) : {words}",
    hint_en="the token needs Zone:Edit, DNS:Edit and Zone Settings:Edit on the whole account, and "
    "Single Redirect:Edit where `redirects` is declared",
    hint_fr="il faut au jeton Zone:Edit, DNS:Edit et Zone Settings:Edit sur tout le compte, et "
    "Single Redirect:Edit si « redirects » est déclaré",
)
STALE = declare(
    "A583",
    Severity.ERROR,
    en="Cloudflare is no longer as the plan found it: {found} instead of {expected}",
    fr="Cloudflare n'est plus tel que le plan l'a trouvé : {found} au lieu de {expected}",
    hint_en="nothing was changed; plan again",
    hint_fr="rien n'a été modifié ; refaites le plan",
)
NO_PACKAGE = declare(
    "A584",
    Severity.ERROR,
    en="zones at Cloudflare need the Python package `cloudflare`, which is not installed",
    fr="les zones chez Cloudflare demandent le paquet Python « cloudflare », non installé",
    hint_en='run: pip install "bastide[cloudflare]"',
    hint_fr='lancez : pip install "bastide[cloudflare]"',
)
TOO_MANY = declare(
    "A585",
    Severity.ERROR,
    en="{zone} would have {count} redirect rules at Cloudflare, {others} of them written by "
    "others; its plan allows {most}",
    fr="{zone} aurait {count} règles de redirection chez Cloudflare, dont {others} écrites par "
    "d'autres ; son offre en permet {most}",
    hint_en="declare fewer, remove rules at Cloudflare, or change the plan of the zone",
    hint_fr="déclarez-en moins, retirez des règles chez Cloudflare, ou changez l'offre de la zone",
)
