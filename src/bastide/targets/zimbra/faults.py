# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong between Bastide and a Zimbra server, as kinds of diagnostic."""

from __future__ import annotations

from bastide.diagnostics import Severity, declare

UNREACHABLE = declare(
    "A560",
    Severity.ERROR,
    en="the Zimbra server {url} cannot be reached: {reason}",
    fr="le serveur Zimbra {url} est injoignable : {reason}",
    hint_en="is the administration port (7071) open, and its certificate one that ca_file trusts?",
    hint_fr="le port d'administration (7071) est-il ouvert, son certificat reconnu par ca_file ?",
)
LOGIN_REFUSED = declare(
    "A561",
    Severity.ERROR,
    en="the Zimbra server {url} refused the login of {user}: {code}",
    fr="le serveur Zimbra {url} a refusé la connexion de {user} : {code}",
    hint_en="the account must be an administrator with a password and no second factor",
    hint_fr="il faut un compte administrateur avec mot de passe, sans second facteur",
)
NO_CREDENTIAL = declare(
    "A562",
    Severity.ERROR,
    en="no password for the Zimbra server: {reason}",
    fr="pas de mot de passe pour le serveur Zimbra : {reason}",
    hint_en="put it into the environment variable or the file that the platform names",
    hint_fr="placez-le dans la variable d'environnement ou le fichier que la plateforme nomme",
)
NOT_UNDERSTOOD = declare(
    "A563",
    Severity.ERROR,
    en="the answer of {url} is not a Zimbra answer: {reason}",
    fr="la réponse de {url} n'est pas celle d'un Zimbra : {reason}",
    hint_en="url must lead to the administration service: https://HOST:7071/service/admin/soap/",
    hint_fr="url doit mener au service d'administration : https://HÔTE:7071/service/admin/soap/",
)
CHANGE_FAILED = declare(
    "A564",
    Severity.ERROR,
    en="{address} could not be brought to what is declared: {error}",
    fr="{address} n'a pas pu être mis dans l'état déclaré : {error}",
    hint_en="the other entries were done; correct the cause and run again",
    hint_fr="les autres entrées sont faites ; corrigez la cause et relancez",
)
LEFT_ALONE = declare(
    "A565",
    Severity.INFO,
    en="{address} on the Zimbra server was left alone: {why}",
    fr="{address} sur le serveur Zimbra a été laissé tel quel : {why}",
    hint_en="to hand an entry over to Bastide, set its zimbraNotes to bastide:SIREN",
    hint_fr="pour confier une entrée à Bastide, mettez bastide:SIREN dans son zimbraNotes",
)
READ_FAILED = declare(
    "A566",
    Severity.ERROR,
    en="the Zimbra server {url} did not list its {what}: {code}",
    fr="le serveur Zimbra {url} n'a pas donné ses {what} : {code}",
    hint_en="nothing was changed; the server's mailbox.log says more",
    hint_fr="rien n'a été modifié ; le mailbox.log du serveur en dit plus",
)
STALE = declare(
    "A567",
    Severity.ERROR,
    en="the Zimbra server is no longer as the plan found it: {found} instead of {expected}",
    fr="le serveur Zimbra n'est plus tel que le plan l'a trouvé : {found} au lieu de {expected}",
    hint_en="nothing was changed; plan again",
    hint_fr="rien n'a été modifié ; refaites le plan",
)
