# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with reports: a warning each, since a sender's fault stops nobody."""

from __future__ import annotations

from bastide.diagnostics import Severity, declare

NO_FOLDER = declare(
    "C831",
    Severity.ERROR,
    en="{folder} cannot be read: {error}",
    fr="{folder} ne peut être lu : {error}",
    hint_en="Name a folder of messages (.eml or Maildir), or of reports: .xml, .json, .gz, .zip.",
    hint_fr="Donnez un dossier de messages (.eml ou Maildir), ou de rapports : .xml, .json, .gz, "
    ".zip.",
)
NO_REPORT = declare(
    "C832",
    Severity.WARNING,
    en="no report in this message",
    fr="aucun rapport dans ce message",
    hint_en="It is left out; look whether somebody writes to the address of the reports.",
    hint_fr="Il est laissé de côté ; voyez si quelqu'un écrit à l'adresse des rapports.",
)
TOO_LARGE = declare(
    "C833",
    Severity.WARNING,
    en="more than {most} MB, as sent or unpacked",
    fr="plus de {most} Mo, à l'envoi ou une fois décompressé",
    hint_en="It is left out: no honest report is that large.",
    hint_fr="Il est laissé de côté : aucun rapport honnête n'a cette taille.",
)
NOT_UNPACKED = declare(
    "C834",
    Severity.WARNING,
    en="this cannot be unpacked: {error}",
    fr="ceci ne peut être décompressé : {error}",
    hint_en="It is left out; the sender's next report counts.",
    hint_fr="Il est laissé de côté ; le prochain rapport de l'expéditeur comptera.",
)
NO_XML = declare(
    "C835",
    Severity.WARNING,
    en="the XML of the report is refused: {error}",
    fr="le XML du rapport est refusé : {error}",
    hint_en="It is left out; documents with a DTD or entities are never read.",
    hint_fr="Il est laissé de côté ; un document avec DTD ou entités n'est jamais lu.",
)
NOT_AGGREGATE = declare(
    "C836",
    Severity.WARNING,
    en="no aggregate report of RFC 7489: `{field}` is missing or wrong",
    fr="pas un rapport agrégé de la RFC 7489 : « {field} » manque ou est faux",
    hint_en="It is left out; the sender's next report counts.",
    hint_fr="Il est laissé de côté ; le prochain rapport de l'expéditeur comptera.",
)
NOT_OURS = declare(
    "C837",
    Severity.WARNING,
    en="reports on {domain}, which no charter declares: {count}",
    fr="rapports sur {domain}, qu'aucune charte ne déclare : {count}",
    hint_en="They are left out: anybody can send a report on anything.",
    hint_fr="Ils sont laissés de côté : n'importe qui peut envoyer un rapport sur n'importe quoi.",
)
NO_JSON = declare(
    "C838",
    Severity.WARNING,
    en="the JSON of the report is refused: {error}",
    fr="le JSON du rapport est refusé : {error}",
    hint_en="It is left out; the sender's next report counts.",
    hint_fr="Il est laissé de côté ; le prochain rapport de l'expéditeur comptera.",
)
NOT_TLS = declare(
    "C839",
    Severity.WARNING,
    en="no report of RFC 8460: `{field}` is missing or wrong",
    fr="pas un rapport de la RFC 8460 : « {field} » manque ou est faux",
    hint_en="It is left out; the sender's next report counts.",
    hint_fr="Il est laissé de côté ; le prochain rapport de l'expéditeur comptera.",
)
NO_MAILBOX = declare(
    "C840",
    Severity.ERROR,
    en="no address of reports leads to a mailbox of the platform: {addresses}",
    fr="aucune adresse de rapports ne mène à une boîte de la plateforme : {addresses}",
    hint_en="Declare a mailbox for `mail.dmarc.reports` or `mail.tls_reports`, or name a folder.",
    hint_fr="Déclarez une boîte pour `mail.dmarc.reports` ou `mail.tls_reports`, ou donnez un "
    "dossier.",
)
