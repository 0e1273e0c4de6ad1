# SPDX-License-Identifier: GPL-3.0-or-later
"""What states and days are called, in both languages."""

from __future__ import annotations

from bastide.diagnostics import Text
from bastide.registration import Decision, Occasion, State

STATES = {
    State.UNKNOWN: Text("term unknown", "terme inconnu"),
    State.CONFLICT: Text("terms contradict each other", "termes contradictoires"),
    State.ACTIVE: Text("nothing to do", "rien à faire"),
    State.REMINDER: Text("a letter may still come", "une lettre peut encore arriver"),
    State.DEADLINE_PASSED: Text("will be renewed", "sera renouvelé"),
    State.FUNDED_CHECK: Text("check the funds", "vérifier la provision"),
    State.RENEWING: Text("being renewed", "renouvellement en cours"),
    State.FAILED: Text("NOT RENEWED YET", "PAS ENCORE RENOUVELÉ"),
    State.LAPSE_NOTED: Text("given up, may be withdrawn", "abandonné, rétractation possible"),
    State.LAPSING: Text("will lapse", "va s'éteindre"),
    State.REDEMPTION: Text("EXPIRED, can be restored", "EXPIRÉ, peut être restauré"),
    State.GONE: Text("EXPIRED", "EXPIRÉ"),
}
DECISIONS = {
    Decision.RENEW: Text("renew", "renouveler"),
    Decision.LAPSE: Text("let lapse", "laisser s'éteindre"),
    Decision.PENDING: Text("to be decided", "à décider"),
    Decision.LATE_NOTICE: Text(
        "renew; the notice came too late and counts for the next term",
        "renouveler ; préavis tardif, qui compte pour le terme suivant",
    ),
    Decision.CONFLICT: Text("look into it", "à vérifier"),
}
OCCASIONS = {
    Occasion.REMIND: Text(
        "remind {place}: renewal of {domain} is {policy}",
        "rappeler à {place} : le renouvellement de {domain} est {policy}",
    ),
    Occasion.DEADLINE: Text(
        "last day of notice for {domain} ({place})",
        "dernier jour de préavis pour {domain} ({place})",
    ),
    Occasion.CHECK_FUNDS: Text(
        "check the funds for {domain} at {registrar}",
        "vérifier la provision pour {domain} chez {registrar}",
    ),
    Occasion.RENEW: Text(
        "{domain} is renewed at {registrar}", "renouvellement de {domain} chez {registrar}"
    ),
    Occasion.ALARM: Text("{domain}: still not renewed?", "{domain} : toujours pas renouvelé ?"),
    Occasion.LAST_WEEK: Text("{domain}: a week left", "{domain} : plus qu'une semaine"),
    Occasion.LAST_DAY: Text("{domain}: the last day", "{domain} : dernier jour"),
    Occasion.EXPIRY: Text("term of {domain} ({place})", "terme de {domain} ({place})"),
    Occasion.REDEMPTION_ENDS: Text(
        "{domain} ({place}) is free for anybody", "{domain} ({place}) est libre pour tous"
    ),
}
POLICIES = {"tacit": Text("tacit", "tacite"), "express": Text("express", "express")}
HEADINGS = {
    "act": Text("Now", "Maintenant"),
    "decide": Text("To be decided", "À décider"),
    "drift": Text("Differs at the registrar", "Écarts chez le bureau d'enregistrement"),
    "later": Text("Later", "Plus tard"),
}
