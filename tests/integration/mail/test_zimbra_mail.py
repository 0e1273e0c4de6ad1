# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail to and from collaborative accounts on a Zimbra server, by a real Postfix and its filters."""

from __future__ import annotations

import smtplib

import pytest
from zimbra_fake import PASSWORD, FakeZimbra
from zimbra_server import make_certificate, serving

from integration.mail.test_filter import EICAR, GTUBE
from integration.mail.zimbra_place import Account, Place, letter
from integration.town import Town

STRANGER = "quelqu-un@example.org"
WORLD = "prefecture@example.org"


@pytest.fixture(scope="module")
def place(lab, machine, tmp_path_factory):
    """Both towns, converged; the sink takes everything again in the end."""
    folder = tmp_path_factory.mktemp("zimbra")
    certificate = make_certificate(folder)
    (folder / "town").mkdir()
    zimbra = FakeZimbra()
    with serving(zimbra.answer, certificate) as url:
        try:
            yield Place(Town((folder / "town").resolve(), lab), zimbra, url, certificate)
        finally:
            machine("sink").check_output("true > /etc/postfix/recipients; postfix reload")


@pytest.fixture
def arrives(place, eventually):
    """arrives(one, recipient) waits until the server has the message, and gives it."""
    return lambda one, to: eventually(lambda: place.caught(one, to), f"the message for {to}")


@pytest.fixture
def stored(place, eventually):
    """stored(one, address) waits until the mailbox of the mail host has the message."""

    def wait(one, address):
        words = ("doveadm", "fetch", "-u", address, "text", "header", "subject", one["Subject"])
        return eventually(
            lambda: place.town.podman("mail", *words, code=None), f"the message in {address}"
        )

    return wait


# -- to the server -----------------------------------------------------------------------


def test_the_accounts_are_there_before_any_mail(place):
    assert place.status(place.mayor) == "active"
    assert place.status(place.kept) == "locked"
    assert place.status(place.closed) == "pending"
    assert place.status(place.shared) == "active"
    # What is on the server has no mailbox and no login here.
    assert place.mayor not in place.town.mailboxes()
    plan = place.town.run("plan", "--format", "json", ZIMBRA_TEST=PASSWORD)
    assert '"changes": []' in plan.stdout


@pytest.mark.parametrize("who", ["mayor", "shared", "kept"])
def test_mail_of_the_world_is_filtered_sealed_and_passed_on(place, arrives, who):
    address = getattr(place, who)
    one = letter(STRANGER)
    code, text = place.from_world(one, address)
    assert code == 250, text
    got = arrives(one, address)
    assert got.sender == "x@example.org", "the sender is not rewritten towards the groupware"
    assert f"d={address.partition('@')[2]};" in got.message["ARC-Seal"]
    last = got.message.get_all("Received")[0]
    assert "mail.info46.com" in last
    assert "TLSv1" in last, "the way to the server is encrypted"


def test_unknown_addresses_are_refused_while_the_sender_listens(place):
    for name in ("inconnu", "maires"):
        code, text = place.from_world(letter(STRANGER), f"{name}@{place.town.albas}")
        assert (code, "5.1.1" in text) == (550, True), text


@pytest.mark.parametrize("text", [EICAR, GTUBE], ids=["virus", "spam"])
def test_what_is_refused_here_never_reaches_the_server(place, text):
    one = letter(STRANGER, text)
    assert place.from_world(one, place.mayor)[0] == 554
    assert place.caught(one, place.mayor) is None


def test_an_alias_leads_to_a_mailbox_here_and_to_an_account_there(place, arrives, stored):
    one = letter(STRANGER)
    assert place.from_world(one, place.both)[0] == 250
    arrives(one, place.mayor)
    stored(one, place.clerk)


def test_an_account_keeps_a_copy_of_what_its_alias_sends_on(place, arrives, stored):
    one = letter(STRANGER)
    assert place.from_world(one, place.copied)[0] == 250
    arrives(one, place.copied)
    stored(one, place.clerk)


@pytest.mark.parametrize("who", ["closed", "dead"])
def test_mail_to_a_suspended_account_that_bounces_is_refused_at_once(place, who):
    code, text = place.from_world(letter(STRANGER), getattr(place, who))
    assert (code, "5.2.1" in text) == (550, True), text


def test_what_follows_a_plus_is_the_account_s_own_business(place, arrives):
    one = letter(STRANGER)
    tagged = place.mayor.replace("@", "+agenda@")
    assert place.from_world(one, tagged)[0] == 250
    arrives(one, tagged)


def test_mail_waits_here_while_the_server_is_down(place, arrives, eventually):
    one = letter(STRANGER)
    with place.town.stopped("sink", "postfix"):
        assert place.from_world(one, place.mayor)[0] == 250
        eventually(lambda: place.queue(place.mayor), "the message in the queue")
        assert place.caught(one, place.mayor) is None
    place.town.podman("mail", "postqueue", "-f")
    arrives(one, place.mayor)
    eventually(lambda: not place.queue(place.mayor), "an empty queue")


def test_mail_waits_for_an_account_that_the_server_does_not_know_yet(place, arrives, eventually):
    one = letter(STRANGER)
    place.mirror(without=[place.shared])
    assert place.from_world(one, place.shared)[0] == 250

    def answered():
        reasons = [waiting.get("delay_reason", "") for waiting in place.queue(place.shared)]
        return any("no such account" in reason for reason in reasons)

    eventually(answered, "the server's answer")
    place.mirror()
    place.town.podman("mail", "postqueue", "-f")
    arrives(one, place.shared)


def test_a_user_of_a_mailbox_here_writes_to_an_account_there(place, trust, arrives):
    password = place.town.run("mail", "password", place.clerk).stdout.strip()
    one = letter(place.clerk)
    with smtplib.SMTP(place.town.addresses["mail"], 587, timeout=60) as smtp:
        smtp.starttls(context=trust)
        smtp.login(place.clerk, password)
        smtp.send_message(one, to_addrs=[place.neighbour])
    assert arrives(one, place.neighbour).message["DKIM-Signature"]


def test_nobody_logs_in_here_as_an_account_of_the_server(place, trust):
    with smtplib.SMTP(place.town.addresses["mail"], 587, timeout=60) as smtp:
        smtp.starttls(context=trust)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login(place.mayor, "n'importe quoi")


# -- from the server ---------------------------------------------------------------------


def test_what_its_users_send_leaves_signed(place, arrives, stored):
    one = letter(f"Le maire <{place.mayor}>")
    one["X-Originating-IP"] = "[203.0.113.9]"
    one["Received"] = (
        "from poste.local (unknown [203.0.113.9]) (Authenticated sender: maire) "
        "by zimbra.info46.com"
    )
    code, text = place.from_zimbra(one, place.mayor, WORLD)
    assert code == 250, text
    got = arrives(one, WORLD)
    assert got.sender == place.mayor
    assert "203.0.113.9" not in str(got.message), "where the user sits is nobody's business"
    assert f"d={place.town.albas};" in got.message["DKIM-Signature"]
    # Whoever gets it finds the signature good: so does our own filter, asked as the world asks it.
    assert place.from_world(place.raw(one, WORLD), place.clerk)[0] == 250
    assert "dkim=pass" in stored(one, place.clerk)


def test_an_alias_of_the_same_town_may_be_shown(place, arrives):
    one = letter(place.both)
    assert place.from_zimbra(one, place.mayor, WORLD)[0] == 250
    assert f"d={place.town.albas};" in arrives(one, WORLD).message["DKIM-Signature"]


@pytest.mark.parametrize(
    "forged",
    ["clerk", "neighbour", "kept", "dead", "classic_shared", "president@example.org", "nobody"],
)
def test_a_from_header_that_is_not_theirs_is_refused(place, forged):
    shown = getattr(place, forged, forged if "@" in forged else f"{forged}@{place.town.albas}")
    one = letter(shown)
    code, text = place.from_zimbra(one, place.mayor, WORLD)
    assert code == 554, text
    assert "From header" in text
    assert place.caught(one, WORLD) is None


def test_two_from_headers_are_one_too_many(place):
    one = letter(f"{place.mayor}, {place.clerk}")
    assert place.from_zimbra(one, place.mayor, WORLD)[0] == 554


@pytest.mark.parametrize(
    "sender", ["clerk", "kept", "closed", "dead", "president@example.org", "nobody"]
)
def test_an_envelope_sender_that_is_no_account_of_ours_is_refused(place, sender):
    named = getattr(place, sender, sender if "@" in sender else f"{sender}@{place.town.albas}")
    code, text = place.from_zimbra(letter(place.mayor), named, WORLD)
    assert (code, "Access denied" in text) == (554, True), text


def test_replies_and_notices_without_a_sender_pass_under_an_address_that_is_theirs(place, arrives):
    reply, notice = letter(place.mayor), letter("MAILER-DAEMON@zimbra.info46.com")
    for one in (reply, notice):
        assert place.from_zimbra(one, "", WORLD)[0] == 250
        assert arrives(one, WORLD).sender == ""
    assert arrives(reply, WORLD).message["DKIM-Signature"]
    for forged in (place.clerk, STRANGER, f"MAILER-DAEMON@{place.town.albas}"):
        assert place.from_zimbra(letter(forged), "", WORLD)[0] == 554


def test_mail_between_the_server_and_mailboxes_here_knows_its_addresses(place, stored):
    one = letter(place.mayor)
    assert place.from_zimbra(one, place.mayor, place.clerk)[0] == 250
    stored(one, place.clerk)
    code, text = place.from_zimbra(letter(place.mayor), place.mayor, f"rien@{place.town.albas}")
    assert (code, "5.1.1" in text) == (550, True), text
    assert place.from_zimbra(letter(place.mayor, EICAR), place.mayor, place.clerk)[0] == 554


def test_nobody_but_the_server_is_let_in_and_not_without_encryption(place):
    said = place.from_zimbra(letter(place.mayor), place.mayor, WORLD, tls=False)
    assert said[0] == 530, said
    for host in ("web", "ns"):
        ask = (
            "import smtplib\n"
            f"try: smtplib.SMTP('{place.town.addresses['mail']}', 10029, timeout=60)\n"
            "except smtplib.SMTPConnectError as no: print(no.smtp_code)"
        )
        assert place.town.podman(host, "python3", "-c", ask).strip() == "554"
    with pytest.raises(smtplib.SMTPConnectError):
        smtplib.SMTP(place.town.addresses["mail"], 10029, timeout=60)


# -- coming and going --------------------------------------------------------------------


def test_what_leaves_a_shared_domain_last_is_suspended_on_both_sides(place, arrives):
    place.apply(shared="", classic_shared="")
    assert place.status(place.shared) == "locked"
    assert place.town.row(place.classic_shared)["state"] == "suspended"
    one = letter(STRANGER)
    assert place.from_world(one, place.shared)[0] == 250
    arrives(one, place.shared)
    assert place.from_zimbra(letter(place.shared), place.shared, WORLD)[0] == 554
    place.apply(
        shared=Account(place.shared).line,
        classic_shared=f"    {place.classic_shared}: {{kind: classic}}\n",
    )
    assert place.status(place.shared) == "active"
    assert place.town.row(place.classic_shared)["state"] == "active"


def test_an_address_that_becomes_collaborative_leaves_its_old_mail_where_it_was(place, arrives):
    address = f"ecole@{place.town.albas}"
    place.apply(school=f"    {address}: {{kind: classic}}\n")
    place.town.deliver(address, 1)
    place.apply(school=Account(address).line)
    one = letter(STRANGER)
    assert place.from_world(one, address)[0] == 250
    arrives(one, address)
    assert place.town.row(address)["state"] == "suspended"
    assert place.town.messages(address) == 1
    place.apply(school="")
    assert place.status(address) == "locked"
