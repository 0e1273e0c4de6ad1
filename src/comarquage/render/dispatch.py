# SPDX-License-Identifier: GPL-3.0-or-later
"""Which element is rendered by what: the one table, of flux 3.4 and 3.5."""

from __future__ import annotations

from comarquage.render import (
    blocks,
    contacts,
    glossary,
    guided,
    links,
    media,
    navigation,
    references,
    services,
    tables,
    text,
    values,
)
from comarquage.render.conditions import conditional
from comarquage.render.sheet import Handler
from comarquage.render.table import BLOCK, INLINE, children, nothing

_TEXT: dict[str, Handler] = {
    "MiseEnEvidence": text.tagged("<strong>", "</strong>"),
    "Valeur": text.tagged('<span class="value">', "</span>"),
    "Expression": text.tagged("<q>", "</q>"),
    "Citation": text.tagged("<cite>", "</cite>"),
    "Exposant": text.tagged("<sup>", "</sup>"),
    "Indice": text.tagged("<sub>", "</sub>"),
    "Variable": text.tagged('<span class="field">', "</span>"),
    "Date": text.tagged("<span>", "</span>"),
    "MathTex": text.tagged('<code class="tex">', "</code>"),
    "Chiffre": text.tagged('<span class="value">', "</span>"),
    "Lettre": text.tagged("<span>", "</span>"),
    "Echeance": text.tagged("<span>", "</span>"),
    "TermeEtranger": text.foreign,
    "LienInterne": links.to_publication,
    "LienIntra": links.within_page,
    "LienExterne": links.to_the_web,
    "Tel": links.telephone,
}

INLINE.update(_TEXT)
INLINE.update({
    "Paragraphe": text.paragraph_in_text,
    "Image": media.image_in_text,
    "LienRessource": media.image_in_text,
    "Infographie": media.image_in_text,
    "Texte": text.paragraph_in_text,
    "Liste": text.paragraph_in_text,
    "Item": text.paragraph_in_text,
})  # fmt: skip

BLOCK.update({name: links.alone(handler) for name, handler in _TEXT.items()})
BLOCK.update({
    "LienExterneCommente": links.with_comment,
    "Commentaire": children,
    "Paragraphe": text.paragraph,
    # Structure
    "Texte": children,
    "Contenu": children,
    "Introduction": conditional(blocks.division("introduction")),
    "IntroductionSimple": conditional(blocks.division("introduction")),
    "Conclusion": conditional(blocks.division("conclusion")),
    "Consigne": blocks.division("instruction"),
    "Chapitre": conditional(blocks.chapter),
    "SousChapitre": conditional(blocks.chapter),
    "TitreFlottant": conditional(blocks.floating_title),
    "Titre": text.paragraph,
    "TitreRiche": text.paragraph,
    "TitreAlternatif": blocks.other_title,
    "Liste": conditional(blocks.numbered),
    "Item": conditional(blocks.item),
    "ListeSituations": blocks.situations,
    "Situation": conditional(blocks.situation),
    "BlocCas": conditional(blocks.cases),
    "Cas": conditional(blocks.case),
    "FragmentConditionne": conditional(children),
    "ContenuConditionne": conditional(children),
    "Condition": nothing,
    "Complement": conditional(blocks.complement),
    "Aide": blocks.division("help"),
    "Calendrier": blocks.titled("calendar", "Calendrier"),
    "Public": blocks.titled("public", "Public concerné"),
    "Connexion": blocks.titled("sign-in", "Connexion"),
    "Cout": blocks.titled("cost", "Coût"),
    "Langue": blocks.titled("language", "Langue"),
    "NbEtapes": blocks.titled("steps", "Nombre d’étapes"),
    "Recherchable": blocks.division("searchable"),
    "CaracteristiqueLibre": blocks.chapter,
    "CommentFaireSelf": blocks.titled("how", "Comment faire ?"),
    "SuiviSelf": blocks.titled("follow-up", "Et ensuite ?"),
    "Etapes": blocks.titled("steps", "Étapes"),
    "Documents": blocks.titled("documents", "Documents"),
    "ModeEmploi": blocks.titled("manual", "Mode d’emploi"),
    "Suivi": blocks.titled("follow-up", "Suivi"),
    "Delai": blocks.titled("delay", "Délai"),
    "Recours": blocks.titled("appeal", "Recours"),
    "PartieLibre": blocks.chapter,
    # Boxes
    "ANoter": conditional(blocks.box("note", "À noter")),
    "ASavoir": conditional(blocks.box("know", "À savoir")),
    "Attention": conditional(blocks.box("caution", "Attention")),
    "Rappel": conditional(blocks.box("reminder", "Rappel")),
    "Exemple": conditional(blocks.box("example", "Exemple")),
    "Avertissement": conditional(blocks.box("warning", "Avertissement")),
    "Messagerie": blocks.box("note", "Messagerie"),
    # Tables, images, films
    "Tableau": conditional(tables.table),
    "Cellule": children,
    "Affichage": nothing,
    "Image": media.image,
    "ImageIllustration": media.image,
    "Illustration": media.image,
    "Infographie": media.image,
    "LienRessource": media.image,
    "Video": media.film,
    "VideoIllustration": media.film,
    "ContenuIllustre": media.illustrated,
    "Credits": media.credit,
    "Description": media.description,
    "Legende": text.paragraph,
    "TexteDeRemplacement": text.paragraph,
    # Services and forms
    "ServiceEnLigne": conditional(services.service),
    "ServiceEnLigneAlternatif": conditional(services.service),
    "ServiceEnLigneAnnexe": conditional(services.annex),
    "NoticeLiee": services.notice,
    "LienWeb": services.web_link,
    "LienCerfaGuide": services.web_link,
    "NumeroCerfa": services.number,
    "AutreNumero": services.number,
    "FranceConnect": services.france_connect,
    "Source": services.source,
    # Contacts
    "OuSAdresser": conditional(contacts.contact),
    "OuSAdresserSupport": conditional(contacts.contact),
    "QuiPeutMAider": conditional(contacts.contact),
    "RessourceWeb": contacts.web,
    "PivotLocal": contacts.pivot,
    "ListeOuSAdresser": children,
    "AttributionMinisterielle": text.paragraph,
    "Lien": conditional(references.link),
    # References, glossary
    "ValeurRfr": values.value,
    "ValeurRfrHisto": values.values,
    "Periode": values.period,
    "Reference": conditional(references.reference),
    "PourEnSavoirPlus": conditional(references.reference),
    "RefActualite": conditional(references.reference),
    "Partenaire": references.partner,
    "Definition": glossary.alone,
    "Abreviation": glossary.alone,
    # Guided searches
    "Questionnaire": guided.questionnaire,
    "Problematiques": guided.problems,
    # Navigation
    "FilDAriane": navigation.breadcrumb,
    "SousTheme": navigation.subtheme,
    "Groupe": navigation.group,
    "FaqQuestion": blocks.chapter,
    "IndexTech": children,
    "Segment": navigation.group,
    "Libelle": text.paragraph,
    "Reponse": children,
    "VoirAussi": conditional(navigation.see_also),
    "Audience": text.paragraph,
})  # fmt: skip
BLOCK.update({
    name: conditional(navigation.entry)
    for name in navigation.ENTRIES
    if name != "SousTheme"
})  # fmt: skip
