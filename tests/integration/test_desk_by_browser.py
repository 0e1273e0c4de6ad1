# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole house, as people meet it: a charter applied to the lab, then Chromium alone.

A citizen files a request with a file, an agent answers, the citizen follows it up; the agent makes
a new procedure, and a citizen uses it. With BASTIDE_PICTURES, the folder that pictures of the pages
go to (those of docs/images are made by it).
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import socket
import ssl
import time
from pathlib import Path
from types import SimpleNamespace

import pyotp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from PIL import Image
from selenium.webdriver.common.by import By

from bastide.lab import read_sink
from integration.desk.browser import Browser, axe
from integration.town import CHECKOUT, charter, some_siren

PICTURE = CHECKOUT / "tests/data/attached/assets/46/cahors/bandeau.png"
PASSWORD = "une phrase que personne ne devine"
CITIZEN = "jeanne@example.org"


@pytest.fixture(scope="module")
def own_siren():
    """A desk stays for ever, so that each session has one of its own."""
    return some_siren()


@pytest.fixture
def albas(town, own_siren):
    """A town with a desk, applied."""
    folder = town.root / "assets/46/albas"
    folder.mkdir(parents=True)
    shutil.copy(PICTURE, folder / "bandeau.png")
    desk = f"""guichet:
  domain: demarches.{town.albas}
  banner: {{file: assets/46/albas/bandeau.png, alt: Le clocher de Cahors}}
  colours: {{primary: "#1f4e79"}}
  procedures: [intervention-services, acte-naissance, rendez-vous-elu]
  agents:
    mairie@{town.albas}: {{role: manager, name: Mairie}}
  comarquage: [particuliers]
"""
    site = f"site: {{kind: holding, domain: www.{town.albas}"
    text = charter(own_siren, town.albas) + desk
    assert site in text
    town.write("46/albas", text.replace(site, f"{site}, functions: {{comarquage: true}}"))
    town.commit()
    town.apply()
    return town


@pytest.fixture
def someone(albas, tmp_path):
    """someone("citizen") is a browser of its own before the desk of the lab."""
    address, site = (f"{albas.addresses[host]}:443" for host in ("desk", "web"))
    names = {"desk": f"demarches.{albas.albas}", "web": f"www.{albas.albas}"}
    keys = ",".join(_digest(albas, host, name) for host, name in names.items())
    place = SimpleNamespace(address=address, digest=keys)
    opened = []

    def made(name):
        town = SimpleNamespace(host=f"demarches.{albas.albas}")
        opened.append(Browser(tmp_path / name, place, town, [(names["web"], site)]))
        return opened[-1]

    yield made
    for browser in opened:
        browser.driver.quit()


def _digest(town, host, name):
    """Of the key that a host shows for a name, as Chromium names it."""
    context = ssl.create_default_context(cafile=town.lab.files / "tls" / "ca.pem")
    context.check_hostname = False
    with (
        socket.create_connection((town.addresses[host], 443), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=name) as link,
    ):
        shown = x509.load_der_x509_certificate(link.getpeercert(binary_form=True))
    key = shown.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


def mailed(town, address, pattern):
    """What matches in the newest mail to someone; the outbox is emptied now, not in a minute."""
    town.podman("desk", "systemctl", "start", "guichet-mail.service")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for caught in reversed(read_sink(town.lab.root, address)):
            text = caught.message.get_body(("plain",)).get_content()
            if f"demarches.{town.albas}" in text and (found := re.search(pattern, text)):
                return found[1]
        time.sleep(0.2)  # between two looks
    raise AssertionError(f"no such mail to {address}: {pattern}")


def picture_of(browser, name):
    """Keep a picture of the page for the documentation, where it is asked for."""
    if folder := os.environ.get("BASTIDE_PICTURES"):
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        command = {"captureBeyondViewport": True}
        taken = browser.driver.execute_cdp_cmd("Page.captureScreenshot", command)
        (target / f"{name}.png").write_bytes(base64.b64decode(taken["data"]))


def follow(browser, text):
    """Follow the link that says so."""
    browser.driver.find_element(By.PARTIAL_LINK_TEXT, text).click()


def file_problem(browser, photograph):
    browser.go("/")
    picture_of(browser, "desk-home")
    follow(browser, "Signaler un problème")
    picture_of(browser, "desk-procedure")
    browser.press("Commencer")
    browser.one("#f-subject-2").click()  # lighting
    browser.type("#f-details", "Le lampadaire clignote.")
    browser.type("#f-seen", "01/02/2026")
    browser.press("Continuer")
    browser.type("#f-lamp", "B12")
    picture_of(browser, "desk-step")
    browser.press("Continuer")
    browser.type("#f-place-place", "Devant la halle")
    browser.one("#f-photo").send_keys(str(photograph))
    browser.press("Continuer")
    browser.type("#f-name-given", "Jeanne")
    browser.type("#f-name-family", "Essai")
    browser.type("#f-email", CITIZEN)
    browser.press("Continuer")
    assert photograph.name in browser.text
    picture_of(browser, "desk-review")
    browser.press("Envoyer la demande")
    return re.search(r"\d{4}-\d{6}", browser.text)[0]


def come_in(town, browser):
    address = f"mairie@{town.albas}"
    host = f"demarches.{town.albas}"
    town.podman("desk", "guichet-manage", "invite", host, address)
    browser.go(mailed(town, address, r"(/agents/invitation/\S+)"))
    key = browser.one(".secret").text.replace(" ", "")
    browser.type("#password", PASSWORD)
    browser.type("#again", PASSWORD)
    browser.type("#code", pyotp.TOTP(key).now())
    browser.press("Enregistrer")


def make_procedure(browser):
    """By the interface alone: two steps, three questions, one of which depends on another."""
    follow(browser, "Démarches")
    browser.go("/agents/demarches/")
    follow(browser, "Créer une démarche")
    browser.type("#title", "Emprunter une salle")
    browser.press("Commencer une démarche vide")
    follow(browser, "Informations générales")
    browser.type("#e-purpose", "Gérer les prêts de salles.")
    browser.type("#e-retention_months", "12")
    browser.press("Enregistrer")
    browser.type("#step-title", "La salle")
    browser.press("Ajouter l")
    for label, kind, more in (
        ("Quelle salle ?", "Texte court", ()),
        ("Vous écrire", "Adresse électronique", ("[name=required]", "[name=contact]")),
    ):
        browser.type("#label-0", label)
        browser.choose("#kind-0", kind)
        browser.press("Ajouter la question")
        for box in more:
            browser.one(box).click()
        browser.press("Enregistrer")
    picture_of(browser, "desk-builder")
    follow(browser, "Aperçu")
    picture_of(browser, "desk-preview")
    follow(browser, "Revenir à la démarche")
    follow(browser, "Publier")
    browser.press("Publier")


def test_filed_answered_followed_up_and_a_new_procedure_made_and_used(albas, someone, tmp_path):
    photograph = tmp_path / "lampadaire.jpg"
    Image.new("RGB", (40, 40), "yellow").save(photograph)
    citizen, agent = someone("citizen"), someone("agent")
    number = file_problem(citizen, photograph)
    personal = mailed(albas, CITIZEN, r"(/suivi/\S+)")

    come_in(albas, agent)
    picture_of(agent, "desk-inbox")
    follow(agent, number)
    assert "Le lampadaire clignote." in agent.text
    assert photograph.name in agent.text
    agent.press("Changer l")
    agent.type("#text", "Nous passons mardi. Êtes-vous là ?")
    agent.press("Envoyer à l")
    picture_of(agent, "desk-request")

    citizen.go(personal)
    assert "Prise en charge" in citizen.text
    assert "Nous passons mardi." in citizen.text
    citizen.type("#text", "Oui, merci.")
    citizen.press("Envoyer le message")
    picture_of(citizen, "desk-follow-up")
    agent.go(f"/agents/demandes/{number}/")
    assert "Oui, merci." in agent.text

    make_procedure(agent)
    citizen.go("/")
    follow(citizen, "Emprunter une salle")
    citizen.press("Commencer")
    citizen.type("#f-quelle_salle", "La halle")
    citizen.type("#f-vous_ecrire", CITIZEN)
    citizen.press("Continuer")
    citizen.press("Envoyer la demande")
    second = re.search(r"\d{4}-\d{6}", citizen.text)[0]
    agent.go("/agents/demandes/")
    follow(agent, second)
    assert "La halle" in agent.text


def test_the_towns_own_site_shows_the_guide_in_a_frame(albas, someone):
    citizen = someone("citizen")
    site = f"https://www.{albas.albas}/"
    citizen.driver.get(site)
    picture_of(citizen, "site-with-guide")
    # Chromium asks for an icon of its own accord.
    assert [one for one in citizen.faults(axe()) if one != f"{site}favicon.ico"] == []
    citizen.driver.switch_to.frame(citizen.one("iframe[title='Guide des droits et démarches']"))
    citizen.type("input[name=q]", "acte de naissance")
    citizen.press("Rechercher")
    follow(citizen, "Acte de naissance")
    assert "Acte de naissance" in citizen.one("h1").text
    assert "service-public" in citizen.text  # the mention, with its source

    citizen.driver.switch_to.default_content()
    assert citizen.driver.current_url == site
    follow(citizen, "Faire une démarche en ligne")
    assert citizen.driver.current_url == f"https://demarches.{albas.albas}/"
