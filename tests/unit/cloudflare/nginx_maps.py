# SPDX-License-Identifier: GPL-3.0-or-later
"""What role nginx answers to a visitor, read off its templates: maps, and the ifs that use them.

No server: nginx's rules for maps (a text, in any case, before regular expressions in their order,
then the default) over the blocks of roles/nginx/templates, for names that have a certificate.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

TEMPLATES = Path(__file__).parents[3] / "roles" / "nginx" / "templates"
_MAP = re.compile(
    r'^    map "?([^"{]+?)"? (\$bastide_\w+) \{\n(.*?)^    \}', re.MULTILINE | re.DOTALL
)
_IF = re.compile(r"if \((\$\w+)\) \{\s+return (\d+) (\$\w+);")
_VARIABLE = re.compile(r"\$\{?([a-z_]+)\}?")


class WebHost:
    """One web host; `included` maps the name of a file of maps to its entries."""

    def __init__(self, included):
        text = (TEMPLATES / "nginx.conf.j2").read_text("utf-8")
        self._maps = {name: (source, body) for source, name, body in _MAP.findall(text)}
        # Over HTTP the server of names with a certificate, over HTTPS what every server serves.
        plain = text[text.index("# Names that have a certificate.") :]
        served = (TEMPLATES / "served.conf.j2").read_text("utf-8")
        self._ifs = {
            "http": _IF.findall(plain[: plain.index("listen 443")]),
            "https": _IF.findall(served),
        }
        self._included = included

    def visit(self, url):
        """``(status, Location)``, None where no redirection takes it."""
        parts = urlsplit(url)
        uri = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        known = {
            "host": parts.hostname,
            "scheme": parts.scheme,
            "request_uri": uri,
            "uri": unquote(parts.path or "/"),
        }
        for condition, status, target in self._ifs[parts.scheme]:
            if self._value(condition, known):
                return int(status), self._value(target, known)
        return None

    def _value(self, name, known):
        if name.removeprefix("$") in known:
            return known[name.removeprefix("$")]
        source, body = self._maps[name]
        return self._mapped(self._filled(source, known), body, known)

    def _mapped(self, text, body, known):
        default, patterns, texts = "", [], {}
        for line in body.splitlines():
            words = line.strip().rstrip(";")
            if words.startswith("include"):
                texts |= self._included.get(words.rpartition("/")[2], {})
                continue
            if not words:
                continue
            key, value = re.fullmatch(r'("[^"]*"|\S+)\s+(.*)', words).groups()
            key, value = key.strip('"'), value.strip('"')
            if key == "default":
                default = value
            elif key.startswith("~"):
                patterns.append((key[1:], value))
            else:
                texts[key] = value
        lowered = {key.lower(): value for key, value in texts.items()}
        if text.lower() in lowered:
            return self._filled(lowered[text.lower()], known)
        for pattern, value in patterns:
            pattern = pattern.replace("(?<", "(?P<")  # noqa: PLW2901  # PCRE's way to Python's
            found = re.search(re.sub(r"\\k<(\w+)>", r"(?P=\1)", pattern), text)
            if found:
                return self._filled(value, known | found.groupdict())
        return self._filled(default, known)

    def _filled(self, text, known):
        return _VARIABLE.sub(lambda found: self._value(f"${found[1]}", known), text)
