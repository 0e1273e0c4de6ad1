# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows P7 and P8: mail through the whole chain, and a mail directory of 400,000 addresses."""

from __future__ import annotations

import imaplib
import json
import smtplib
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from bench_lab import clone, empty_servers
from measure import BIN, RUNS, Figure, bastide, call, timed

from bastide.lab.layout import Lab, read_layout
from bastide.lab.podman import Podman

SESSIONS, EACH = 10, 50  # under the limit of what one login may send in an hour
THROUGH = f"{SESSIONS * EACH:,} messages through the whole chain, {SESSIONS} sessions"
WITHOUT = f"{SESSIONS * EACH:,} messages, the same Postfix and Dovecot without filters"
DOMAINS, MAILBOXES, ALIASES = 300, 1_000, 333
COUNT = DOMAINS * (MAILBOXES + ALIASES)
UNCHANGED = "mail directory of 300,000 accounts and 100,000 aliases, no change"
CHANGED = "the same, 100 changes, until Postfix and Dovecot know them"
LOOPED = f"the same as a task that asks for each address, no change, extrapolated from {SESSIONS}"
_PASSWORD = "mesure-de-la-chaine"
_SHARE = "/var/tmp/bastide-bench.jsonl"
_UNTIL = 120


class _MailHost:
    """The mail host of the measure's lab."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.lab: Lab = read_layout(root)
        [self.host] = [host for host in self.lab.hosts if host.name == "mail"]
        self.address = self.host.address
        self.podman = Podman(self.lab)
        self.trust = ssl.create_default_context(cafile=root / ".bastide/lab/tls/ca.pem")
        self.trust.check_hostname = False  # it is reached by its address

    def run(self, *words: str, feed: str | None = None) -> str:
        """What a command on the host prints."""
        flags = ["-i"] if feed is not None else []
        return self.podman.run("exec", *flags, self.lab.container(self.host), *words, feed=feed)

    def converge(self) -> None:
        """The bulk module alone, by Ansible."""
        words = ("mail", "--module-name", "bastide_mail_directory", "--args", f"share={_SHARE}")
        call([str(BIN / "ansible"), "--inventory", "inventory/lab", *words], self.root,
             ANSIBLE_CONFIG=str(self.root / "ansible.cfg"))  # fmt: skip


def figures() -> list[Figure]:
    """Every figure of P7 and P8."""
    with clone() as root:
        empty_servers(root)
        bastide(root, "apply")
        host = _MailHost(root)
        return [*_chain(host), *_directory(host)]


# -- P7 ------------------------------------------------------------------------------------


def _chain(host: _MailHost) -> list[Figure]:
    wanted = 2 * RUNS * SESSIONS + 1
    query = "SELECT address FROM mailbox WHERE state = 'active' ORDER BY address"
    listed = host.run("sqlite3", "/var/lib/bastide/mail/directory.db", query)
    users = listed.split()[:wanted]
    secret = host.run("doveadm", "pw", "-s", "BLF-CRYPT", "-r", "5", "-p", _PASSWORD).strip()
    names = ", ".join(f"'{user}'" for user in users)
    host.run("sqlite3", "/var/lib/bastide/mail/directory.db",
             f"UPDATE mailbox SET password = '{secret}' WHERE address IN ({names})")  # fmt: skip
    host.run("doveadm", "auth", "cache", "flush")
    sets = [users[i : i + SESSIONS] for i in range(0, 2 * RUNS * SESSIONS, SESSIONS)]
    one = timed(lambda: _send_and_read(host, users[-1]))
    through = [_timed_set(host, group) for group in sets[:RUNS]]
    # The receiving ends are the same ones, with nobody to ask.
    host.run("postconf", "-e", "smtpd_milters=", "non_smtpd_milters=")
    host.run("postfix", "reload")
    without = [_timed_set(host, group) for group in sets[RUNS:]]
    return [
        Figure("P7", THROUGH, through, f"≤ {SESSIONS * EACH / 100:.0f} s (100 a second)"),
        Figure("P7", WITHOUT, without, peer=True),
        Figure("P7", "one message, from submission until IMAP shows it", one, "≤ 1 s"),
    ]


def _timed_set(host: _MailHost, users: list[str]) -> float:
    """Seconds until everything that each of `users` sends to the next one is delivered."""
    receivers = [*users[1:], users[0]]
    folders = _folders(host, users)
    before = _held(host, folders)
    # Made before the clock runs: what a client costs is not what is measured.
    letters = [[_message(*pair, f"mesure {number}").as_bytes(policy=SMTP) for number in range(EACH)]
               for pair in zip(users, receivers, strict=True)]  # fmt: skip
    started = time.perf_counter()
    with ThreadPoolExecutor(SESSIONS) as pool:
        list(pool.map(lambda one: _send(host, *one), zip(users, receivers, letters, strict=True)))
    _until(lambda: _held(host, folders) == before + SESSIONS * EACH, "the messages")
    return time.perf_counter() - started


def _send(host: _MailHost, sender: str, receiver: str, letters: list[bytes]) -> None:
    with smtplib.SMTP_SSL(host.address, 465, timeout=60, context=host.trust) as client:
        client.login(sender, _PASSWORD)
        for letter in letters:
            client.sendmail(sender, [receiver], letter)


def _message(sender: str, receiver: str, subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, receiver, subject
    message.set_content("Bonjour,\n\nvoici le compte rendu du conseil.\n\n" * 30)
    message.add_attachment(b"\x00\x01\x02\x03" * 5_000, maintype="application", subtype="pdf",
                           filename="compte-rendu.pdf")  # fmt: skip
    return message


def _held(host: _MailHost, folders: str) -> int:
    """Messages that Dovecot has put into `folders`; a look that costs the servers nothing."""
    look = f"find {folders} -path '*/new/*' -type f | wc -l"
    return int(host.run("sh", "-c", look))


def _folders(host: _MailHost, users: list[str]) -> str:
    """Where the mail of `users` lies, as words of a shell."""
    names = ", ".join(f"'{user}'" for user in users)
    folder = "'/srv/mail/' || substr(uuid, 1, 2) || '/' || uuid"
    query = f"SELECT {folder} FROM mailbox WHERE address IN ({names})"
    return " ".join(host.run("sqlite3", "/var/lib/bastide/mail/directory.db", query).split())


def _send_and_read(host: _MailHost, user: str) -> None:
    subject = f"mesure {time.monotonic_ns()}"
    with imaplib.IMAP4_SSL(host.address, 993, ssl_context=host.trust) as reader:
        reader.login(user, _PASSWORD)
        with smtplib.SMTP_SSL(host.address, 465, timeout=60, context=host.trust) as client:
            client.login(user, _PASSWORD)
            client.send_message(_message(user, user, subject))

        def shown() -> bool:
            for folder in ("INBOX", "Junk"):
                reader.select(folder, readonly=True)
                if reader.search(None, "SUBJECT", f'"{subject}"')[1][0]:
                    return True
            return False

        _until(shown, subject)


# -- P8 ------------------------------------------------------------------------------------


def _directory(host: _MailHost) -> list[Figure]:
    _share(host, changed=0)
    host.converge()
    unchanged = timed(host.converge)
    changed = [_changed(host, run) for run in range(1, RUNS + 1)]
    return [
        Figure("P8", UNCHANGED, unchanged, "≤ 3 s"),
        Figure("P8", CHANGED, changed, "≤ 4 s"),
        Figure("P8", LOOPED, _looped(host), peer=True),
    ]


def _share(host: _MailHost, changed: int) -> None:
    """Put the share on the host; `changed` is how many hundreds of mailboxes were added."""
    lines = [json.dumps({"format": 1, "service": "mail", "host": "mail", "environment": "lab"})]
    lines += [json.dumps(_collectivity(number, changed)) for number in range(DOMAINS)]
    host.run("sh", "-c", f"cat > {_SHARE}", feed="\n".join([*lines, ""]))


def _collectivity(number: int, changed: int) -> dict[str, object]:
    domain = f"ville-{number:03}.example"
    extra = 100 * changed if number == 0 else 0
    boxes = [f"agent-{n}@{domain}" for n in range(MAILBOXES + extra)]
    body = {"delivery": "keep", "quota": 5 * 10**9, "state": "active"}
    resources: list[dict[str, object]] = [
        {"address": f"maildomain:{domain}", "body": {"selector": "b2026"}},
        *({"address": f"mailbox:{box}", "body": body} for box in boxes),
        *({"address": f"alias:service-{n}@{domain}", "body": {"targets": [boxes[n]]}}
          for n in range(ALIASES)),
    ]  # fmt: skip
    return {
        "collectivity": f"00/ville-{number:03}",
        "siren": f"{900_000_000 + number}",
        "retired": False,
        "retired_domains": [],
        "domains": [domain],
        "resources": resources,
    }


def _changed(host: _MailHost, run: int) -> float:
    _share(host, changed=run)
    newest = f"agent-{MAILBOXES + 100 * run - 1}@ville-000.example"
    started = time.perf_counter()
    host.converge()
    with smtplib.SMTP(host.address, 25, timeout=20) as client:
        client.ehlo()
        client.mail("x@example.org")
        code, said = client.rcpt(newest)
    if code != 250:
        raise SystemExit(f"Postfix does not know {newest}: {code} {said!r}")
    host.run("doveadm", "user", newest)
    return time.perf_counter() - started


def _looped(host: _MailHost) -> list[float]:
    """Seconds of a loop over `COUNT` addresses, from what some take beyond an empty run."""
    playbook = Path(__file__).with_name("looped_mail.yml")

    def play(count: int) -> None:
        given = json.dumps({"bastide_peer_count": count})
        call([str(BIN / "ansible-playbook"), str(playbook), "--extra-vars", given,
              "--inventory", "inventory/lab"], host.root,
             ANSIBLE_CONFIG=str(host.root / "ansible.cfg"))  # fmt: skip

    [empty] = timed(lambda: play(0), 1)
    looped = timed(lambda: play(SESSIONS), min(RUNS, 3))
    return [empty + (seconds - empty) * COUNT / SESSIONS for seconds in looped]


def _until(look: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _UNTIL
    while not look():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} did not come within {_UNTIL} seconds")
        time.sleep(0.05)  # between two looks
