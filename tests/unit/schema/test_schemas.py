# SPDX-License-Identifier: GPL-3.0-or-later
"""The schemas and catalogues of the repository, and broken ones."""

import shutil

import pytest

from bastide.documents import read_bytes, read_file
from bastide.schema import Schemas, nearest, verify


def test_schemas_and_catalogues_are_sound(schemas):
    assert schemas.diagnostics == []
    for schema in (schemas.collectivity, schemas.platform, schemas.catalog):
        assert verify(schema) is None
    catalogues = schemas.catalogues()
    assert {"causse", "quercy", "dordogne"} <= set(catalogues.models)
    assert {"pierre", "vigne", "riviere"} <= set(catalogues.palettes)
    assert {"newsletter", "agenda"} <= set(catalogues.functions)
    assert {"acte-naissance", "rendez-vous-elu", "debit-boissons"} <= set(catalogues.procedures)
    assert set(catalogues.registrars) == {"gandi", "ovh", "scaleway", "manual"}


def test_the_example_fleet_and_the_lab_have_no_finding(root, schemas):
    charters = sorted((root / "collectivities").rglob("*.yml"))
    assert len(charters) > 300
    for path in charters:
        document, found = read_file(path)
        assert [*found, *schemas.check_collectivity(document)] == [], path
    document, found = read_file(root / "inventory" / "lab" / "platform.yml")
    assert [*found, *schemas.check_platform(document)] == []


def test_palettes_are_readable_on_white(schemas):
    """WCAG 2.1, 1.4.3: at least 4.5:1, by the relative luminance of its glossary."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    for name, palette in schemas.catalogues().palettes.items():
        for colour in palette["colours"].values():
            assert 1.05 / (luminance(colour) + 0.05) >= 4.5, (name, colour)


@pytest.fixture
def copied(root, tmp_path):
    shutil.copytree(root / "schemas", tmp_path / "schemas")
    return tmp_path / "schemas"


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("collectivity.yml", "type: dict", "type: dictionary", "S290"),
        ("collectivity.yml", "allowed: [commune", "allowed: commune  # [", "S290"),
        ("collectivity.yml", "schema: page", "schema: leaf", "S290"),
        ("collectivity.yml", "fields:", "champs:", "S290"),
        ("collectivity.yml", "regex: '\\S+\\Z'", "regex: '\\S('", "S290"),
        ("platform.yml", "type: dict", "type: dict\n    type: dict", "D116"),
        ("platform.yml", "title:", "\ttitle:", "D114"),
        ("catalog/palettes.yml", '"#5b4636"', '"brown"', "S222"),
        ("catalog/models.yml", "  causse:", "  Causse Noir:", "S205"),
    ],
)
def test_a_broken_schema_or_catalogue_is_a_diagnostic(copied, file, old, new, code):
    path = copied / file
    text = path.read_text(encoding="utf-8")
    if old not in text:
        old = "regex: '\\S(.*\\S)?\\Z'"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    loaded = Schemas.load(copied)
    assert code in {d.code for d in loaded.diagnostics}
    assert all(file.rpartition("/")[2] in d.file for d in loaded.diagnostics)


def test_a_missing_schema_is_a_diagnostic(copied):
    (copied / "platform.yml").unlink()
    (copied / "catalog" / "models.yml").unlink()
    loaded = Schemas.load(copied)
    assert [d.code for d in loaded.diagnostics] == ["D101", "D101"]


def test_pages_go_six_levels_deep_and_no_further(schemas):
    def charter(levels):
        pages = "[Fin]"
        for level in range(levels - 1):
            pages = f"[{{N{level}: {pages}}}]"
        text = (
            'collectivity: {kind: commune, siren: "214600421"}\n'
            f"site: {{kind: cms, domain: x.fr, pages: {pages}}}\n"
        )
        document, found = read_bytes(text.encode(), "x.yml")
        assert found == []
        return schemas.check_collectivity(document)

    assert charter(6) == []
    assert [d.code for d in charter(8)] == ["S216"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("sirene", "siren"),
        ("mial", "mail"),
        ("Domains", "domains"),
        ("site-web", None),
        ("re_cords", "records"),
        ("zzz", None),
        ("", None),
        ("k" * 500, None),
    ],
)
def test_did_you_mean(word, meant):
    assert nearest(word, ["siren", "mail", "domains", "records", "kind"]) == meant
