# SPDX-License-Identifier: GPL-3.0-or-later
# Managed by Bastide (role mail_credentials).
"""What the page of passwords says, in French and in English, as whole HTML documents.

No JavaScript, no image, no font from elsewhere; colours by the user's own scheme with a
contrast above 7:1 (RGAA 4.1, criterion 3.2), errors beside their field and in the title
(criteria 11.10, 8.6).
"""

from __future__ import annotations

from html import escape

LANGUAGES = ("fr", "en")
OTHER = {"fr": ("en", "English"), "en": ("fr", "Français")}

WORDS = {
    "fr": {
        "title": "Choisir votre mot de passe",
        "for": "Boîte aux lettres",
        "first": "Nouveau mot de passe",
        "rule": "12 caractères au moins. Une phrase que vous seul connaissez convient bien ;"
        " n'employez pas un mot de passe qui sert déjà ailleurs.",
        "again": "Le même mot de passe, une seconde fois",
        "send": "Enregistrer ce mot de passe",
        "error": "Erreur",
        "done_title": "Mot de passe enregistré",
        "done": "Vous pouvez maintenant relever votre courrier avec votre adresse et ce mot de"
        " passe. Ce lien ne sert plus ; vous pouvez fermer cette page.",
        "short": "Le mot de passe est trop court : il faut 12 caractères au moins.",
        "long": "Le mot de passe est trop long : 72 octets au plus, soit 72 lettres sans accent.",
        "odd": "Le mot de passe contient un caractère qui ne s'écrit pas au clavier.",
        "guessable": "Ce mot de passe se devine trop facilement : choisissez-en un autre.",
        "different": "Les deux mots de passe ne sont pas les mêmes.",
        "refused": "Ce lien ne permet pas de choisir un mot de passe",
        "used": "Il a déjà servi. Si ce n'était pas par vous, prévenez tout de suite votre"
        " mairie ; sinon, votre mot de passe est en place.",
        "expired": "Sa durée de validité est passée. Demandez-en un autre à votre mairie.",
        "replaced": "Un lien plus récent le remplace. Employez le dernier que vous avez reçu.",
        "closed": "La boîte aux lettres est fermée. Adressez-vous à votre mairie.",
        "unknown": "Il n'existe pas. Vérifiez que vous l'avez recopié en entier, ou demandez-en"
        " un autre à votre mairie.",
        "unavailable": "Le service est arrêté un moment. Réessayez dans quelques minutes : le"
        " lien reste valable.",
    },
    "en": {
        "title": "Choose your password",
        "for": "Mailbox",
        "first": "New password",
        "rule": "12 characters at least. A sentence that only you know does well; do not use a"
        " password that serves elsewhere already.",
        "again": "The same password, once more",
        "send": "Save this password",
        "error": "Error",
        "done_title": "Password saved",
        "done": "You can now read your mail with your address and this password. This link is"
        " of no more use; you may close this page.",
        "short": "The password is too short: it takes 12 characters at least.",
        "long": "The password is too long: 72 bytes at most, that is 72 letters without accents.",
        "odd": "The password has a character in it that no keyboard writes.",
        "guessable": "This password is too easy to guess: choose another one.",
        "different": "The two passwords are not the same.",
        "refused": "This link does not let you choose a password",
        "used": "It has been used already. If that was not you, tell your town hall at once;"
        " otherwise your password is set.",
        "expired": "It was valid for a limited time, which is over. Ask your town hall for"
        " another one.",
        "replaced": "A newer link takes its place. Use the last one that you got.",
        "closed": "The mailbox is closed. Ask your town hall.",
        "unknown": "It does not exist. See that you copied all of it, or ask your town hall for"
        " another one.",
        "unavailable": "The service is down for a moment. Try again in a few minutes: the link"
        " stays valid.",
    },
}

STYLE = """
:root{color-scheme:light dark}
body{font:1.125rem/1.6 system-ui,sans-serif;max-width:34rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.6rem;line-height:1.25}
label{display:block;font-weight:600;margin-top:1.25rem}
input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;border:2px solid;
border-radius:.25rem;background:Canvas;color:CanvasText}
button{font:inherit;font-weight:600;margin-top:1.5rem;padding:.6rem 1.2rem;border:0;
border-radius:.25rem;background:#12355b;color:#fff}
:focus-visible{outline:3px solid #c60;outline-offset:2px}
.error{border-left:.4rem solid #a00;padding:.5rem 1rem;font-weight:600}
.rule{margin:.25rem 0}
nav{text-align:right}
"""


def form(language: str, address: str, wrong: str | None) -> str:
    """The form; `wrong` is the key of what was wrong with the last try."""
    words = WORDS[language]
    error, describes, first, again = "", "rule", "", ""
    if wrong:
        error = f'<p class="error" id="error" role="alert">{words["error"]}{_colon(language)}'
        error += f"{words[wrong]}</p>"
        describes = "error rule"
        mark = ' aria-invalid="true" autofocus'
        first, again = ("", mark) if wrong == "different" else (mark, "")
    body = f"""{error}
<form method="post">
<label for="address">{words["for"]}</label>
<input id="address" name="username" type="email" autocomplete="username" readonly
 value="{escape(address)}">
<label for="password">{words["first"]}</label>
<p class="rule" id="rule">{words["rule"]}</p>
<input id="password" name="password" type="password" autocomplete="new-password" required
 minlength="12" aria-describedby="{describes}"{first}>
<label for="again">{words["again"]}</label>
<input id="again" name="again" type="password" autocomplete="new-password" required
 {'aria-describedby="error"' if again else ""}{again}>
<button type="submit">{words["send"]}</button>
</form>"""
    return _page(language, words["title"], body, wrong=bool(wrong))


def done(language: str) -> str:
    """The page after a password was set."""
    words = WORDS[language]
    return _page(language, words["done_title"], f'<p role="status">{words["done"]}</p>')


def refusal(language: str, state: str) -> str:
    """Why a link cannot be used: `state` as the helper gives it."""
    words = WORDS[language]
    reason = words.get(state, words["unavailable"])
    return _page(language, words["refused"], f'<p class="error">{reason}</p>')


def _page(language: str, title: str, body: str, *, wrong: bool = False) -> str:
    other, name = OTHER[language]
    head = f"{WORDS[language]['error']}{_colon(language)}{title}" if wrong else title
    return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{head}</title>
<style>{STYLE}</style>
</head>
<body>
<nav><a href="?langue={other}" lang="{other}" hreflang="{other}">{name}</a></nav>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


def _colon(language: str) -> str:
    return "\u00a0: " if language == "fr" else ": "
