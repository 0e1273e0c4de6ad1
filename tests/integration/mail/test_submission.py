# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail host, by real clients: from submission to IMAP, and what must be refused."""

import imaplib
import smtplib
import ssl
import uuid

import pytest

from bastide.lab import read_sink
from integration.mail.postbox import (
    ANNE,
    BOUNCED,
    BRUNO,
    DOMAIN,
    FULL,
    KEPT,
    MAIRIE,
    PASSWORD,
    message,
    send,
)

pytestmark = pytest.mark.usefixtures("accounts")


def test_submission_reaches_the_inbox_signed_and_without_traces_of_the_sender(submission, inbox):
    sent = message(ANNE, BRUNO)
    with submission() as smtp:
        send(smtp, sent)
    got = inbox(BRUNO, sent["Subject"])
    signature = got["DKIM-Signature"]
    assert f"d={DOMAIN};" in signature
    assert "s=b2026;" in signature
    assert "Authenticated sender" not in str(got)
    assert not [line for line in got.get_all("Received") if "ESMTPSA" in line]


def test_wrapped_submission_on_465_works_too(address, trust, inbox):
    sent = message(ANNE, BRUNO)
    with smtplib.SMTP_SSL(address("mail"), 465, timeout=20, context=trust) as smtp:
        send(smtp, sent)
    inbox(BRUNO, sent["Subject"])


def test_an_alias_reaches_each_of_its_targets(submission, inbox):
    sent = message(ANNE, MAIRIE)
    with submission() as smtp:
        send(smtp, sent)
    inbox(ANNE, sent["Subject"])
    inbox(BRUNO, sent["Subject"])


def test_mail_of_the_world_comes_in_on_25(address, inbox):
    sent = message("someone@example.com", f"{BRUNO.replace('@', '+etiquette@')}")
    with smtplib.SMTP(address("mail"), 25, timeout=20) as smtp:
        smtp.send_message(sent)
    assert "DKIM-Signature" not in inbox(BRUNO, sent["Subject"])


def test_mail_for_the_world_leaves_signed_and_ends_in_the_sink(lab, submission, eventually):
    sent = message(MAIRIE, "prefecture@example.org")
    with submission() as smtp:
        send(smtp, sent)

    def arrived():
        caught = read_sink(lab.root, "prefecture@example.org")
        return next((one for one in caught if one.message["Subject"] == sent["Subject"]), None)

    caught = eventually(arrived, "the message")
    assert caught.sender == MAIRIE
    assert f"d={DOMAIN};" in caught.message["DKIM-Signature"]


def test_port_25_offers_no_authentication(address, trust):
    with smtplib.SMTP(address("mail"), 25, timeout=20) as smtp:
        smtp.ehlo()
        assert not smtp.has_extn("auth")
        smtp.starttls(context=trust)
        smtp.ehlo()
        assert not smtp.has_extn("auth")


def test_submission_offers_authentication_only_under_tls(address):
    with smtplib.SMTP(address("mail"), 587, timeout=20) as smtp:
        smtp.ehlo()
        assert not smtp.has_extn("auth")
        assert smtp.mail(ANNE)[0] == 530


def test_the_host_is_no_open_relay(address):
    with smtplib.SMTP(address("mail"), 25, timeout=20) as smtp:
        smtp.ehlo()
        smtp.mail("someone@example.com")
        code, text = smtp.rcpt("other@example.org")
    assert code == 554
    assert b"5.7.1" in text


@pytest.mark.parametrize(
    ("recipient", "code", "status"),
    [
        (f"inconnu@{DOMAIN}", 550, b"5.1.1"),
        (BOUNCED, 550, b"5.2.1"),
        (FULL, 552, b"5.2.2"),
    ],
)
def test_who_cannot_receive_is_refused_while_the_sender_listens(address, recipient, code, status):
    with smtplib.SMTP(address("mail"), 25, timeout=20) as smtp:
        smtp.ehlo()
        smtp.mail("someone@example.com", ["SIZE=5000"])
        answer = smtp.rcpt(recipient)
    assert answer[0] == code
    assert status in answer[1]


@pytest.mark.parametrize("user", [KEPT, BOUNCED])
def test_the_suspended_can_log_in_nowhere(address, trust, submission, user):
    with (
        imaplib.IMAP4_SSL(address("mail"), 993, ssl_context=trust) as imap,
        pytest.raises(imaplib.IMAP4.error, match="suspended"),
    ):
        imap.login(user, PASSWORD)
    with submission() as smtp, pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        smtp.login(user, PASSWORD)
    assert refused.value.smtp_code == 535


def test_mail_for_a_suspended_mailbox_that_keeps_is_stored(machine, submission, eventually):
    sent = message(ANNE, KEPT)
    with submission() as smtp:
        send(smtp, sent)
    eventually(
        lambda: (
            machine("mail")
            .run("doveadm search -u %s SUBJECT %s | grep .", KEPT, sent["Subject"])
            .rc
            == 0
        ),
        "the message",
    )


def test_a_wrong_password_is_refused(submission):
    with submission() as smtp, pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        smtp.login(ANNE, "faux")
    assert refused.value.smtp_code == 535


def test_nobody_sends_under_an_envelope_that_is_not_theirs(submission):
    with submission() as smtp:
        smtp.login(ANNE, PASSWORD)
        smtp.mail(BRUNO)
        code, text = smtp.rcpt(ANNE)
    assert code == 553
    assert b"5.7.1" in text


@pytest.mark.parametrize("envelope", [ANNE, ""])
def test_nobody_signs_as_another_by_the_from_header(submission, envelope):
    with submission() as smtp:
        smtp.login(ANNE, PASSWORD)
        smtp.ehlo_or_helo_if_needed()
        smtp.mail(envelope)
        smtp.rcpt("prefecture@example.org")
        code, text = smtp.data(message(BRUNO, "prefecture@example.org").as_bytes())
    assert code == 554, text


def test_without_rspamd_mail_waits_with_its_sender(machine, address, eventually):
    mail = machine("mail")
    mail.check_output("systemctl stop rspamd")
    try:
        with (
            smtplib.SMTP(address("mail"), 25, timeout=20) as smtp,
            pytest.raises((smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)) as no,
        ):
            smtp.send_message(message("someone@example.com", BRUNO))
        assert "451" in str(no.value) or "4.7.1" in str(no.value)
    finally:
        mail.check_output("systemctl start rspamd")
        eventually(lambda: mail.socket("tcp://127.0.0.1:11332").is_listening, "rspamd")


def test_old_tls_is_refused(address, trust):
    old = ssl.create_default_context()
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, OSError)):
        imaplib.IMAP4_SSL(address("mail"), 993, ssl_context=old)


def test_mail_lies_under_its_uuid(machine):
    homes = machine("mail").check_output("find /srv/mail -mindepth 2 -maxdepth 2 -type d").split()
    assert homes
    for home in homes:
        prefix, name = home.split("/")[-2:]
        assert uuid.UUID(name)
        assert name.startswith(prefix)
