# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk as it is served, Chromium before it, and axe-core to judge its pages."""

import base64
import datetime as dt
import hashlib
import os
import socket
import ssl
import subprocess
import sys
import zipfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from integration.desk import place
from integration.desk.towns import ROOT

# axe-core 4.12.1 (MPL-2.0): this package brings the file, its own dependencies are not needed.
AXE = ("axe-playwright-python", "0.1.8", "axe_playwright_python/axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_JUDGE = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: {type: 'tag', values: arguments[0]}}).then(
  found => done(found.violations.map(
    one => one.id + ': ' + one.nodes.map(n => n.html).join(' | '))),
  error => done(['axe failed: ' + error]));
"""


def axe():
    """The text of axe-core, fetched once into the folder of what is made."""
    name, version, inside = AXE
    folder = ROOT / ".bastide" / "axe"
    file = folder / f"axe-{version}.js"
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet"]
        argv = [*pip, "--dest", str(folder), f"{name}=={version}"]
        subprocess.run(argv, check=True, capture_output=True)
        (wheel,) = folder.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            file.write_bytes(archive.read(inside))
    return file.read_text("utf-8")


class Served:
    """gunicorn with a certificate of its own, as behind the proxy of a host."""

    def __init__(self, folder, configuration):
        self.digest = _certificate(folder)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        argv = [sys.executable, "-m", "gunicorn", "guichet.wsgi", "--workers", "2"]
        argv += ["--bind", f"127.0.0.1:{self.port}", "--no-control-socket"]
        argv += ["--certfile", str(folder / "cert.pem"), "--keyfile", str(folder / "key.pem")]
        self.log = folder / "gunicorn.log"
        environment = {**os.environ, "GUICHET_CONFIG": str(configuration), "GUICHET_AS": ""}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log)
        place.wait(self._answers, "gunicorn")

    def _answers(self):
        assert self.process.poll() is None, self.log.read_text()
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as link:
                context.wrap_socket(link).close()
        except OSError:
            return False
        return True

    def stop(self):
        """End it."""
        self.process.terminate()
        self.process.wait(timeout=30)


def _certificate(folder):
    """Write key and certificate; the key's digest as Chromium names it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "desk of the tests")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .sign(key, hashes.SHA256())
    )
    encoding, form = serialization.Encoding, serialization.PrivateFormat
    (folder / "cert.pem").write_bytes(made.public_bytes(encoding.PEM))
    plain = key.private_bytes(encoding.PEM, form.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(plain)
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    info = key.public_key().public_bytes(encoding.DER, spki)
    return base64.b64encode(hashlib.sha256(info).digest()).decode()


class Browser:
    """Chromium, which knows the desk of the tests and nothing else in the world.

    But for hosts `beside`, each with its address; `served.digest` may name several keys.
    """

    def __init__(self, folder, served, town, beside=()):
        self.town = town
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        known = [(town.host, served.address), *beside]
        only = ", ".join(f"MAP {host} {address}" for host, address in known)
        only += ", MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        for flag in (
            *("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage"),
            *("no-first-run", "disable-background-networking", "disable-component-update"),
            *("disable-sync", "disable-default-apps", "lang=fr", "window-size=1280,1000"),
            f"user-data-dir={folder}",
            f"host-resolver-rules={only}",
            f"ignore-certificate-errors-spki-list={served.digest}",
        ):
            options.add_argument(f"--{flag}")
        service = webdriver.ChromeService("/usr/bin/chromedriver")
        self.driver = webdriver.Chrome(options, service)
        self.driver.set_page_load_timeout(60)
        self.driver.set_script_timeout(60)

    def go(self, path):
        """Open a page of the desk."""
        self.driver.get(f"https://{self.town.host}{path}")

    def one(self, css):
        """The one element."""
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def type(self, css, text):
        """Fill an input in."""
        field = self.one(css)
        field.clear()
        field.send_keys(text)

    def choose(self, css, text):
        """Choose from a list."""
        Select(self.one(css)).select_by_visible_text(text)

    def press(self, text):
        """Press the button that says so, and wait for the page that follows."""
        path = f'//button[starts-with(normalize-space(.), "{text}")][not(@aria-hidden)]'
        button = self.driver.find_element(By.XPATH, path)
        self.driver.execute_script("window.before = true")
        button.click()
        place.wait(self._arrived, f"the page after {text}", 60)

    def _arrived(self):
        """Whether another page than the one marked is there, whole."""
        asked = "return !window.before && document.readyState === 'complete'"
        try:
            return self.driver.execute_script(asked)
        except WebDriverException:  # between two pages
            return False

    def awaits_focus(self, name):
        """Wait until the element `name` has the focus: a fragment gives it with the next frame."""
        focused = "return document.activeElement.id"
        place.wait(lambda: self.driver.execute_script(focused) == name, f"the focus at {name}", 30)

    @property
    def text(self):
        """What the page says."""
        return self.one("body").text

    def faults(self, source):
        """What axe finds, what comes from elsewhere, and what does not fit a small screen."""
        self.driver.execute_script(source)
        found = self.driver.execute_async_script(_JUDGE, RULES)
        loaded = "return performance.getEntriesByType('resource').map(one => one.name)"
        home = f"https://{self.town.host}/"
        found += [one for one in self.driver.execute_script(loaded) if not one.startswith(home)]
        found += self.driver.execute_script(
            "return [...document.scripts].map(one => 'script ' + one.src)"
        )
        metrics = {"width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        width = self.driver.execute_script("return document.documentElement.scrollWidth")
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        return found + ([f"{width} pixels wide on a screen of 320"] if width > 320 else [])


def templates(below=""):
    """Names of all templates that are a page: those of the guide by ``guide/``, else the others."""
    folder = ROOT / "src" / "guichet" / "templates" / "guichet"
    parts = {"base.html", "input.html", "field.html", "answers.html", "thread.html"}
    parts |= {"presentation.html", "agents/base.html"}
    parts |= {"agents/builder/entries.html", "agents/builder/head.html"}
    parts |= {"languages.html"}
    found = {str(file.relative_to(folder)) for file in Path(folder).rglob("*.html")}
    own = {name for name in found if name.startswith("guide/")}
    if below == "guide/":
        return {name for name in own if not name.startswith("guide/part_")}
    return found - parts - own
