# SPDX-License-Identifier: GPL-3.0-or-later
"""Two towns whose collaborative accounts are on a Zimbra server.

Its administration is the imitation of tests/unit/zimbra, served to the engine by HTTPS; its mail
side is the sink of the lab, which takes mail for the accounts that the imitation holds and hands
in, on port 10029 of the mail host, what their users send.
"""

from __future__ import annotations

import email.utils
import json
import smtplib
import uuid
from dataclasses import dataclass
from email.message import EmailMessage

from zimbra_fake import PASSWORD, USER

from bastide.lab import read_sink
from integration.town import charter

RELAY = "zimbra.info46.com"
OPERATOR = """\
collectivity:
  kind: cdg
  siren: "284600012"
convention: {{signed_on: 2024-01-01, modules: [internet]}}
domains:
  info46.com:
    registration: {{mode: managed}}
    records:
      - {{name: zimbra, type: A, content: {address}}}
"""
PLATFORM = """\
  groupware: zimbra
  zimbra:
    url: "{url}"
    user: "{user}"
    password_env: ZIMBRA_TEST
    ca_file: zimbra.pem
    relay: {relay}
"""
# What a server with such an account does with mail for it; `pending` returns it.
TAKING = ("active", "locked")
# Runs where the sender is: arguments in, "[code, text]" of the last step out.
SEND = """
import json, smtplib, ssl, sys
facts = json.loads(sys.argv[1])
smtp = smtplib.SMTP(facts["host"], 10029, local_hostname="zimbra.info46.com", timeout=60)
said = smtp.ehlo()
if facts["tls"]:
    said = smtp.starttls(context=ssl._create_unverified_context())
    smtp.ehlo()
steps = [(smtp.mail, facts["sender"])] + [(smtp.rcpt, one) for one in facts["recipients"]]
for step, what in steps:
    said = step(what)
    if said[0] != 250:
        break
else:
    said = smtp.data(facts["message"].encode())
smtp.close()
print(json.dumps([said[0], said[1].decode()]))
"""


@dataclass
class Account:
    """One line of the charter: `facts` stand beside ``kind: collaborative``."""

    address: str
    facts: str = ""

    @property
    def line(self) -> str:
        return f"    {self.address}: {{kind: collaborative{self.facts}}}\n"


class Place:
    """The towns; `zimbra` is the imitation, `url` where it is served with `certificate`."""

    def __init__(self, town, zimbra, url, certificate):
        self.town, self.zimbra = town, zimbra
        albas, anglars = town.albas, town.anglars
        self.clerk = f"mairie@{albas}"
        self.mayor, self.neighbour = f"maire@{albas}", f"maire@{anglars}"
        self.kept, self.closed = f"garde@{albas}", f"rejet@{albas}"
        self.copied, self.shared = f"copie@{albas}", f"albas-{town.token}@info46.com"
        self.classic_shared = f"bourg-{town.token}@info46.com"
        self.both, self.dead = f"contact@{albas}", f"ancien@{albas}"
        self.accounts = {
            "mayor": Account(self.mayor).line,
            "kept": Account(self.kept, ", state: suspended").line,
            "closed": Account(self.closed, ", state: suspended, delivery: bounce").line,
            "copied": Account(self.copied, ", keep_copy: true").line,
            "shared": Account(self.shared).line,
            "classic_shared": f"    {self.classic_shared}: {{kind: classic}}\n",
        }
        self._describe(url, certificate)
        self.apply()

    def _describe(self, url, certificate):
        town = self.town
        (town.root / "zimbra.pem").write_bytes(certificate.read_bytes())
        operator = OPERATOR.format(address=town.addresses["sink"])
        town.write("46/cdg46", operator)
        path = town.root / "inventory" / "lab" / "platform.yml"
        text = path.read_text("utf-8")
        here = "  groupware: sogo\n  groupware_host: agenda.info46.com\n"
        assert here in text
        server = PLATFORM.format(url=url, user=USER, relay=RELAY)
        path.write_text(text.replace(here, server), "utf-8")
        neighbour = Account(self.neighbour).line
        town.write("46/anglars", charter("214600041", town.anglars, mail=neighbour))

    def apply(self, **changed):
        """Apply with the accounts as they are, `changed` otherwise (an empty line: not)."""
        self.accounts |= changed
        aliases = (
            "  aliases:\n"
            f"    {self.both}: [{self.clerk}, {self.mayor}]\n"
            f"    {self.dead}: [{self.closed}]\n"
        )
        if "keep_copy" in self.accounts["copied"]:
            aliases += f"    {self.copied}: [{self.clerk}]\n"
        lines = "".join(self.accounts.values()) + aliases
        self.town.write("46/albas", charter("214600017", self.town.albas, mail=lines))
        self.town.commit()
        self.town.apply(ZIMBRA_TEST=PASSWORD)
        self.mirror()

    # -- the server's mail side ----------------------------------------------------------

    def mirror(self, without=()):
        """Let the sink answer for the domains of the imitation as a server with its accounts."""
        answers = {}
        for one in self.zimbra.directory.entries.values():
            if one["kind"] == "domain":
                answers[one["name"]] = "550 5.1.1 no such account"
            elif one["kind"] == "account" and one["name"] not in without:
                [status] = one["attributes"]["zimbraAccountStatus"]
                answers[one["name"]] = "OK" if status in TAKING else "550 5.2.1 not active"
        text = "".join(f"{name} {answer}\n" for name, answer in answers.items())
        write = 'printf %s "$1" > /etc/postfix/recipients && postfix reload'
        self.town.podman("sink", "sh", "-c", write, "sh", text)

    def caught(self, one, recipient):
        """The message `one` as the sink has it for `recipient`, None when it has not."""
        for found in read_sink(self.town.lab.root, recipient):
            if found.message["Subject"] == one["Subject"]:
                return found
        return None

    def raw(self, one, recipient):
        """The same message as bytes, byte for byte."""
        for line in self.town.podman("sink", "bastide-sink", recipient).splitlines():
            found = json.loads(line)
            if found["subject"] == one["Subject"]:
                return found["message"].encode("utf-8", "surrogateescape")
        raise AssertionError(f"nothing for {recipient}")

    def status(self, address):
        """The zimbraAccountStatus of an account, None when there is none."""
        found = self.zimbra.directory.named("account", address)
        return found and found["attributes"]["zimbraAccountStatus"][0]

    # -- senders -------------------------------------------------------------------------

    def from_world(self, one, recipient):
        """Code and text of the first step of port 25 that refuses, else of its end."""
        with smtplib.SMTP(self.town.addresses["mail"], 25, timeout=60) as smtp:
            smtp.ehlo()
            for step, what in ((smtp.mail, "x@example.org"), (smtp.rcpt, recipient)):
                code, text = step(what)
                if code != 250:
                    return code, text.decode()
            code, text = smtp.data(one if isinstance(one, bytes) else one.as_bytes())
            return code, text.decode()

    def from_zimbra(self, one, sender, *recipients, tls=True):
        """The same of port 10029, asked from the server's address."""
        facts = {
            "host": self.town.addresses["mail"],
            "sender": sender,
            "recipients": recipients,
            "message": one.as_string(),
            "tls": tls,
        }
        said = self.town.podman("sink", "python3", "-c", SEND, json.dumps(facts))
        code, text = json.loads(said)
        return code, text

    def queue(self, recipient):
        """What waits for `recipient` on the mail host."""
        lines = self.town.podman("mail", "postqueue", "-j").splitlines()
        waiting = [r for line in lines for r in json.loads(line)["recipients"]]
        return [one for one in waiting if one["address"] == recipient]


def letter(shown, text="Bonjour depuis Zimbra.\n"):
    """A message whose From header is `shown`, with a subject of its own."""
    one = EmailMessage()
    one["From"], one["To"], one["Subject"] = shown, "quelqu-un@example.org", uuid.uuid4().hex
    one["Date"] = email.utils.formatdate(usegmt=True)
    one["Message-ID"] = email.utils.make_msgid(domain="example.org")
    one.set_content(text)
    return one
