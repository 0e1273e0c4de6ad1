# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts and aliases as a charter declares them, through the command to real servers."""

import datetime as dt
import email.message
import smtplib
import uuid

import pytest

from bastide.lab import read_sink
from integration.town import charter

OUTSIDE = "abonne@example.org"
STRANGER = "someone@example.com"
DIRECTORY = "/var/lib/bastide/mail/directory.db"


def message(sender, recipient):
    one = email.message.EmailMessage()
    one["From"], one["To"], one["Subject"] = sender, recipient, uuid.uuid4().hex
    one.set_content("Bonjour.\n")
    return one


@pytest.fixture
def apply(town):
    """apply(accounts, aliases): a charter with these lines, applied; the plan before it."""

    def write(accounts, aliases=""):
        text = charter("214600017", town.albas, mail=f"{accounts}  aliases:\n{aliases}")
        if not aliases:
            text = text.replace("  aliases:\n", "")
        town.write("46/albas", text)
        town.commit()
        plan = town.plan()
        town.apply()
        return {change["address"]: change for change in plan["changes"]}

    return write


@pytest.fixture
def incoming(address):
    """incoming(message, sender) hands it in on port 25, as the world does."""

    def send(one, sender=STRANGER):
        with smtplib.SMTP(address("mail"), 25, timeout=60) as smtp:
            smtp.sendmail(sender, [one["To"]], one.as_bytes())

    return send


@pytest.fixture
def found(town, eventually):
    """found(user, message) waits until the mailbox holds the message and returns its head."""

    def wait(user, one):
        words = ("doveadm", "fetch", "-u", user, "hdr", "SUBJECT", one["Subject"])
        return eventually(lambda: town.podman("mail", *words, code=None), f"mail for {user}")

    return wait


@pytest.fixture
def caught(lab, eventually):
    """caught(subject, address) waits until the sink holds the message."""

    def wait(one, recipient=OUTSIDE):
        def look():
            got = read_sink(lab.root, recipient)
            return next((c for c in got if c.message["Subject"] == one["Subject"]), None)

        return eventually(look, f"mail for {recipient}")

    return wait


def test_a_mailbox_keeps_a_copy_of_what_its_alias_sends_on(town, apply, incoming, found, caught):
    mairie = f"mairie@{town.albas}"
    text = charter("214600017", town.albas).replace("quota: 1 GB", "quota: 1 GB, keep_copy: true")
    town.write("46/albas", text.replace("site:", f"  aliases:\n    {mairie}: [{OUTSIDE}]\nsite:"))
    town.commit()
    town.apply()
    one = message(STRANGER, mairie)
    incoming(one)
    assert f"Return-Path: <{STRANGER}>" in found(mairie, one), "what stays keeps its sender"
    assert caught(one).sender.startswith("SRS0="), "what leaves has one of ours"


def test_mail_that_an_alias_sends_on_leaves_under_a_sender_of_ours_and_bounces_come_back(
    town, apply, incoming, caught
):
    apply("", f"    contact@{town.albas}: [{OUTSIDE}]\n")
    one = message(STRANGER, f"contact@{town.albas}")
    incoming(one)
    forwarded = caught(one)
    local, _, domain = forwarded.sender.rpartition("@")
    assert domain == "info46.com"
    assert local.endswith("=example.com=someone")
    assert forwarded.message["From"] == STRANGER
    bounce = message("MAILER-DAEMON@example.org", forwarded.sender)
    incoming(bounce, "")
    assert caught(bounce, STRANGER).sender == ""
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        incoming(message("x@example.org", "SRS0=AAAA=BB=example.com=someone@info46.com"), "")


def test_who_writes_from_here_keeps_the_own_sender(town, apply, found, caught, address, trust):
    box, alias = f"mairie@{town.albas}", f"contact@{town.albas}"
    apply("", f"    {alias}: [{box}]\n")
    password = town.run("mail", "password", box).stdout.strip()
    with smtplib.SMTP_SSL(address("mail"), 465, timeout=60, context=trust) as smtp:
        smtp.login(box, password)
        for sender in (box, alias):
            one = message(sender, OUTSIDE)
            smtp.send_message(one)
            assert caught(one).sender == sender
        tagged = message(box, box.replace("@", "+voirie@"))
        smtp.send_message(tagged)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.send_message(message(f"autre@{town.albas}", OUTSIDE))
    found(box, tagged)


def test_a_rename_is_one_change_and_moves_no_mail(town, apply, incoming, found):
    old, new = f"accueil@{town.albas}", f"bienvenue@{town.albas}"
    apply(f"    {old}: {{kind: classic}}\n")
    one = message(STRANGER, old)
    incoming(one)
    found(old, one)
    before = town.row(old)
    renamed = f"    {new}: {{kind: classic, renamed_from: {old}}}\n"
    changes = apply(renamed, f"    {old}: [{new}]\n")
    # Beside it, the other mail host learns the way to the new address and forgets the old one.
    elsewhere = {f"remote:{new}", f"remote:{old}"}
    assert changes.keys() == {f"mailbox:{new}", f"alias:{old}"} | elsewhere
    assert changes[f"mailbox:{new}"]["action"] == "rename"
    assert town.row(new)["uuid"] == before["uuid"]
    found(new, one)
    later = message(STRANGER, old)
    incoming(later)
    found(new, later)
    assert apply(renamed, f"    {old}: [{new}]\n") == {}


def test_a_new_holder_never_sees_the_former_mail_which_stays(town, apply, incoming, found):
    box = f"maire@{town.albas}"
    apply(f"    {box}: {{kind: classic}}\n")
    one = message(STRANGER, box)
    incoming(one)
    found(box, one)
    town.run("mail", "password", box)
    former = town.row(box)["uuid"]
    sql = f"UPDATE mailbox SET created_at = '2025-01-01T00:00:00+00:00' WHERE uuid = '{former}'"
    town.podman("mail", "sqlite3", DIRECTORY, sql)
    today = dt.datetime.now(dt.UTC).date().isoformat()
    account = f"    {box}: {{kind: classic, new_holder: {today}}}\n"
    changes = apply(account)
    assert [(one["action"], one["address"]) for one in changes.values()] == [
        ("replace", f"mailbox:{box}")
    ]
    assert town.row(box)["uuid"] != former
    assert town.row(box)["password"] is None
    second = message(STRANGER, box)
    incoming(second)
    found(box, second)
    assert town.messages(box) == 1
    found(f"{former}@former.invalid", one)
    assert apply(account) == {}


def test_a_full_mailbox_is_told_at_once_and_through_an_alias_by_a_clear_bounce(
    town, apply, incoming, found, caught
):
    box, alias = f"pleine@{town.albas}", f"vers-pleine@{town.albas}"
    apply(f"    {box}: {{kind: classic, quota: 10 MB}}\n", f"    {alias}: [{box}]\n")
    sql = f"UPDATE mailbox SET quota = 100 WHERE address = '{box}'"
    town.podman("mail", "sqlite3", DIRECTORY, sql)
    town.podman("mail", "doveadm", "auth", "cache", "flush", box)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        incoming(message(STRANGER, box))
    [(code, text)] = refused.value.recipients.values()
    assert (code, b"5.2.2" in text) == (552, True)
    sender = f"envoi-{town.token}@example.com"
    incoming(message(sender, alias), sender)
    bounce = message("", sender)
    bounce.replace_header("Subject", "Undelivered Mail Returned to Sender")
    got = caught(bounce, sender)
    assert "5.2.2" in got.message.as_string()
    assert "mailbox for user is full" in got.message.as_string()


def test_an_alias_to_a_closed_mailbox_is_refused_while_the_sender_listens(town, apply, incoming):
    closed = f"ancien@{town.albas}"
    state = "{kind: classic, state: suspended, delivery: bounce}"
    apply(f"    {closed}: {state}\n", f"    vers@{town.albas}: [{closed}]\n")
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        incoming(message(STRANGER, f"vers@{town.albas}"))
    [(code, text)] = refused.value.recipients.values()
    assert (code, b"5.2.1" in text) == (550, True)
