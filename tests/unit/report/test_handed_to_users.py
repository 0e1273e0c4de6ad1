# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user is handed: the sheet, the Apple profile; and that they say what the servers say."""

from __future__ import annotations

import io
import os
import plistlib
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import jinja2
import pypdf
import pytest

from bastide.diagnostics import InvalidInput
from bastide.documents import read_file
from bastide.fleet import Fleet, Repository
from bastide.lab.certificates import ensure_certificates
from bastide.lab.layout import read_layout
from bastide.model import build_platform
from bastide.model.clients import sts_policy
from bastide.report.profile import profile, sign
from bastide.report.sheet import FONTS, sheet

ROOT = Path(__file__).parents[3]
LONG = "a" * 64 + "@" + "b" * 40 + ".fr"
CHARTER = f"""\
collectivity: {{kind: commune, siren: "214600017"}}
convention: {{signed_on: 2026-01-01, modules: [internet]}}
domains:
  albas-46.fr:
  {"b" * 40}.fr:
mail:
  accounts:
    mairie@albas-46.fr: {{quota: 5 GB}}
    {LONG}:
  aliases:
    contact@albas-46.fr: [mairie@albas-46.fr]
"""
WEBMAIL = "https://webmail.info46.com/"


@pytest.fixture
def root(tmp_path):
    for name in ("schemas", "inventory"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "collectivities" / "46").mkdir(parents=True)
    (tmp_path / "collectivities" / "46" / "albas.yml").write_text(CHARTER, encoding="utf-8")
    return tmp_path


@pytest.fixture
def fleet(root):
    return Fleet(Repository(root))


def with_clients(root, clients):
    """The fleet when platform.yml says `clients`, nothing when it is empty."""
    path = root / "inventory" / "lab" / "platform.yml"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(clients if "  clients:" in one else one for one in lines), "utf-8")
    return Fleet(Repository(root))


def text_of(pdf):
    [page] = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return " ".join(page.extract_text().split())


def test_the_sheet_is_one_page_that_names_servers_ports_and_no_password(fleet):
    text = text_of(sheet(fleet, "Mairie@Albas-46.fr"))
    for sign_ in (
        "Votre courrier électronique",
        "mairie@albas-46.fr",
        "mail.info46.com, port 993, SSL/TLS",
        "mail.info46.com, port 465, SSL/TLS (ou 587, STARTTLS)",
        "CDG 46 vous remet un lien à usage unique",
        "https://config.info46.com/mobileconfig",
    ):
        assert sign_ in text
    assert "web" not in text  # none is configured


def test_the_sheet_has_a_title_a_language_and_its_font_inside(fleet):
    reader = pypdf.PdfReader(io.BytesIO(sheet(fleet, "mairie@albas-46.fr")))
    assert reader.metadata.title == "Courrier de mairie@albas-46.fr"
    assert reader.root_object["/Lang"] == "fr-FR"
    assert next(entry.title for entry in reader.outline) == "Vos réglages"
    fonts = reader.pages[0]["/Resources"]["/Font"].values()
    embedded = [f["/DescendantFonts"][0]["/FontDescriptor"]["/FontFile2"] for f in fonts]
    assert len(embedded) == 2


@pytest.mark.parametrize("address", ["mairie@albas-46.fr", LONG])
@pytest.mark.parametrize(
    "clients",
    ["", f"  clients: {{setup: c.example.org, server: m.example.org, webmail: '{WEBMAIL}'}}\n"],
    ids=["nothing", "webmail"],
)
def test_the_sheet_stays_one_page_whatever_the_platform_offers(root, clients, address):
    text = text_of(sheet(with_clients(root, clients), address))
    assert (WEBMAIL in text) == bool(clients)
    assert ("mobileconfig" in text) == bool(clients)
    assert ("m.example.org" if clients else "mail.info46.com") in text


@pytest.mark.parametrize("make", [sheet, profile])
@pytest.mark.parametrize("address", ["contact@albas-46.fr", "nobody@albas-46.fr", "x"])
def test_only_an_account_gets_one(fleet, make, address):
    with pytest.raises(InvalidInput, match="no charter asks for"):
        make(fleet, address)


def test_a_machine_without_the_font_is_told_what_to_install(fleet, tmp_path):
    assert FONTS.is_dir()
    with pytest.raises(InvalidInput) as told:
        sheet(fleet, "mairie@albas-46.fr", tmp_path)
    assert "fonts-dejavu-core" in told.value.diagnostics[0].hint("fr")


def rendered(template, **variables):
    folder = ROOT / "roles" / "nginx" / "templates"
    loader = jinja2.FileSystemLoader(folder)
    # As Ansible renders: https://docs.ansible.com, module template.
    environment = jinja2.Environment(loader=loader, trim_blocks=True, keep_trailing_newline=True)
    environment.filters["to_uuid"] = lambda text: str(uuid.uuid5(uuid.NAMESPACE_DNS, text))
    return environment.get_template(template).render(**variables)


def test_the_profile_of_one_address_and_that_of_the_web_host_give_the_same_settings(fleet):
    own = plistlib.loads(profile(fleet, "mairie@albas-46.fr"))
    text = rendered(
        "profile.mobileconfig.j2",
        nginx_clients_setup="config.info46.com",
        nginx_clients_server="mail.info46.com",
        nginx_clients_name="CDG 46",
    )
    served = plistlib.loads(text.encode())
    [mine], [theirs] = own["PayloadContent"], served["PayloadContent"]
    assert mine["EmailAddress"] == mine["IncomingMailServerUsername"] == "mairie@albas-46.fr"
    assert not any(key == "Password" or key.endswith("ServerPassword") for key in mine)
    # Two addresses on one device are two profiles.
    assert own["PayloadUUID"] != plistlib.loads(profile(fleet, LONG))["PayloadUUID"]
    same = [key for key in theirs if "Server" in key or "Auth" in key or "Type" in key]
    assert len(same) > 8
    assert {key: mine[key] for key in same} == {key: theirs[key] for key in same}


@pytest.mark.parametrize("mode", ["testing", "enforce"])
def test_the_policy_that_is_served_is_the_one_whose_digest_is_published(tmp_path, mode):
    text = (ROOT / "tests" / "data" / "desired" / "014-mta-sts" / "platform.yml").read_text()
    (tmp_path / "p.yml").write_text(text.replace("mta_sts: testing", f"mta_sts: {mode}"))
    document, _ = read_file(tmp_path / "p.yml", "p.yml")
    platform = build_platform("p.yml", document.data)
    served = rendered("mta-sts.txt.j2", nginx_mta_sts=mode, nginx_mta_sts_mx=list(platform.mail.mx))
    assert served == sts_policy(platform)
    assert f"mode: {mode}\nmx: mx1.info46.com\nmx: mx2.info46.com\n" in served


def test_a_signed_profile_verifies_with_openssl_and_wrong_keys_are_told(fleet, root, tmp_path):
    lab = read_layout(root)
    ensure_certificates(lab)
    tls = lab.files / "tls"
    data = profile(fleet, "mairie@albas-46.fr")
    signed, out = tmp_path / "signed", tmp_path / "out"
    signed.write_bytes(sign(data, tls / "web.pem", tls / "web.key"))
    command = ["openssl", "smime", "-verify", "-inform", "der", "-purpose", "any"]
    files = ["-CAfile", tls / "ca.pem", "-in", signed, "-out", out]
    subprocess.run([*command, *files], check=True, capture_output=True)
    assert out.read_bytes() == data
    for certificate, key in (("web.pem", "mail.key"), ("none", "web.key"), ("web.key", "web.pem")):
        with pytest.raises(InvalidInput) as told:
            sign(data, tls / certificate, tls / key)
        assert told.value.diagnostics[0].code == "C841"


def test_the_commands_write_their_file_and_say_where(root):
    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "bastide", "mail", *arguments],
            cwd=root,
            env=os.environ | {"LC_ALL": "fr_FR.UTF-8"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    done = run("sheet", "mairie@albas-46.fr")
    assert done.returncode == 0, done.stderr
    assert "écrit : mairie@albas-46.fr.pdf" in done.stderr
    assert (root / "mairie@albas-46.fr.pdf").read_bytes().startswith(b"%PDF-")
    done = run("mobileconfig", "mairie@albas-46.fr", "--out", "p.mobileconfig")
    assert plistlib.loads((root / "p.mobileconfig").read_bytes())["PayloadType"] == "Configuration"
    assert run("mobileconfig", "mairie@albas-46.fr", "--key", "x").returncode == 2
    assert run("sheet", "nobody@albas-46.fr").returncode == 1
