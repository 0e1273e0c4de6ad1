# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes to write to, and the clients that write and read."""

import email.message
import email.policy
import imaplib
import json
import smtplib

import pytest

from integration.mail.postbox import (
    ANNE,
    BOUNCED,
    BRUNO,
    DOMAIN,
    FILL,
    FULL,
    KEPT,
    MAIRIE,
    PASSWORD,
    ZOE,
)


@pytest.fixture(scope="module")
def accounts(machine):
    """A domain with six mailboxes and an alias; the maps are put back at the end."""
    mail = machine("mail")
    addresses = [ANNE, BRUNO, KEPT, BOUNCED, FULL, ZOE]
    facts = {
        "domain": DOMAIN,
        "password": PASSWORD,
        "mailboxes": [
            [ANNE, "active", "keep", 10**8],
            [BRUNO, "active", "keep", 10**8],
            [KEPT, "suspended", "keep", 10**8],
            [BOUNCED, "suspended", "bounce", 10**8],
            [FULL, "active", "keep", 1],
            [ZOE, "active", "keep", 10**8],
        ],
        "maps": {
            "domains": {DOMAIN: "1"},
            "mailboxes": dict.fromkeys(addresses, "1"),
            "aliases": {MAIRIE: f"{ANNE}, {BRUNO}"},
            "senders": {ANNE: ANNE, BRUNO: BRUNO, FULL: FULL, ZOE: ZOE, MAIRIE: ANNE},
            "direct": {f"@{DOMAIN}": "smtp:"},
            "suspended": {BOUNCED: "550 5.2.1 This mailbox is closed"},
        },
    }
    mail.check_output("rm -rf /tmp/maps && cp -a /var/lib/bastide/mail/maps /tmp/maps")
    mail.check_output("python3 -c %s %s", FILL, json.dumps(facts))
    yield
    mail.check_output("cp -a --remove-destination /tmp/maps/. /var/lib/bastide/mail/maps/")
    mail.check_output(
        "sqlite3 /var/lib/bastide/mail/directory.db %s",
        f"DELETE FROM mailbox WHERE domain = '{DOMAIN}';DELETE FROM domain WHERE name = '{DOMAIN}'",
    )


@pytest.fixture
def submission(address, trust):
    """submission() opens port 587 and starts TLS."""

    def connect():
        smtp = smtplib.SMTP(address("mail"), 587, timeout=20)
        smtp.starttls(context=trust)
        return smtp

    return connect


@pytest.fixture
def drop(machine):
    """drop(message) has the mail host take it in from anybody.

    Not over port 25: to the filter this machine, whose name no DNS knows, looks like a spammer's.
    """

    def take(one):
        machine("mail").check_output(
            "printf %s %s | sendmail -i -f %s %s", "%s", one.as_string(), one["From"], one["To"]
        )

    return take


@pytest.fixture
def inbox(address, trust, eventually):
    """inbox(user, subject) waits for the message and returns it.

    It may lie in Junk unless `folder` says otherwise: a world that has no names, as the lab's,
    looks like spam.
    """

    def read(user, subject, folder=None):
        def look():
            with imaplib.IMAP4_SSL(address("mail"), 993, ssl_context=trust) as imap:
                imap.login(user, PASSWORD)
                for name in (folder,) if folder else ("INBOX", "Junk"):
                    imap.select(name, readonly=True)
                    _, found = imap.search(None, "SUBJECT", f'"{subject}"')
                    if found[0]:
                        _, parts = imap.fetch(found[0].split()[-1], "(RFC822)")
                        return email.message_from_bytes(parts[0][1], policy=email.policy.default)
            return None

        return eventually(look, f"the message in the box of {user}")

    return read
