# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with reports: a warning each, since a sender's fault stops nobody."""

from __future__ import annotations

from bastide.diagnostics import Severity, declare

NO_FOLDER = declare(
    "C831",
    Severity.ERROR,
    en="{folder} cannot be read: {error}",
    fr="{folder} ne peut être lu : {error}",
    hint_en="Name a folder of messages (.eml or Maildir), or of reports as .xml, .gz or .zip.",
    hint_fr="Donnez un dossier de messages (.eml ou Maildir), ou de rapports en .xml, .gz ou .zip.",
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
    en="a report on {domain}, which no charter declares",
    fr="un rapport sur {domain}, qu'aucune charte ne déclare",
    hint_en="It is left out: anybody can send a report on anything.",
    hint_fr="Il est laissé de côté : n'importe qui peut envoyer un rapport sur n'importe quoi.",
)
