# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps an order from being placed, or from being believed, as kinds of diagnostic."""

from __future__ import annotations

from bastide.diagnostics import Severity, declare

HELD_BACK = declare(
    "A622",
    Severity.WARNING,
    en="{domain}: an order of {since} was cut off, and {registrar} cannot say what became of it",
    fr="{domain} : une commande du {since} a été coupée, et {registrar} en ignore le sort",
    hint_en="nothing is ordered again until {until}; the term tells by then",
    hint_fr="rien n'est recommandé avant le {until} ; le terme l'aura dit d'ici là",
)
STUCK = declare(
    "A623",
    Severity.ERROR,
    en="{domain}: ordered ({reference}), and its term is still {term}",
    fr="{domain} : commande passée ({reference}), et son terme est toujours le {term}",
    hint_en="ask {registrar} about the order; it is not placed a second time",
    hint_fr="interrogez {registrar} sur cette commande ; elle n'est pas passée une seconde fois",
)
NO_PRICE = declare(
    "A624",
    Severity.ERROR,
    en="{domain}: {registrar} does not say what a renewal costs, so nothing is ordered",
    fr="{domain} : {registrar} ne dit pas le prix d'un renouvellement, donc rien n'est commandé",
    hint_en="renew it on the registrar's site",
    hint_fr="renouvelez-le sur le site du bureau d'enregistrement",
)
OVER_ORDER = declare(
    "A625",
    Severity.ERROR,
    en="{domain}: {registrar} asks {price} €, over the ceiling of {ceiling} € for one order",
    fr="{domain} : {registrar} demande {price} €, au-dessus du plafond de {ceiling} € par commande",
    hint_en="raise registrars.price_ceiling in platform.yml if this is right",
    hint_fr="relevez registrars.price_ceiling dans platform.yml si c'est justifié",
)
OVER_RUN = declare(
    "A626",
    Severity.ERROR,
    en="{domain}: {price} € more would take this run over its ceiling of {ceiling} €",
    fr="{domain} : {price} € de plus dépasseraient le plafond de {ceiling} € de ce passage",
    hint_en="run again tomorrow, or raise registrars.run_ceiling in platform.yml",
    hint_fr="relancez demain, ou relevez registrars.run_ceiling dans platform.yml",
)
NOT_HELD = declare(
    "A627",
    Severity.ERROR,
    en="{domain}: the account at {registrar} does not hold it",
    fr="{domain} : le compte chez {registrar} ne le détient pas",
    hint_en="correct registrar or mode in the charter, or transfer the name in",
    hint_fr="corrigez registrar ou mode dans la charte, ou transférez le nom",
)
NOT_DECLARED = declare(
    "A628",
    Severity.ERROR,
    en="no charter declares {domain} with registration mode {mode}",
    fr="aucune charte ne déclare {domain} avec le mode d'enregistrement {mode}",
    hint_en="declare it first: a name is bought for a collectivity, by a reviewed line",
    hint_fr="déclarez-le d'abord : un nom s'achète pour une collectivité, par une ligne relue",
)
NO_HOLDER = declare(
    "A629",
    Severity.ERROR,
    en="{slug} lacks {field}, which the holder of a name must give",
    fr="{slug} n'indique pas {field}, que le titulaire d'un nom doit donner",
    hint_en="write it in the charter: the collectivity itself holds its names, not the operator",
    hint_fr="écrivez-le dans la charte : la collectivité détient ses noms, pas l'opérateur",
)
FEW_SERVERS = declare(
    "A630",
    Severity.ERROR,
    en="the platform has {count} name server, and a name needs two",
    fr="la plateforme a {count} serveur de noms, et il en faut deux",
    hint_en="add another under dns.nameservers of platform.yml",
    hint_fr="ajoutez-en un sous dns.nameservers de platform.yml",
)
ALREADY = declare(
    "A631",
    Severity.ERROR,
    en="{domain}: {what}",
    fr="{domain} : {what_fr}",
    hint_en="nothing was ordered",
    hint_fr="rien n'a été commandé",
)
