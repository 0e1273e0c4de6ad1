# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with a YAML file before anyone asks what it says."""

from __future__ import annotations

from bastide.diagnostics import Severity, declare

_E = Severity.ERROR

# --- the file ---------------------------------------------------------------------------
MISSING = declare(
    "D101", _E,
    en="the file does not exist",
    fr="le fichier n'existe pas",
    hint_en="Check the path; `bastide new` makes the file of a collectivity.",
    hint_fr="Vérifiez le chemin ; `bastide new` crée le fichier d'une collectivité.",
)  # fmt: skip
UNREADABLE = declare(
    "D102", _E,
    en="the file cannot be read: {reason}",
    fr="le fichier ne peut pas être lu : {reason}",
    hint_en="Check its permissions and the disk.",
    hint_fr="Vérifiez ses droits d'accès et le disque.",
)  # fmt: skip
NOT_A_FILE = declare(
    "D103", _E,
    en="this is not a regular file",
    fr="ce n'est pas un fichier ordinaire",
    hint_en="Give the path of a YAML file, not of a directory or a device.",
    hint_fr="Donnez le chemin d'un fichier YAML, et non d'un répertoire ou d'un périphérique.",
)  # fmt: skip
TOO_LARGE = declare(
    "D104", _E,
    en="the file holds more than {limit} KiB",
    fr="le fichier dépasse {limit} Kio",
    hint_en="A collectivity takes a few KiB: something else was pasted into this file.",
    hint_fr="Une collectivité tient en quelques Kio : autre chose a été collé dans ce fichier.",
)  # fmt: skip
NOT_UTF8 = declare(
    "D105", _E,
    en="the byte {byte} is not UTF-8 text",
    fr="l'octet {byte} n'est pas du texte UTF-8",
    hint_en="Save the file as UTF-8; it looks like Windows-1252 or Latin-1 ({guess}).",
    hint_fr="Enregistrez le fichier en UTF-8 ; il semble en Windows-1252 ou Latin-1 ({guess}).",
)  # fmt: skip
UTF16 = declare(
    "D106", _E,
    en="the file is written in {encoding}, not in UTF-8",
    fr="le fichier est en {encoding}, et non en UTF-8",
    hint_en="Save the file as UTF-8 without byte order mark.",
    hint_fr="Enregistrez le fichier en UTF-8 sans marque d'ordre des octets (BOM).",
)  # fmt: skip
BOM = declare(
    "D107", _E,
    en="the file begins with a byte order mark (BOM)",
    fr="le fichier commence par une marque d'ordre des octets (BOM)",
    hint_en="Save the file as « UTF-8 », not as « UTF-8 with BOM ».",
    hint_fr="Enregistrez le fichier en « UTF-8 » et non en « UTF-8 avec BOM ».",
)  # fmt: skip
CONTROL = declare(
    "D108", _E,
    en="forbidden control character {character}",
    fr="caractère de contrôle interdit {character}",
    hint_en="Delete it: it cannot be seen and no service can use it.",
    hint_fr="Supprimez-le : il ne se voit pas et aucun service ne peut l'utiliser.",
)  # fmt: skip
INVISIBLE = declare(
    "D109", _E,
    en="invisible character {character}",
    fr="caractère invisible {character}",
    hint_en="Delete it: what a reviewer reads must be what is applied.",
    hint_fr="Supprimez-le : ce que lit le relecteur doit être ce qui est appliqué.",
)  # fmt: skip

INDENT_CHARACTER = declare(
    "D114", _E,
    en="the indentation holds {what_en}",
    fr="l'indentation contient {what_fr}",
    hint_en="Indent with ordinary spaces, two per level; set the editor to insert spaces.",
    hint_fr="Indentez avec des espaces ordinaires, deux par niveau ; réglez l'éditeur ainsi.",
)  # fmt: skip

# --- the document as a whole ------------------------------------------------------------
EMPTY = declare(
    "D110", _E,
    en="the file is empty",
    fr="le fichier est vide",
    hint_en="Declare something, or delete the file; `bastide new` writes a first version.",
    hint_fr="Déclarez quelque chose ou supprimez le fichier ; `bastide new` en écrit un premier.",
)  # fmt: skip
LONE_VALUE = declare(
    "D111", _E,
    en="the file holds one lone value, not sections (`key: value`)",
    fr="le fichier contient une valeur isolée, et non des rubriques (`clé: valeur`)",
    hint_en="Begin with a section, such as `collectivity:`.",
    hint_fr="Commencez par une rubrique, comme `collectivity:`.",
)  # fmt: skip
SEVERAL = declare(
    "D112", _E,
    en="a second document begins here",
    fr="un deuxième document commence ici",
    hint_en="One file holds one document: remove `---` and `...`, make another file of the rest.",
    hint_fr="Un fichier contient un seul document : retirez `---` et `...`, et séparez la suite.",
)  # fmt: skip
DIRECTIVE = declare(
    "D113", _E,
    en="YAML directives (`%YAML`, `%TAG`) are not used here",
    fr="les directives YAML (`%YAML`, `%TAG`) n'ont pas cours ici",
    hint_en="Delete the lines that begin with `%`.",
    hint_fr="Supprimez les lignes qui commencent par `%`.",
)  # fmt: skip

# --- one node ---------------------------------------------------------------------------
DUPLICATE = declare(
    "D116", _E,
    en="the key « {key} » is already on line {first}",
    fr="la clé « {key} » figure déjà à la ligne {first}",
    hint_en="Merge the two, or delete one: a key can be given only once.",
    hint_fr="Fusionnez les deux ou supprimez-en une : une clé ne se donne qu'une fois.",
)  # fmt: skip
KEY_NOT_TEXT = declare(
    "D117", _E,
    en="the key « {key} » is not text: YAML takes it for {reading_en}",
    fr="la clé « {key} » n'est pas du texte : YAML y voit {reading_fr}",
    hint_en='Write the key in quotes: "{key}".',
    hint_fr='Écrivez la clé entre guillemets : "{key}".',
)  # fmt: skip
KEY_NOT_SCALAR = declare(
    "D118", _E,
    en="a list or a mapping cannot be a key",
    fr="une liste ou un ensemble de clés ne peut pas servir de clé",
    hint_en="A text that begins with `[` or `{{` must be quoted.",
    hint_fr="Un texte qui commence par `[` ou `{{` doit être entre guillemets.",
)  # fmt: skip
ANCHOR = declare(
    "D119", _E,
    en="the anchor `&{name}` is not accepted",
    fr="l'ancre `&{name}` n'est pas acceptée",
    hint_en="Write the value where it is used; a text that begins with `&` must be quoted.",
    hint_fr="Écrivez la valeur là où elle sert ; un texte qui commence par `&` se met entre "
    "guillemets.",
)  # fmt: skip
ALIAS = declare(
    "D120", _E,
    en="the alias `*{name}` is not accepted",
    fr="l'alias `*{name}` n'est pas accepté",
    hint_en="Repeat the value; a text that begins with `*` must be quoted.",
    hint_fr="Répétez la valeur ; un texte qui commence par `*` se met entre guillemets.",
)  # fmt: skip
MERGE = declare(
    "D121", _E,
    en="the merge key `<<` is not accepted",
    fr="la clé de fusion `<<` n'est pas acceptée",
    hint_en="Write the keys themselves: what is declared must be readable in place.",
    hint_fr="Écrivez les clés elles-mêmes : ce qui est déclaré doit se lire sur place.",
)  # fmt: skip
TAG = declare(
    "D122", _E,
    en="the tag `{tag}` is not accepted",
    fr="l'étiquette `{tag}` n'est pas acceptée",
    hint_en="Delete it; a text that begins with `!` must be quoted.",
    hint_fr="Supprimez-la ; un texte qui commence par `!` se met entre guillemets.",
)  # fmt: skip
TOO_DEEP = declare(
    "D123", _E,
    en="more than {limit} levels stand one inside the other",
    fr="plus de {limit} niveaux sont emboîtés",
    hint_en="No declaration needs that depth: look for brackets that are not closed.",
    hint_fr="Aucune déclaration n'est si profonde : cherchez des crochets non refermés.",
)  # fmt: skip
TOO_LONG = declare(
    "D124", _E,
    en="this text has {length} characters, the limit is {limit}",
    fr="ce texte compte {length} caractères, la limite est de {limit}",
    hint_en="Shorten it; a file or an image does not belong into the YAML.",
    hint_fr="Raccourcissez-le ; un fichier ou une image n'a pas sa place dans le YAML.",
)  # fmt: skip
MORE = declare(
    "D125", _E,
    en="{limit} findings or more in this file; those below this line are not shown",
    fr="{limit} constats ou plus dans ce fichier ; ceux d'après cette ligne ne sont pas montrés",
    hint_en="Correct these first, then run again.",
    hint_fr="Corrigez d'abord ceux-ci, puis relancez.",
)  # fmt: skip
