# SPDX-License-Identifier: GPL-3.0-or-later
"""The page that a user gets with a new address: in French, one side of A4, without a password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from bastide.diagnostics import InvalidInput, Severity, declare, diagnose
from bastide.fleet import Fleet
from bastide.model import Platform
from bastide.model.names import normal_address
from bastide.model.platform import Clients
from bastide.report.explain import not_found
from bastide.report.on_zimbra import owner_on_zimbra, zimbra_settings

NO_FONT = declare(
    "C842",
    Severity.ERROR,
    en="there is no font to write the sheet with ({looked})",
    fr="aucune police pour écrire la fiche ({looked})",
    hint_en="Install it: apt-get install fonts-dejavu-core.",
    hint_fr="Installez-la : apt-get install fonts-dejavu-core.",
)
# Embedded into the file, so that it looks and reads the same everywhere.
FONTS = Path("/usr/share/fonts/truetype/dejavu")
_REGULAR, _BOLD = "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"
_MARGIN, _LINE, _LABEL = 18, 5.6, 52  # millimetres
_BODY, _HEADING, _TITLE = 10, 12, 20  # points
# A contrast of 8.6 on white (RGAA 3.2 asks for 4.5).
_INK, _ACCENT = (29, 29, 31), (31, 78, 121)


def mail_settings(platform: Platform) -> Clients:
    """What mail programs need; without `clients` in platform.yml the first MX serves them."""
    mx = platform.mail.mx
    first = min(mx, key=lambda name: (mx[name], name))
    return platform.mail.clients or Clients(setup="", server=first)


def require_account(fleet: Fleet, address: str) -> str:
    """`address` in normal form; ``InvalidInput`` when no charter declares it as an account."""
    normal = normal_address(address) or ""
    if fleet.index.kind_of_address(normal) != "account":
        raise not_found(fleet, address)
    return normal


def sheet(fleet: Fleet, address: str, fonts: Path = FONTS) -> bytes:
    """The PDF for the account `address`.

    Raises:
        InvalidInput: no charter declares the account, or there is no font (C842).
    """
    normal = require_account(fleet, address)
    for name in (_REGULAR, _BOLD):
        if not (fonts / name).is_file():
            raise InvalidInput(diagnose(NO_FONT, "", looked=fonts / name))
    page = _Page(fonts)
    page.set_title(f"Courrier de {normal}")
    page.set_author(fleet.platform.operator_name)
    page.title_line(normal)
    zimbra = fleet.platform.mail.zimbra if owner_on_zimbra(fleet, normal) else None
    clients = zimbra_settings(zimbra) if zimbra else mail_settings(fleet.platform)
    page.heading("Vos réglages")
    for label, value in _settings(normal, clients):
        page.setting(label, value)
    if zimbra:
        for label, value in _dav_settings(normal, clients):
            page.setting(label, value)
    first = _FIRST_ON_ZIMBRA if zimbra else _FIRST_LINK
    for heading, text in _paragraphs(clients, fleet.platform.operator_name, first):
        page.heading(heading)
        page.paragraph(text)
    return bytes(page.output())


def _settings(address: str, clients: Clients) -> Iterator[tuple[str, str]]:
    yield "Adresse", address
    yield "Identifiant", f"{address} (l'adresse entière)"
    yield "Réception (IMAP)", f"{clients.server}, port 993, SSL/TLS"
    yield "Envoi (SMTP)", f"{clients.server}, port 465, SSL/TLS (ou 587, STARTTLS)"
    yield "Authentification", "mot de passe normal, pour recevoir et pour envoyer"
    if clients.webmail:
        yield "Par le web", clients.webmail


def _dav_settings(address: str, clients: Clients) -> Iterator[tuple[str, str]]:
    yield "Agenda (CalDAV)", f"https://{clients.server}/dav/{address}/Calendar/"
    yield "Contacts (CardDAV)", f"https://{clients.server}/dav/{address}/Contacts/"


def _paragraphs(clients: Clients, operator: str, first: str) -> Iterator[tuple[str, str]]:
    facts = {"operator": operator, "setup": clients.setup, "webmail": clients.webmail}
    for heading, text in (
        ("Votre premier mot de passe", first),
        ("Thunderbird", _THUNDERBIRD if clients.setup else _THUNDERBIRD_BY_HAND),
        ("Outlook", _OUTLOOK),
        ("Téléphone et tablette", _PHONE if clients.setup else _PHONE_BY_HAND),
        ("Sans rien installer", _WEBMAIL if clients.webmail else ""),
        ("En cas de difficulté", _HELP),
    ):
        if text:
            yield heading, text.format(**facts)


_FIRST_LINK = (
    "{operator} vous remet un lien à usage unique. Ouvrez-le vous-même : il montre votre mot de "
    "passe une seule fois. S'il a déjà été ouvert, signalez-le aussitôt et demandez-en un autre. "
    "Personne, pas même {operator}, ne vous demandera jamais ce mot de passe."
)
_FIRST_ON_ZIMBRA = (
    "{operator} vous remet un mot de passe provisoire. Ouvrez {webmail} avec l'adresse entière : "
    "il vous est demandé d'en choisir un autre. Les logiciels de courrier ne fonctionnent "
    "qu'ensuite. Personne, pas même {operator}, ne vous demandera jamais ce mot de passe."
)
_THUNDERBIRD = (
    "Menu ≡, Nouveau compte, Adresse électronique. Saisissez votre nom, l'adresse et le mot de "
    "passe, puis Continuer. Les réglages sont trouvés seuls : vérifiez que ce sont ceux d'en "
    "haut. Choisissez IMAP, puis Terminé."
)
_THUNDERBIRD_BY_HAND = (
    "Menu ≡, Nouveau compte, Adresse électronique. Saisissez votre nom, l'adresse et le mot de "
    "passe, puis Configuration manuelle, et recopiez les réglages d'en haut."
)
_OUTLOOK = (
    "Fichier, Ajouter un compte. Saisissez l'adresse, puis Se connecter. Si Outlook demande le "
    "type de compte, choisissez IMAP et recopiez les réglages d'en haut."
)
_ANDROID = (
    " Android : dans l'application de courrier, Ajouter un compte, Autre ou IMAP ; saisissez "
    "l'adresse et le mot de passe, puis les réglages d'en haut."
)
_PHONE = (
    "iPhone et iPad : ouvrez https://{setup}/mobileconfig dans Safari, puis Réglages, Profil "
    "téléchargé, Installer." + _ANDROID
)
_PHONE_BY_HAND = (
    "iPhone et iPad : Réglages, Mail, Ajouter un compte, Autre ; recopiez les réglages d'en "
    "haut." + _ANDROID
)
_WEBMAIL = (
    "{webmail} s'ouvre dans tout navigateur, avec l'adresse entière et le mot de passe. Sur un "
    "poste partagé, déconnectez-vous en partant."
)
_HELP = "Adressez-vous à {operator}, avec cette fiche. Ne communiquez jamais le mot de passe."


class _Page(FPDF):
    """One A4 page with an embedded font and the language for screen readers."""

    def __init__(self, fonts: Path) -> None:
        super().__init__(format="A4")
        self.set_lang("fr-FR")
        self.set_margin(_MARGIN)
        self.add_font("dejavu", "", fonts / _REGULAR)
        self.add_font("dejavu", "B", fonts / _BOLD)
        self.add_page()
        self.set_text_color(*_INK)

    def title_line(self, address: str) -> None:
        """What the page is, and for whom."""
        self.set_font("dejavu", "B", _TITLE)
        self.set_text_color(*_ACCENT)
        self._write("Votre courrier électronique", _LINE * 2)
        self.set_font("dejavu", "", _HEADING)
        self.set_text_color(*_INK)
        self._write(address, _LINE * 1.4)

    def heading(self, text: str) -> None:
        """A heading, with room above it; also an entry of the reader's outline."""
        self.ln(_LINE * 0.6)
        self.set_font("dejavu", "B", _HEADING)
        self.set_text_color(*_ACCENT)
        self.start_section(text)
        self._write(text, _LINE * 1.3)
        self.set_text_color(*_INK)

    def setting(self, label: str, value: str) -> None:
        """One line of the settings; a long address goes on below."""
        self.set_font("dejavu", "B", _BODY)
        self.cell(_LABEL, _LINE, label)
        self.set_font("dejavu", "", _BODY)
        self._write(value, _LINE)

    def paragraph(self, text: str) -> None:
        """Running text."""
        self.set_font("dejavu", "", _BODY)
        self._write(text, _LINE)

    def _write(self, text: str, height: float) -> None:
        left = XPos.LMARGIN
        self.multi_cell(0, height, text, align="L", new_x=left, new_y=YPos.NEXT)
