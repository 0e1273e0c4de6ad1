# SPDX-License-Identifier: GPL-3.0-or-later
"""A manager who makes procedures, page by page, as a browser would; and one that is made."""

import html
import json
import re

import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

ROOT = "/agents/demarches/"


class Builder:
    """A manager at a procedure."""

    def __init__(self, visitor, at=None):
        self.visitor, self.at = visitor, at

    def create(self, **sent):
        """Begin a procedure."""
        answer = self.visitor.post("/agents/nouvelle-demarche/", sent)
        assert answer.status_code == 302, problems(answer)
        self.at = answer.headers["Location"]
        return self

    @property
    def slug(self):
        return self.at.split("/")[3]

    def get(self, path="", status=200):
        """A page of the procedure."""
        answer = self.visitor.get(self.at + path)
        assert answer.status_code == status, problems(answer)
        return answer

    def edition(self, path=""):
        found = re.search(r'name="edition" value="(\d+)"', self.get(path).text)
        return found[1]

    def do(self, what, status=302, edition=None, **more):
        """Press a button of the page."""
        sent = {"edition": edition or self.edition(), "do": what, **more}
        answer = self.visitor.post(f"{self.at}modifier", sent)
        assert answer.status_code == status, problems(answer)
        return answer

    def fill(self, path, status=302, /, **sent):
        """Send a form with what is in it already, and what is said here."""
        page = self.get(path)
        form = {**inputs(page.text), **{key.replace("__", "."): v for key, v in sent.items()}}
        answer = self.visitor.post(self.at + path, form)
        assert answer.status_code == status, problems(answer)
        return answer

    def publish(self, status=302):
        sent = {"edition": self.edition("publier/") if status == 302 else self.edition()}
        answer = self.visitor.post(f"{self.at}publier/", sent)
        assert answer.status_code == status, problems(answer)
        return answer

    def definition(self):
        return yaml.safe_load(self.get("definition.yml").text)


def inputs(text):
    """The values of the first form with entries, as a browser would send them."""
    body = text.split('name="edition"')[1].split("</form>")[0]
    form = {"edition": re.search(r'\A value="(\d+)"', body)[1]}
    for tag in re.findall(r"<input [^>]*>", body):
        name, value = (re.search(rf' {key}="(.*?)"', tag) for key in ("name", "value"))
        if name and (" checked" in tag or 'type="checkbox"' not in tag):
            form[name[1]] = html.unescape(value[1]) if value else ""
    for name, value in re.findall(
        r'<textarea name="(.*?)".*?>\n?(.*?)</textarea>', body, re.DOTALL
    ):
        form[name] = html.unescape(value)
    for name, options in re.findall(r'<select .*?name="(.*?)".*?>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'<option value="(.*?)" selected', options)
        form[name] = chosen[1] if chosen else ""
    return form


def problems(answer):
    return answer.status_code, re.findall(r'class="(?:wrong|problems)".*', answer.text)


def ids(builder):
    return [[one["id"] for one in step["fields"]] for step in builder.definition()["steps"]]


CANTEEN = {
    "type": "form",
    "title": "Inscrire un enfant à la cantine",
    "service": {"name": "Affaires scolaires"},
    "purpose": "Inscrire les enfants.",
    "pieces": ["Un justificatif", "Une photo"],
    "retention_months": 12,
    "steps": [
        {
            "title": "L'enfant",
            "fields": [
                {
                    "id": "prenom_de_lenfant",
                    "type": "text",
                    "label": "Prénom de l'enfant",
                    "required": True,
                    "max_length": 40,
                },
                {
                    "id": "regime",
                    "type": "choice",
                    "label": "Régime",
                    "required": True,
                    "choices": [
                        {"value": "sans", "label": "Sans régime"},
                        {"value": "avec-allergie", "label": "Avec allergie"},
                    ],
                },
                {
                    "id": "certificat",
                    "type": "file",
                    "label": "Certificat",
                    "required": True,
                    "accept": ["png"],
                    "when": 'regime == "avec-allergie"',
                },
            ],
        },
        {
            "title": "Vous joindre",
            "fields": [
                {
                    "id": "courriel",
                    "type": "email",
                    "label": "Courriel",
                    "required": True,
                    "contact": True,
                }
            ],
        },
    ],
}


def canteen_of(builder):
    """A draft of two steps with a condition and a file, fit to be published."""
    content = json.dumps(CANTEEN).encode()
    return builder.create(way="import", file=SimpleUploadedFile("x.yml", content))
