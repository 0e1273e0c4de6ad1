# SPDX-License-Identifier: GPL-3.0-or-later
"""axe-core in headless Chromium, for tests of pages.  Brought by npm once, kept in .bastide."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from pathlib import Path

from selenium import webdriver

VERSION = "4.14.1"
_KEPT = Path(__file__).parents[1] / ".bastide" / f"axe-core-{VERSION}.min.js"
_RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"], runOnly: {type: "tag", values: arguments[0]}})
  .then(found => done(found.violations.map(one => [
    one.id, one.help, one.nodes.slice(0, 3).map(node => node.html.slice(0, 200))
  ])))
  .catch(error => done([["axe", String(error), []]]));
"""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def source() -> str:
    """The text of axe.min.js."""
    if not _KEPT.exists():
        _KEPT.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            command = ["npm", "pack", f"axe-core@{VERSION}", "--pack-destination", folder]
            subprocess.run(command, check=True, capture_output=True, timeout=300)
            with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
                member = archive.extractfile("package/axe.min.js")
                assert member is not None
                _KEPT.write_bytes(member.read())
    return _KEPT.read_text("utf-8")


def browser() -> webdriver.Chrome:
    """Chromium of Debian without a window; the caller quits it."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    service = webdriver.ChromeService("/usr/bin/chromedriver")
    return webdriver.Chrome(options=options, service=service)


def violations(driver: webdriver.Chrome) -> list[list[object]]:
    """What axe finds on the page that `driver` shows, folded parts opened: rule, help, places."""
    driver.set_script_timeout(120)
    driver.execute_script(
        "document.querySelectorAll('details').forEach(one => { one.open = true; })"
    )
    driver.execute_script(source())
    found: list[list[object]] = driver.execute_async_script(_RUN, TAGS)
    return found
