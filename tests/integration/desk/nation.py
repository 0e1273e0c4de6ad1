# SPDX-License-Identifier: GPL-3.0-or-later
"""A guide for tests: some real sheets of a real archive, switched at will."""

import datetime as dt
import re
import zipfile

from comarquage import archive, directory
from comarquage.config import Config, Limits
from comarquage.refresh import refresh
from integration.desk.towns import ROOT

_DATA = ROOT / "tests" / "data" / "comarquage"
_ARCHIVE = _DATA / "guide-2024-03-06.tar.xz"
ORIGIN = "https://lecomarquage.service-public.gouv.fr/vdd/3.5/{}/zip/vosdroits-latest.zip"
_TITLE = re.compile(rb"<dc:title>([^<]*)</dc:title>")
_DATE = rb"<dc:date>2024-03-06T"
# INSEE code of the commune whose town hall the one record of the directory is.
INSEE = "77188"
# What the tests name; beside these, everything whose title speaks of addresses, and all indexes.
NAMED = {
    "part": (
        *("F1427", "F1432", "F24345", "F14128", "R1406", "F34680", "F2122", "F18910", "F16225"),
        *("N359", "N19810", "N13511", "F12118", "F1349", "F35936"),
    ),
    "pro": ("F22387",),
}


class Nation:
    """The folder of a guide; each `switch` is a refresh with another archive."""

    def __init__(self, folder):
        self.folder = folder / "guide"
        self.beside = folder
        self.day = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(hours=1)
        self.files = {}
        for audience, names in NAMED.items():
            whole = archive.opened(_ARCHIVE, audience, Limits())
            self.files[audience] = {
                name: data
                for name, data in whole.items()
                if name in names or not re.match(r"[FNR]\d+\Z", name) or _of_address(data)
            }
        self.switch()

    def switch(self, **changed):
        """Serve `changed` sheets of `part` from now on (None: they are gone), a minute later."""
        self.day += dt.timedelta(minutes=1)
        self.files["part"] |= changed
        sources = {}
        for audience, files in self.files.items():
            path = self.beside / f"{audience}.zip"
            with zipfile.ZipFile(path, "w") as packed:
                for name, data in files.items():
                    if data is not None:
                        date = f"<dc:date>{self.day:%Y-%m-%dT%H:%M:%S}".encode()
                        text = re.sub(_DATE + rb"[0-9:]+", date, data)
                        packed.writestr(f"{name}.xml", text)
            sources[audience] = f"file:{path}"
        limits = Limits(sheets=1, dangling_percent=100_000, shrink_percent=50)
        origins = {audience: ORIGIN.format(audience) for audience in sources}
        refresh(Config(self.folder, sources, origins, limits=limits), now=self.day)

    def change(self, name, words="Un alinéa de plus."):
        """Change one sheet of `part` as the nation would."""
        text = self.files["part"][name]
        end = text.rindex(b"</Publication>")
        more = f"<Introduction><Texte><Paragraphe>{words}</Paragraphe></Texte></Introduction>"
        self.switch(**{name: text[:end] + more.encode() + text[end:]})

    def fill_directory(self):
        """The national directory, of one commune."""
        source = _DATA / "annuaire-mairie-77188.json"
        assert directory.store(source, self.folder, (INSEE[:2],)) == 1


def _of_address(data):
    found = _TITLE.search(data)
    return found is not None and b"adresse" in found[1]
