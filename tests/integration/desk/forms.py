# SPDX-License-Identifier: GPL-3.0-or-later
"""Filling in a form as a browser does."""

import re

PASSWORD = "trois mots et un chiffre 7"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 200
PROBLEM = {"subject": "roads", "details": "Un trou <b>profond</b>", "seen": "2026-01-02"}


def post_step(visitor, at, answers):
    """Send a step as a browser would, with the fields that its page showed; where it leads."""
    page = visitor.get(at)
    assert page.status_code == 200
    shown = re.findall(r'name="_shown" value="(.*?)"', page.text)
    answered = visitor.post(at, {**answers, "_shown": shown})
    assert answered.status_code == 302, re.findall(r'class="wrong".*', answered.text)
    return answered.headers["Location"]
