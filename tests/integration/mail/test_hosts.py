# SPDX-License-Identifier: GPL-3.0-or-later
"""Two mail hosts: who holds a mailbox is nobody's business but theirs."""

import email.message
import email.utils
import imaplib
import itertools
import os
import signal
import smtplib
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from bastide.lab import read_sink
from integration.mail.sieve import Sieve
from integration.town import Town, charter, some_siren

HOSTS = ("mail", "mail2")
STRANGER = "someone@example.com"
OUTSIDE = "abonne@example.org"
HERE = "214600017"
# Whose mail lies where is kept by SIREN: one that no other run has left on the first host.
THERE = some_siren()


def message(sender, recipient):
    one = email.message.EmailMessage()
    one["From"], one["To"], one["Subject"] = sender, recipient, uuid.uuid4().hex
    one["Date"] = email.utils.formatdate(usegmt=True)
    one["Message-ID"] = email.utils.make_msgid(domain="example.com")
    one.set_content("Bonjour.\n")
    return one


def place(town, collectivities):
    """Have platform.yml place these slugs (slug → host)."""
    file = town.root / "inventory" / "lab" / "platform.yml"
    named = ", ".join(f"{slug}: {host}" for slug, host in collectivities.items())
    lines = [
        line.split(", default: mail")[0] + f", default: mail, collectivities: {{{named}}}}}"
        if line.startswith("  placement:")
        else line
        for line in file.read_text("utf-8").splitlines()
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


class Two:
    """A town of two communes: albas on the default host, anglars on mail2."""

    def __init__(self, town):
        self.town = town
        self.albas, self.anglars = f"mairie@{town.albas}", f"mairie@{town.anglars}"
        self.closed = f"parti@{town.anglars}"
        self.full = f"pleine@{town.anglars}"
        self.alias = f"tous@{town.albas}"
        mail = f"  aliases:\n    {self.alias}: [{self.albas}, {self.anglars}]\n"
        town.write("46/albas", charter(HERE, town.albas, mail=mail))
        more = f"    {self.closed}: {{kind: classic, state: suspended, delivery: bounce}}\n"
        kept = f"    garde@{town.anglars}: {{kind: classic, state: suspended}}\n"
        town.write("46/anglars", charter(THERE, town.anglars, mail=more + kept))
        place(town, {"46/anglars": "mail2"})
        town.commit()
        town.converge()
        self.password = {
            box: town.run("mail", "password", box).stdout.strip()
            for box in (self.albas, self.anglars)
        }

    @property
    def boxes(self):
        return (self.albas, self.anglars)


@pytest.fixture(scope="module")
def two(lab, tmp_path_factory):
    root = tmp_path_factory.mktemp("hosts") / "town"
    root.mkdir()
    return Two(Town(root.resolve(), lab))


@pytest.fixture
def imap(two, address, trust):
    """imap(host, box) is a session that is logged in."""
    opened = []

    def connect(host, box, password=None):
        one = imaplib.IMAP4_SSL(address(host), 993, ssl_context=trust)
        opened.append(one)
        one.login(box, password or two.password[box])
        return one

    yield connect
    for one in opened:
        one.shutdown()


@pytest.fixture
def submitted(two, address, trust):
    def submit(host, one, box, password=None):
        with smtplib.SMTP_SSL(address(host), 465, timeout=60, context=trust) as smtp:
            smtp.login(box, password or two.password[box])
            smtp.send_message(one)

    return submit


def sent(address, host, one, recipient=None):
    with smtplib.SMTP(address(host), 25, timeout=60) as smtp:
        smtp.sendmail(STRANGER, [recipient or one["To"]], one.as_bytes())


@pytest.fixture
def found(two, eventually):
    """found(box, message) waits for it on its holder and returns its head."""

    def wait(box, one, host=None):
        holder = host or ("mail2" if box.endswith(two.town.anglars) else "mail")
        words = ("doveadm", "fetch", "-u", box, "hdr", "SUBJECT", one["Subject"])
        return eventually(lambda: two.town.podman(holder, *words, code=None), f"mail for {box}")

    return wait


def rows(town, host, table):
    sql = f"SELECT address FROM {table} WHERE address LIKE '%{town.token}%' ORDER BY address"
    return town.podman(host, "sqlite3", "/var/lib/bastide/mail/directory.db", sql).split()


def test_each_box_is_on_one_host_and_known_on_the_other(two):
    town = two.town
    ours, theirs = (
        [f"mairie@{town.albas}"],
        sorted([two.anglars, two.closed, f"garde@{town.anglars}"]),
    )
    assert rows(town, "mail", "mailbox") == rows(town, "mail2", "remote") == ours
    assert rows(town, "mail2", "mailbox") == rows(town, "mail", "remote") == theirs


@pytest.mark.parametrize("host", HOSTS)
def test_a_login_on_either_host_leads_to_the_own_mailbox(two, imap, found, host):
    for box in two.boxes:
        session = imap(host, box)
        folder = f"Essai-{host}"
        assert session.create(folder)[0] == "OK"
        holder = "mail2" if box == two.anglars else "mail"
        assert folder in two.town.podman(holder, "doveadm", "mailbox", "list", "-u", box)


def test_a_wrong_password_is_refused_on_either_host_before_and_after_a_right_one(
    two, imap, submitted
):
    def attempts(host, box):
        for right in (False, True, False):
            one = message(box, OUTSIDE)
            if right:
                imap(host, box)
                submitted(host, one, box)
                continue
            with pytest.raises(imaplib.IMAP4.error):
                imap(host, box, "faux")
            with pytest.raises(smtplib.SMTPAuthenticationError):
                submitted(host, one, box, "faux")

    # Who tries a wrong one waits: all at once.
    pairs = list(itertools.product(HOSTS, two.boxes))
    with ThreadPoolExecutor(len(pairs)) as pool:
        for attempt in [pool.submit(attempts, *pair) for pair in pairs]:
            attempt.result()


@pytest.mark.parametrize("host", HOSTS)
def test_mail_arrives_from_either_host_filtered_once(two, address, found, host):
    for box in two.boxes:
        one = message(STRANGER, box)
        sent(address, host, one)
        head = found(box, one)
        assert head.lower().count("\nauthentication-results:") == 1
        assert f"Return-Path: <{STRANGER}>" in head


@pytest.mark.parametrize("host", HOSTS)
def test_an_alias_over_both_hosts_brings_each_one_copy(two, address, found, host):
    one = message(STRANGER, two.alias)
    sent(address, host, one)
    for box in two.boxes:
        assert found(box, one).count("Subject: " + one["Subject"]) == 1


@pytest.mark.parametrize("host", HOSTS)
def test_who_sends_through_either_host_is_signed_and_known(two, lab, submitted, eventually, host):
    for box in two.boxes:
        one = message(box, OUTSIDE)
        submitted(host, one, box)

        def look(one=one):
            got = read_sink(lab.root, OUTSIDE)
            return next((c for c in got if c.message["Subject"] == one["Subject"]), None)

        caught = eventually(look, "the message in the sink")
        selector = "b2026" if host == "mail" else "b2026--mail2"
        signature = caught.message["DKIM-Signature"].replace("\n", "").replace("\t", " ")
        assert f"s={selector};" in signature
        assert two.town.ask(f"{selector}._domainkey.{box.rpartition('@')[2]}", "TXT")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            submitted(host, message(f"autre@{two.town.albas}", OUTSIDE), box)


@pytest.mark.parametrize("host", HOSTS)
def test_the_suspended_are_refused_on_either_host(two, imap, address, host):
    town = two.town
    kept = f"garde@{town.anglars}"
    town.podman(
        *("mail2", "sqlite3", "/var/lib/bastide/mail/directory.db"),
        f"UPDATE mailbox SET password = '{{PLAIN}}x' WHERE address = '{kept}'",
    )
    with pytest.raises(imaplib.IMAP4.error, match="suspendu"):
        imap(host, kept, "x")
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        sent(address, host, message(STRANGER, two.closed))
    assert refused.value.recipients[two.closed][0] == 550


@pytest.mark.parametrize("host", HOSTS)
def test_filters_are_managed_on_either_host(two, address, trust, host):
    with Sieve(address(host), trust, f"{host}.info46.com") as sieve:
        sieve.log_in(two.anglars, two.password[two.anglars])
        sieve.put(f"essai-{host}", "keep;")
        assert f"essai-{host}" in sieve.scripts()


def test_nobody_else_gets_past_the_filter(two, address):
    for host in HOSTS:
        with smtplib.SMTP(address(host), 10026, timeout=20) as smtp:
            smtp.starttls()
            code, text = smtp.docmd("EHLO", "x.example")
            smtp.mail(STRANGER)
            code, text = smtp.rcpt(two.albas)
            assert code == 554, text


def test_a_changed_placement_moves_nobody_and_the_plan_says_so(two):
    town = two.town
    place(town, {})
    town.commit()
    done = town.run("plan", code=None)
    assert "bastide mail move" in done.stdout
    plan = town.plan()
    assert not [c for c in plan["changes"] if c["address"].startswith(("mailbox:", "remote:"))]
    town.apply(code=1)
    assert two.anglars in rows(town, "mail2", "mailbox")
    place(town, {"46/anglars": "mail2"})
    town.commit()
    town.converge()


def test_a_host_that_knows_nothing_makes_no_second_mailbox(two):
    """As when a host is added and named in the same commit."""
    town = two.town
    base = "/var/lib/bastide/mail/directory.db"
    sql = f"DELETE FROM remote WHERE address = '{two.albas}'"
    town.podman("mail2", "sqlite3", base, sql)
    place(town, {"46/albas": "mail2", "46/anglars": "mail2"})
    town.commit()
    town.apply(code=1)
    assert two.albas not in rows(town, "mail2", "mailbox")
    place(town, {"46/anglars": "mail2"})
    town.commit()
    town.converge()


FETCH = "mailbox uid flags size.physical date.received"


def print_of(town, host, box):
    """Folders with UIDVALIDITY and UIDNEXT, messages with UIDs, flags and sizes, subscriptions."""
    words = ("mailbox", "status", "-u", box, "messages uidvalidity uidnext", "*")
    status = town.podman(host, "doveadm", "-f", "tab", *words)
    fetched = town.podman(host, "doveadm", "-f", "tab", "fetch", "-u", box, FETCH, "ALL")
    listed = town.podman(host, "doveadm", "mailbox", "list", "-s", "-u", box)
    clean = sorted(
        line.replace(" \\Recent", "").replace("\\Recent", "") for line in fetched.splitlines()
    )
    return sorted(status.splitlines()), clean, sorted(listed.splitlines())


def moved(two, host):
    """Platform.yml as the command says it shall be then."""
    place(two.town, {"46/anglars": host} if host != "mail" else {})
    two.town.commit()


def test_a_moved_mailbox_is_the_same_to_its_user(two, imap, address, trust, found):
    town, box = two.town, two.anglars
    with Sieve(address("mail2"), trust, "mail2.info46.com") as sieve:
        sieve.log_in(box, two.password[box])
        sieve.put("absent", 'require ["fileinto", "mailbox"]; fileinto :create "Mairie";')
        sieve.activate("absent")
    one = message(STRANGER, box)
    sent(address, "mail", one)
    found(box, one)
    session = imap("mail", box)
    session.select("INBOX")
    session.append("INBOX", "(\\Flagged)", None, message(STRANGER, box).as_bytes())
    before = print_of(town, "mail2", box)
    done = town.run("mail", "move", "46/anglars", "--to", "mail")
    assert "46/anglars: mail" in done.stderr
    assert print_of(town, "mail", box) == before
    moved(two, "mail")
    town.converge()
    for host in HOSTS:
        imap(host, box)
    assert rows(town, "mail", "mailbox") == sorted(
        [two.albas, box, two.closed, f"garde@{town.anglars}"]
    )
    assert rows(town, "mail2", "mailbox") == []
    with Sieve(address("mail2"), trust, "mail2.info46.com") as sieve:
        sieve.log_in(box, two.password[box])
        assert sieve.scripts()["absent"]
    for host in HOSTS:
        later = message(STRANGER, box)
        sent(address, host, later)
        assert found(box, later, "mail")
    town.run("mail", "move", "46/anglars", "--to", "mail2")
    moved(two, "mail2")
    town.converge()
    assert box in rows(town, "mail2", "mailbox")


@pytest.mark.parametrize(
    "moment", ["copying", "closed", "the copies are the same", "has them", "has let go"]
)
def test_killed_at_any_moment_it_goes_on_and_mail_waits(two, imap, address, found, moment):
    town, box = two.town, two.anglars
    source = "mail2" if box in rows(town, "mail2", "mailbox") else "mail"
    target = next(host for host in HOSTS if host != source)
    with town.start("mail", "move", "46/anglars", "--to", target) as process:
        for line in process.stdout:
            if moment in line:
                break
        os.killpg(process.pid, signal.SIGKILL)
        process.stdout.close()
    during = [message(STRANGER, box) for _ in HOSTS]
    for host, one in zip(HOSTS, during, strict=True):
        sent(address, host, one)
    town.run("mail", "move", "46/anglars", "--to", target)
    moved(two, target)
    town.converge()
    for host in HOSTS:
        town.podman(host, "postqueue", "-f")
    for one in during:
        assert found(box, one, target)
    for host in HOSTS:
        imap(host, box)
    assert box in rows(town, target, "mailbox")
    assert box not in rows(town, source, "mailbox")
