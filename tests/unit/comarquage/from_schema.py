# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents made at random from an XSD, to try a reader on all that a schema allows.

Understood is what DILA's schemas of flux 3.5 are made of; anything else raises Unsupported, so
that a newer schema cannot pass without being looked at.  Whether what is made is valid is not
taken on trust: tests ask libxml2.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lxml import etree

XSD = "{http://www.w3.org/2001/XMLSchema}"
# Opened from the folder only: no network, no DTD.
PARSER = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
_PARTICLES = frozenset(XSD + name for name in ("element", "group", "sequence", "choice"))
_COMPONENTS = frozenset(
    XSD + name
    for name in ("element", "group", "complexType", "simpleType", "attribute", "attributeGroup")
)
_UNBOUNDED = 1_000_000
_SIMPLE = frozenset({"string", "boolean", "date", "dateTime", "nonNegativeInteger",
                     "positiveInteger", "NCName", "language", "anyURI"})  # fmt: skip


class Unsupported(Exception):
    """Something in a schema that the maker of documents has no idea of."""


@dataclass(eq=False)
class Simple:
    """A text's type: a built-in one by its local name, perhaps with the values it is held to."""

    name: str
    values: tuple[str, ...] = ()


@dataclass(eq=False)
class Attribute:
    """`label` is ``owner@name``, unique in a schema."""

    name: str
    label: str
    type: Simple
    required: bool


@dataclass(eq=False)
class Particle:
    """An element, or a sequence or choice of `parts`, `least` to `most` times."""

    kind: str
    least: int
    most: int
    parts: list[Particle] = field(default_factory=list)
    element: Element | None = None


@dataclass(eq=False)
class Element:
    """A declaration; `label` is its place in the schema (``Cas/Introduction``)."""

    schema: Schema = field(repr=False)
    node: etree._Element = field(repr=False)
    name: str
    label: str

    @cached_property
    def type(self) -> Simple | Complex:
        """Read when it is asked for: declarations may hold themselves."""
        return self.schema.type_of(self.node)

    @cached_property
    def height(self) -> int:
        """Levels that stand below it at the least."""
        return _height(self, frozenset())


@dataclass(eq=False)
class Complex:
    """What an element may hold."""

    mixed: bool
    attributes: list[Attribute]
    content: Particle | None


def _height(element: Element, above: frozenset[Element]) -> int:
    kind = element.type
    if element in above:
        return _UNBOUNDED
    if isinstance(kind, Simple) or kind.content is None:
        return 0
    return _needed(kind.content, above | {element})


def _needed(particle: Particle, above: frozenset[Element]) -> int:
    if particle.least == 0:
        return 0
    if particle.element is not None:
        return 1 + _height(particle.element, above)
    heights = [_needed(part, above) for part in particle.parts]
    return (min if particle.kind == "choice" else max)(heights, default=0)


class Schema:
    """The components of `path` and of all files that it includes or imports, by name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._named: dict[tuple[str, str], etree._Element] = {}
        self._made: dict[str, Complex | Element | Particle] = {}
        self.files: dict[Path, etree._Element] = {}
        self._load(path.resolve())

    def _load(self, path: Path) -> None:
        if path in self.files:
            return
        root = etree.parse(path, PARSER).getroot()
        self.files[path] = root
        target = root.get("targetNamespace")
        for node in root:
            if node.tag in {XSD + "include", XSD + "import"}:
                self._load((path.parent / node.get("schemaLocation")).resolve())
            elif node.tag in _COMPONENTS:
                name = f"{{{target}}}{node.get('name')}" if target else node.get("name")
                self._named[node.tag.removeprefix(XSD), name] = node
            elif isinstance(node.tag, str) and node.tag != XSD + "annotation":
                raise Unsupported(node.tag)

    def root(self, name: str) -> Element:
        """The global declaration of `name`."""
        return self._element(self._named["element", name])

    def _referred(self, kind: str, node: etree._Element, attribute: str = "ref") -> etree._Element:
        return self._named[kind, self._name(node, node.get(attribute))]

    @staticmethod
    def _name(node: etree._Element, name: str) -> str:
        prefix, _, local = name.rpartition(":")
        namespace = node.nsmap.get(prefix or None)
        return f"{{{namespace}}}{local}" if namespace else local

    def _label(self, node: etree._Element) -> str:
        path = [*reversed([*node.iterancestors()]), node]
        return "/".join(one.get("name") for one in path if one.get("name"))

    def _key(self, node: etree._Element) -> str:
        tree = node.getroottree()
        return f"{tree.docinfo.URL}{tree.getpath(node)}"

    def _element(self, node: etree._Element) -> Element:
        key = self._key(node)
        made = self._made.get(key)
        if not isinstance(made, Element):
            target = node.getroottree().getroot().get("targetNamespace")
            name = f"{{{target}}}{node.get('name')}" if target else str(node.get("name"))
            made = Element(self, node, name, self._label(node))
            self._made[key] = made
        return made

    def type_of(self, node: etree._Element) -> Simple | Complex:
        """The type of an element's or attribute's declaration."""
        name = node.get("type")
        if name is not None:
            full = self._name(node, name)
            if full.startswith(XSD):
                return self._built_in(full)
            if ("complexType", full) in self._named:
                return self._complex(self._named["complexType", full])
            return self._simple(self._named["simpleType", full])
        for child in node:
            if child.tag == XSD + "complexType":
                return self._complex(child)
            if child.tag == XSD + "simpleType":
                return self._simple(child)
        return Simple("string")  # without a type anything may stand there, as text

    @staticmethod
    def _built_in(name: str) -> Simple:
        local = name.removeprefix(XSD)
        if local not in _SIMPLE:
            raise Unsupported(name)
        return Simple(local)

    def _simple(self, node: etree._Element) -> Simple:
        restriction = node.find(XSD + "restriction")
        if restriction is None:
            raise Unsupported(self._label(node))
        if any(facet.tag != XSD + "enumeration" for facet in restriction):
            raise Unsupported(self._label(node))
        base = self._built_in(self._name(restriction, restriction.get("base")))
        return Simple(base.name, tuple(facet.get("value") for facet in restriction))

    def _complex(self, node: etree._Element) -> Complex:
        key = self._key(node)
        made = self._made.get(key)
        if isinstance(made, Complex):
            return made
        made = Complex(node.get("mixed") == "true", [], None)
        self._made[key] = made
        for child in node:
            if child.tag in _PARTICLES:
                made.content = self._particle(child)
            elif child.tag in {XSD + "attribute", XSD + "attributeGroup"}:
                made.attributes += self._attributes(child)
            elif isinstance(child.tag, str) and child.tag != XSD + "annotation":
                raise Unsupported(f"{self._label(node)}: {child.tag}")
        return made

    def _attributes(self, node: etree._Element) -> Iterator[Attribute]:
        if node.tag == XSD + "attributeGroup":
            for child in self._referred("attributeGroup", node):
                if child.tag in {XSD + "attribute", XSD + "attributeGroup"}:
                    yield from self._attributes(child)
            return
        declared = self._referred("attribute", node) if node.get("ref") else node
        kind = self.type_of(declared)
        if isinstance(kind, Complex) or node.get("use") == "prohibited":
            raise Unsupported(self._label(node))
        # Global ones belong to the namespace of their schema, which is none in these.
        label = f"{self._label(node.getparent())}@{declared.get('name')}"
        yield Attribute(declared.get("name"), label, kind, node.get("use") == "required")

    def _particle(self, node: etree._Element) -> Particle:
        least = int(node.get("minOccurs") or 1)
        most = node.get("maxOccurs") or "1"
        times = least, _UNBOUNDED if most == "unbounded" else int(most)
        if node.tag == XSD + "element":
            declared = self._referred("element", node) if node.get("ref") else node
            return Particle("element", *times, element=self._element(declared))
        if node.tag == XSD + "group":
            group = self._referred("group", node)
            inner = [child for child in group if child.tag in _PARTICLES]
            key = self._key(group)
            made = self._made.get(key)
            if not isinstance(made, Particle):
                made = self._particle(inner[0])
                self._made[key] = made
            return Particle("sequence", *times, [made])
        parts = []
        for child in node:
            if child.tag in _PARTICLES:
                parts.append(self._particle(child))
            elif isinstance(child.tag, str) and child.tag != XSD + "annotation":
                raise Unsupported(f"{self._label(node)}: {child.tag}")
        return Particle(node.tag.removeprefix(XSD), *times, parts)

    def reachable(self, root: str) -> tuple[set[str], set[str], set[str]]:
        """Labels of declarations, names of elements, labels of attributes, in documents of `root`.

        Labels tell the same name in two places apart; names are those of the document.
        """
        labels: set[str] = set()
        names: set[str] = set()
        attributes: set[str] = set()
        waiting = [self.root(root)]
        while waiting:
            element = waiting.pop()
            if element.label in labels:
                continue
            labels.add(element.label)
            names.add(element.name)
            if isinstance(element.type, Complex):
                attributes |= {one.label for one in element.type.attributes}
                waiting += _elements(element.type.content)
        return labels, names, attributes


def _elements(particle: Particle | None) -> Iterator[Element]:
    if particle is not None:
        if particle.element is not None:
            yield particle.element
        for part in particle.parts:
            yield from _elements(part)


# What the schemas say in comments only: the values that a text really has.  Those that are not
# listed are words.
_VALUES: dict[str, Sequence[str]] = {
    "@ID": ("F1", "F2", "F3", "N1", "N2", *(f"R{number}" for number in range(1, 30))),
    "@LienPublication": ("F1", "F2", "F3", "F77", "N1", "R1", "R2", "R3", "R4", "Particuliers"),
    "@LienID": ("F1", "N2", *(f"R{number}" for number in range(1, 30))),
    "@var": ("T1", "T2", "T3", "T4", "T5"),
    "@audience": ("Particuliers", "Professionnels", "Associations"),
    "@statut": ("enCoursDeMiseAJour", "miseAJourAVenir"),
    "@langue": ("fr", "en", "de", "zh-Hant"),
    "@format": ("application/pdf", "text/csv", "image/png", "text/html"),
    "@poids": ("67.2 KB", "1.2 MB", "350"),
    "@fournisseur": ("youTube", "dailyMotion", "vimeo", "ina"),
    "@affichage": ("onglet", "radio", "sequentiel"),
    "@groupe": ("obligatoire", "facultatif", "autresPublics"),
    "@modalite": ("enLigne", "surPlace", "parCorres"),
    "@redimensionnable": ("oui", "non"),
    "@important": ("oui", "non"),
    "@profilsPro": ("tout", "mi,ei"),
    "@origineSelf": ("interne", "externe"),
    "@headerID": ("c1", "c2"),
    "@refHeaderID": ("c1", "c1 c2"),
    "Liste@type": ("puce", "numero", "caseACocher"),
    "Colonne@type": ("header", "normal"),
    "Rangée@type": ("header", "normal"),
    "BlocCas@type": ("modalite",),
    "LienInterne@type": ("Dossier", "Sigle", "Acronyme", "Formulaire"),
    "Tel": ("39 39", "+33 1 23 45 67 89", "01 23 45 67 89"),
    "PivotLocal": ("mairie", "prefecture", "caf"),
    "{http://purl.org/dc/elements/1.1/}date": ("modified 2026-09-01", "modified 2025-01-31"),
    "{http://purl.org/dc/elements/1.1/}source": (
        "https://www.legifrance.gouv.fr/a, https://www.legifrance.gouv.fr/b",
    ),
}  # fmt: skip
_ADDRESSES = frozenset({"URL", "toUrl", "URLcerfaGuide", "spUrl", "questionnaireUrl"})
_SYLLABLES = ("bra", "cé", "chou", "dri", "êlo", "fan", "gué", "hiv", "lœ", "mon", "nif", "où",
              "pla", "qua", "rô", "sil", "tré", "ville")  # fmt: skip
_AROUND = ("", "", " ", " ", " l'", " & ", " < ", ", ", "\n")


class Maker:
    """Makes one document after the other; what did not occur yet is taken before the rest.

    `made` counts labels of declarations and attributes.  Elements stand `deepest` levels below
    the root at the most (a few more where one must hold others).
    """

    def __init__(self, schema: Schema, seed: int, deepest: int = 12) -> None:
        self.schema = schema
        self.deepest = deepest
        self.made: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._words = 0

    def document(self, root: str) -> etree._Element:
        """A document whose root is the global element `root`; all its words are distinct."""
        self._words = 0
        element = self._element(self.schema.root(root), 0)
        if "ID" in element.attrib:
            element.set("ID", "F1")
        return element

    def word(self) -> str:
        """A word that the document does not have yet."""
        number = self._words = self._words + 1
        word = ""
        while number:
            number, left = divmod(number, len(_SYLLABLES))
            word += _SYLLABLES[left]
        return word

    def _element(self, declared: Element, depth: int) -> etree._Element:
        self.made[declared.label] += 1
        element = etree.Element(declared.name)
        kind = declared.type
        if isinstance(kind, Simple):
            element.text = self._text(kind, declared.name)
            return element
        for attribute in kind.attributes:
            new = not self.made[attribute.label]
            if attribute.required or new or self._random.random() < 0.3:
                self.made[attribute.label] += 1
                element.set(attribute.name, self._value(attribute, declared.name))
        if kind.content is not None:
            self._fill(element, kind.content, depth + 1)
        if kind.mixed:
            self._mix(element)
        return element

    def _fill(self, element: etree._Element, particle: Particle, depth: int) -> None:
        for _ in range(self._times(particle, depth)):
            if particle.element is not None:
                element.append(self._element(particle.element, depth))
            elif particle.kind == "choice":
                part = self._chosen(particle.parts, depth)
                if part is not None:
                    self._fill(element, part, depth)
            else:
                for part in particle.parts:
                    self._fill(element, part, depth)

    def _chosen(self, parts: list[Particle], depth: int) -> Particle | None:
        """One part: of those that were seldom so far, or any; the lowest where it is deep."""
        if depth >= self.deepest:
            return min(parts, key=lambda part: _needed(part, frozenset()))
        if self._random.random() < 0.5:
            parts = [part for part in parts if self._seen(part) == min(map(self._seen, parts))]
        return self._random.choice(parts)

    def _seen(self, particle: Particle) -> int:
        return min((self.made[one.label] for one in _elements(particle)), default=0)

    def _times(self, particle: Particle, depth: int) -> int:
        if particle.least == particle.most:
            return particle.least
        if depth >= self.deepest:
            return particle.least
        more = 0
        # The deeper the fewer, so that a document ends.
        likely = 0.5 if depth < 3 else 0.4 if depth < 6 else 0.2
        while more < 3 and self._random.random() < likely:
            more += 1
        new = particle.element is not None and not self.made[particle.element.label]
        return min(max(particle.least + more, int(new)), particle.most)

    def _mix(self, element: etree._Element) -> None:
        """Text before, between and after the children; sometimes none."""
        if self._random.random() < 0.93:
            element.text = self._run()
        for child in element:
            if self._random.random() < 0.7:
                child.tail = self._run()

    def _run(self) -> str:
        words = " ".join(self.word() for _ in range(self._random.choice((1, 1, 2))))
        return f"{self._random.choice(_AROUND)}{words}{self._random.choice(_AROUND)}"

    def _value(self, attribute: Attribute, owner: str) -> str:
        name = attribute.name
        if name in _ADDRESSES:
            scheme = self._random.choice(("https", "http"))
            return f"{scheme}://www.{self._random.choice('abc')}.example/{self.word()}?a=1&b=2"
        values = _VALUES.get(f"{owner}@{name}") or _VALUES.get(f"@{name}")
        if values and attribute.type.name == "string":
            return self._random.choice(values)
        return self._text(attribute.type, "")

    def _text(self, kind: Simple, name: str) -> str:
        lot = self._random
        if kind.values:
            return lot.choice(kind.values)
        if kind.name == "string":
            if name in _VALUES:
                return lot.choice(_VALUES[name])
            return self._run() if lot.random() < 0.93 else lot.choice(("", " "))
        day = f"{lot.randint(2020, 2027)}-{lot.randint(1, 12):02}-{lot.randint(1, 28):02}"
        made = {
            "boolean": lot.choice(("true", "false", "1", "0")),
            "date": day,
            "dateTime": f"{day}T06:00:00",
            "nonNegativeInteger": str(lot.randint(0, 3)),
            "positiveInteger": str(lot.randint(1, 900)),
        }
        if kind.name not in made:
            raise Unsupported(kind.name)
        return made[kind.name]
