# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with the structure of a document."""

from __future__ import annotations

from bastide.diagnostics import Severity, declare

_E = Severity.ERROR
_SHAPE_EN = "{description} Example: {example}."
_SHAPE_FR = "{description_fr} Exemple : {example}."

NOT_SECTIONS = declare(
    "S200", _E,
    en="the file holds a list, sections (`key: value`) are expected",
    fr="le fichier contient une liste, des rubriques (`clé: valeur`) sont attendues",
    hint_en="Begin with a section: {known}.",
    hint_fr="Commencez par une rubrique : {known}.",
)  # fmt: skip

# --- keys -------------------------------------------------------------------------------
UNKNOWN_SIMILAR = declare(
    "S201", _E,
    en="« {key} » is not known in {section_en}",
    fr="« {key} » n'est pas connu dans {section_fr}",
    hint_en="Did you mean `{nearest}`? Known here: {known}.",
    hint_fr="Vouliez-vous écrire `{nearest}` ? Connus ici : {known}.",
)  # fmt: skip
UNKNOWN = declare(
    "S202", _E,
    en="« {key} » is not known in {section_en}",
    fr="« {key} » n'est pas connu dans {section_fr}",
    hint_en="Known here: {known}.",
    hint_fr="Connus ici : {known}.",
)  # fmt: skip
MISPLACED = declare(
    "S203", _E,
    en="« {key} » does not belong to {section_en}",
    fr="« {key} » n'a pas sa place dans {section_fr}",
    hint_en="It belongs to `{home}`: check the indentation.",
    hint_fr="Sa place est dans `{home}` : vérifiez l'indentation.",
)  # fmt: skip
REQUIRED = declare(
    "S204", _E,
    en="`{key}` is missing in {section_en}",
    fr="`{key}` manque dans {section_fr}",
    hint_en="Add `{key}: {example}`. {description}",
    hint_fr="Ajoutez `{key}: {example}`. {description_fr}",
)  # fmt: skip
KEY_FORM = declare(
    "S205", _E,
    en="the key « {key} » does not have the expected form",
    fr="la clé « {key} » n'a pas la forme attendue",
    hint_en="On one line and without spaces at its ends, for instance `{example}`.",
    hint_fr="Sur une ligne et sans espaces aux extrémités, par exemple `{example}`.",
)  # fmt: skip
NEEDS = declare(
    "S206", _E,
    en="`{key}` is given without `{needed}`",
    fr="`{key}` est donné sans `{needed}`",
    hint_en="Add `{needed}`, or remove `{key}`.",
    hint_fr="Ajoutez `{needed}`, ou retirez `{key}`.",
)  # fmt: skip
SINGLE_KEY = declare(
    "S207", _E,
    en="this item has {count} keys, it must have exactly one",
    fr="cet élément a {count} clés, il doit en avoir exactement une",
    hint_en="Begin a new item of the list with `- ` for each key.",
    hint_fr="Commencez un nouvel élément de liste par `- ` pour chaque clé.",
)  # fmt: skip

# --- types ------------------------------------------------------------------------------
WRONG_TYPE = declare(
    "S210", _E,
    en="{expected_en} is expected, this is {found_en}",
    fr="attendu : {expected_fr} ; trouvé : {found_fr}",
    hint_en=_SHAPE_EN,
    hint_fr=_SHAPE_FR,
)  # fmt: skip
UNQUOTED = declare(
    "S211", _E,
    en="{expected_en} is expected, but YAML reads the unquoted {text} as {found_en}",
    fr="attendu : {expected_fr} ; mais YAML lit {text} sans guillemets comme {found_fr}",
    hint_en='Write it in quotes: "{text}". Example: {example}.',
    hint_fr='Écrivez-le entre guillemets : "{text}". Exemple : {example}.',
)  # fmt: skip
NOT_BOOLEAN = declare(
    "S212", _E,
    en="true or false is expected, this is « {text} »",
    fr="true ou false est attendu, ceci est « {text} »",
    hint_en="Write `true` or `false`, in lower case and without quotes; "
    "yes, no, on and off mean different things to different YAML readers.",
    hint_fr="Écrivez `true` ou `false`, en minuscules et sans guillemets ; "
    "yes, no, on et off n'ont pas le même sens pour tous les lecteurs de YAML.",
)  # fmt: skip
NOT_NUMBER = declare(
    "S213", _E,
    en="{expected_en} is expected, this is the text « {text} »",
    fr="attendu : {expected_fr} ; trouvé : le texte « {text} »",
    hint_en="Write the digits alone: no quotes, unit, leading zero or exponent.",
    hint_fr="Écrivez les chiffres seuls : sans guillemets, unité, zéro initial ni exposant.",
)  # fmt: skip
NOT_LIST = declare(
    "S214", _E,
    en="a list is expected, this is {found_en}",
    fr="une liste est attendue, ceci est {found_fr}",
    hint_en="Write `[{text}]`, or one line beginning with `- ` for each item.",
    hint_fr="Écrivez `[{text}]`, ou une ligne commençant par `- ` par élément.",
)  # fmt: skip
NO_VALUE = declare(
    "S215", _E,
    en="nothing is given after `{key}`",
    fr="rien n'est donné après `{key}`",
    hint_en="Give a value, or delete the line. {description}",
    hint_fr="Donnez une valeur, ou supprimez la ligne. {description_fr}",
)  # fmt: skip

# --- values -----------------------------------------------------------------------------
UNALLOWED_SIMILAR = declare(
    "S220", _E,
    en="« {text} » is not one of the accepted values",
    fr="« {text} » n'est pas une des valeurs acceptées",
    hint_en="Did you mean `{nearest}`? Accepted: {known}.",
    hint_fr="Vouliez-vous écrire `{nearest}` ? Acceptées : {known}.",
)  # fmt: skip
UNALLOWED = declare(
    "S221", _E,
    en="« {text} » is not one of the accepted values",
    fr="« {text} » n'est pas une des valeurs acceptées",
    hint_en="Accepted: {known}.",
    hint_fr="Acceptées : {known}.",
)  # fmt: skip
FORM = declare(
    "S222", _E,
    en="« {text} » does not have the form that is expected here",
    fr="« {text} » n'a pas la forme attendue ici",
    hint_en=_SHAPE_EN,
    hint_fr=_SHAPE_FR,
)  # fmt: skip
BLANK = declare(
    "S223", _E,
    en="this text is empty, or begins or ends with a space",
    fr="ce texte est vide, ou commence ou finit par une espace",
    hint_en=_SHAPE_EN,
    hint_fr=_SHAPE_FR,
)  # fmt: skip
TOO_SMALL = declare(
    "S224", _E,
    en="{text} is too small, the minimum is {limit}",
    fr="{text} est trop petit, le minimum est {limit}",
    hint_en=_SHAPE_EN,
    hint_fr=_SHAPE_FR,
)  # fmt: skip
TOO_LARGE = declare(
    "S225", _E,
    en="{text} is too large, the maximum is {limit}",
    fr="{text} est trop grand, le maximum est {limit}",
    hint_en=_SHAPE_EN,
    hint_fr=_SHAPE_FR,
)  # fmt: skip
TOO_SHORT = declare(
    "S226", _E,
    en="{count} element(s) here, at least {limit} needed",
    fr="{count} élément(s) ici, au moins {limit} nécessaire(s)",
    hint_en="Complete it, or delete the whole line. Example: {example}.",
    hint_fr="Complétez, ou supprimez toute la ligne. Exemple : {example}.",
)  # fmt: skip
TOO_LONG = declare(
    "S227", _E,
    en="{count} characters or elements here, {limit} at most",
    fr="{count} caractères ou éléments ici, {limit} au plus",
    hint_en=_SHAPE_EN,
    hint_fr=_SHAPE_FR,
)  # fmt: skip
NOT_IP = declare(
    "S228", _E,
    en="« {text} » is no IP address",
    fr="« {text} » n'est pas une adresse IP",
    hint_en="Write an IPv4 address such as 192.0.2.7 or an IPv6 address such as 2001:db8::7.",
    hint_fr="Écrivez une adresse IPv4 comme 192.0.2.7 ou IPv6 comme 2001:db8::7.",
)  # fmt: skip
OTHER = declare(
    "S229", _E,
    en="the rule `{rule}: {constraint}` of the schema is not met",
    fr="la règle `{rule}: {constraint}` du schéma n'est pas respectée",
    hint_en=_SHAPE_EN,
    hint_fr=_SHAPE_FR,
)  # fmt: skip
AMBIGUOUS = declare(
    "S230", Severity.WARNING,
    en="{text} without quotes is text here, but other YAML readers take it for {reading_en}",
    fr="{text} sans guillemets est du texte ici, mais d'autres lecteurs de YAML y voient "
    "{reading_fr}",
    hint_en='Write it in quotes: "{text}".',
    hint_fr='Écrivez-le entre guillemets : "{text}".',
)  # fmt: skip

# --- punctuation that became part of a text ---------------------------------------------
GLUED = declare(
    "S208", _E,
    en="a space is missing after the colon in « {text} »",
    fr="il manque une espace après le deux-points dans « {text} »",
    hint_en="Write `{key}: {value}`.",
    hint_fr="Écrivez `{key}: {value}`.",
)  # fmt: skip
CUT = declare(
    "S209", _E,
    en="« {key} » stands here without a colon: the comma before it ended a text",
    fr="« {key} » figure ici sans deux-points : la virgule qui précède a mis fin à un texte",
    hint_en='Between {{ and }}, put a text that holds a comma in quotes: "…, {key}".',
    hint_fr='Entre {{ et }}, un texte à virgule se met entre guillemets : "…, {key}".',
)  # fmt: skip
TOO_NESTED = declare(
    "S216", _E,
    en="{found_en} can stand no deeper than this",
    fr="on ne peut pas emboîter ici {found_fr} de plus",
    hint_en="Bring what is below it up one level.",
    hint_fr="Remontez d'un niveau ce qui est en dessous.",
)  # fmt: skip

# --- the schemas themselves -------------------------------------------------------------
BROKEN_SCHEMA = declare(
    "S290", _E,
    en="this schema cannot be used: {reason}",
    fr="ce schéma est inutilisable : {reason}",
    hint_en="Compare with docs.python-cerberus.org and the schemas beside it.",
    hint_fr="Comparez avec docs.python-cerberus.org et les schémas voisins.",
)  # fmt: skip
