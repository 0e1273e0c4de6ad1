# SPDX-License-Identifier: GPL-3.0-or-later
"""The webmail as people use it: Chromium, its scripts, its forms."""

import base64
import hashlib
import uuid

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bastide.lab import read_sink
from integration.mail.postbox import ANNE, BRUNO, PASSWORD, message
from integration.mail.sieve import Sieve
from integration.mail.webmail import NAME

selenium = pytest.importorskip("selenium")

from selenium import webdriver  # noqa: E402 - after importorskip
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.support import expected_conditions as until  # noqa: E402
from selenium.webdriver.support.wait import WebDriverWait  # noqa: E402

pytestmark = pytest.mark.usefixtures("accounts")


def key_digest(certificate):
    """What Chromium calls a key: base64 of the SHA-256 of its SubjectPublicKeyInfo."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(info).digest()).decode()


@pytest.fixture(scope="module")
def browser(lab, address, tmp_path_factory):
    """A Chromium that knows the webmail and nothing else in the world."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (
        *("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "disable-quic"),
        *("no-first-run", "disable-background-networking", "disable-component-update"),
        *("disable-sync", "disable-default-apps", "lang=fr", "window-size=1280,900"),
        f"user-data-dir={tmp_path_factory.mktemp('chromium')}",
        f"host-resolver-rules=MAP {NAME} {address('mail')}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        # The lab's own authority is in no list; its key for this name is.
        f"ignore-certificate-errors-spki-list={key_digest(lab.files / 'tls' / 'mail.pem')}",
    ):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService("/usr/bin/chromedriver"))
    driver.set_page_load_timeout(30)
    yield driver
    driver.quit()


@pytest.fixture
def see(browser):
    """see(css) waits for what a person could click; see(css, text) for one that says so."""

    def find(css, text=""):
        def look(driver):
            for one in driver.find_elements(By.CSS_SELECTOR, css):
                if one.is_displayed() and text in one.text:
                    return one
            return None

        return WebDriverWait(browser, 60, ignored_exceptions=STALE).until(look, f"{css} {text}")

    return find


STALE = (selenium.common.exceptions.StaleElementReferenceException,)


@pytest.fixture
def desk(browser, see):
    """Anne, logged in, before her list of messages."""
    browser.delete_all_cookies()
    browser.get(f"https://{NAME}/")
    see("#rcmloginuser").send_keys(ANNE)
    see("#rcmloginpwd").send_keys(PASSWORD)
    see("#rcmloginsubmit").click()
    see("#messagelist-content")
    return browser


def go(browser, place):
    browser.get(f"https://{NAME}/{place}")


def test_a_message_is_read(desk, see, drop, inbox):
    sent = message("citoyenne@example.com", ANNE)
    drop(sent)
    inbox(ANNE, sent["Subject"])
    go(desk, "?_task=mail&_mbox=INBOX")
    row = see("#messagelist tbody tr", sent["Subject"])
    uid = desk.execute_script(
        "return rcmail.get_single_uid() || rcmail.html_identifier_decode(arguments[0].id.slice(6))",
        row,
    )
    go(desk, f"?_task=mail&_mbox=INBOX&_uid={uid}&_action=show")
    assert "Bonjour depuis le laboratoire." in see("#messagebody").text
    refused = [
        line["message"] for line in desk.get_log("browser") if "Content Security" in line["message"]
    ]
    assert refused == [], "the policy lets through what Roundcube needs"


def test_a_message_written_to_a_colleague_arrives(desk, see, inbox):
    subject = uuid.uuid4().hex
    go(desk, "?_task=mail&_action=compose")
    see(".recipient-input input").send_keys(f"{BRUNO},")
    see("#compose-subject").send_keys(subject)
    see("#composebody").send_keys("Écrit dans un navigateur.")
    see("a.send, button.send").click()
    got = inbox(BRUNO, subject)
    assert ANNE in got["From"]
    assert got.get_content().strip() == "Écrit dans un navigateur."
    assert "User-Agent" not in got
    assert inbox(ANNE, subject, "Sent")["To"] == BRUNO


def test_an_out_of_office_set_in_the_webmail_answers(
    desk, see, lab, address, trust, eventually, drop
):
    go(desk, "?_task=settings&_action=plugin.managesieve-vacation")
    see("#vacation_subject").send_keys("Absente")
    see("#vacation_reason").send_keys("De retour lundi.")
    desk.execute_script("document.getElementById('vacation_status').value = 'on'")
    see("button.submit, input.submit, button.mainaction").click()
    WebDriverWait(desk, 60).until(
        until.presence_of_element_located((By.CSS_SELECTOR, "#messagestack .confirmation"))
    )
    try:
        citizen = f"habitante-{uuid.uuid4().hex[:8]}@example.com"
        drop(message(citizen, ANNE))
        answer = eventually(lambda: read_sink(lab.root, citizen), "the answer")[0]
        assert answer.message["Subject"] == "Absente"
        assert "De retour lundi." in answer.message.get_content()
    finally:
        with Sieve(address("mail"), trust) as sieve:
            sieve.log_in(ANNE, PASSWORD)
            sieve.activate("")
            for name in sieve.scripts():
                sieve.delete(name)
