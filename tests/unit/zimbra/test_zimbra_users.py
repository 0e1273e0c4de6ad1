# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands for one address, where a Zimbra server holds its mailbox."""

from __future__ import annotations

import io
import plistlib
import re

import pypdf
import pytest
import test_zimbra_command
from zimbra_town import attributes, foreign

pytestmark = pytest.mark.slow

CAHORS_FILE = test_zimbra_command.CAHORS_FILE
MAYOR = "maire@cahors.fr"
town, settled = test_zimbra_command.town, test_zimbra_command.settled


def password_of(zimbra, address):
    return zimbra.directory.named("account", address)["password"]


def must_change(zimbra, address):
    return attributes(zimbra, f"account:{address}").get("zimbraPasswordMustChange") == ["TRUE"]


def everything_written(folder):
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pem"]
    return b"\n".join(path.read_bytes() for path in files)


def test_an_invited_user_gets_a_password_once_and_has_to_change_it(settled, zimbra):
    assert password_of(zimbra, MAYOR) == ""
    started = settled.start("mail", "invite", "Maire@Cahors.fr")
    out, errors = started.communicate(timeout=60)
    assert started.returncode == 0, errors
    assert re.fullmatch(r"[0-9a-f]{32}\n", out)
    assert "https://127.0.0.1/" in errors
    assert password_of(zimbra, MAYOR) == out.strip()
    assert must_change(zimbra, MAYOR)
    # Neither logged nor kept, on either side of the door.
    assert out.strip().encode() not in everything_written(settled.folder)
    told = settled.run("mail", "invite", MAYOR, code=1)
    assert "A568" in told
    assert f"bastide mail reset {MAYOR}" in told
    assert password_of(zimbra, MAYOR) == out.strip()
    assert settled.changes() == {}


def test_a_reset_ends_the_password_of_before(settled, zimbra):
    first = settled.run("mail", "password", MAYOR).strip()
    assert password_of(zimbra, MAYOR) == first
    assert not must_change(zimbra, MAYOR)
    second = settled.run("mail", "reset", MAYOR).strip()
    assert second != first
    assert password_of(zimbra, MAYOR) == second
    assert must_change(zimbra, MAYOR)


def test_a_suspended_account_can_be_locked_and_not_opened(settled, zimbra):
    settled.edit(CAHORS_FILE, "quota: 5 GB", "quota: 5 GB, state: suspended")
    settled.run("apply")
    for command in ("invite", "reset"):
        assert "A571" in settled.run("mail", command, MAYOR, code=1)
    assert password_of(zimbra, MAYOR) == ""
    assert settled.run("mail", "password", MAYOR).strip() == password_of(zimbra, MAYOR)


@pytest.mark.parametrize("mark", ["", "bastide:214601023"], ids=["unmarked", "another's"])
def test_an_account_that_is_not_ours_gets_no_password(town, zimbra, mark):
    foreign(zimbra, "domain", "cahors.fr")
    foreign(zimbra, "account", MAYOR, **({"zimbraNotes": mark} if mark else {}))
    for command in ("password", "invite", "reset"):
        told = town.run("mail", command, MAYOR, code=1)
        assert "A570" in told
        assert "zimbraNotes" in told
    assert password_of(zimbra, MAYOR) == ""


def test_what_is_not_there_yet_and_what_is_an_alias_of_another_get_none(town, zimbra):
    assert "account.NO_SUCH_ACCOUNT" in town.run("mail", "password", MAYOR, code=1)
    foreign(zimbra, "domain", "cahors.fr")
    other = foreign(zimbra, "account", "autre@cahors.fr", zimbraNotes="bastide:214600421")
    zimbra.directory.add_alias(other, MAYOR)
    assert "alias of another account" in town.run("mail", "password", MAYOR, code=1)
    assert password_of(zimbra, "autre@cahors.fr") == ""


@pytest.mark.parametrize("step", ["GetAccount", "SetPassword", "ModifyAccount"])
def test_a_server_that_refuses_is_told_without_the_password(settled, zimbra, step):
    zimbra.faults[step, ""] = "service.PERM_DENIED"
    told = settled.run("mail", "invite", MAYOR, code=1)
    assert "service.PERM_DENIED" in told
    assert not re.search(r"[0-9a-f]{32}", told)
    # What was set on the way was shown to nobody; another one is given all the same.
    assert settled.run("mail", "reset", MAYOR).strip() == password_of(zimbra, MAYOR)
    assert must_change(zimbra, MAYOR)


def test_a_server_that_is_down_is_told(settled):
    settled.edit(
        "inventory/lab/platform.yml", 'url: "https://127.0.0.1:', 'url: "https://127.0.0.2:'
    )
    assert "A560" in settled.run("mail", "password", MAYOR, code=1)


def test_the_sheet_names_the_server_its_web_pages_and_how_the_password_comes(settled):
    settled.edit(
        "inventory/lab/platform.yml", "relay: z.test.fr", "relay: z.test.fr, server: web.test.fr"
    )
    settled.run("mail", "sheet", MAYOR, "--out", "fiche.pdf")
    [page] = pypdf.PdfReader(io.BytesIO((settled.folder / "fiche.pdf").read_bytes())).pages
    text = " ".join(page.extract_text().split())
    for sign in (
        "web.test.fr, port 993, SSL/TLS",
        "https://web.test.fr/",
        f"https://web.test.fr/dav/{MAYOR}/Calendar/",
        f"https://web.test.fr/dav/{MAYOR}/Contacts/",
        "mot de passe provisoire",
    ):
        assert sign in text
    for absent in ("mail.info46.com", "config.info46.com", "lien à usage unique"):
        assert absent not in text
    settled.run("mail", "sheet", "mairie@cahors.fr", "--out", "fiche.pdf")
    [page] = pypdf.PdfReader(io.BytesIO((settled.folder / "fiche.pdf").read_bytes())).pages
    assert "mail.info46.com" in page.extract_text()


def test_the_apple_profile_sets_up_mail_calendars_and_address_books(settled):
    settled.run("mail", "mobileconfig", MAYOR, "--out", "p.mobileconfig")
    made = plistlib.loads((settled.folder / "p.mobileconfig").read_bytes())
    mail, calendars, contacts = made["PayloadContent"]
    assert mail["IncomingMailServerHostName"] == "127.0.0.1"
    assert calendars["PayloadType"] == "com.apple.caldav.account"
    assert calendars["CalDAVPrincipalURL"] == f"/principals/users/{MAYOR}/"
    assert contacts["PayloadType"] == "com.apple.carddav.account"
    assert contacts["CardDAVUsername"] == MAYOR
    uuids = [one["PayloadUUID"] for one in (made, mail, calendars, contacts)]
    assert len({*uuids}) == len(uuids)
    assert "Password" not in " ".join(key for one in (calendars, contacts) for key in one)


def test_an_address_is_explained_by_what_it_is_on_each_side(settled):
    told = settled.run("explain", MAYOR)
    assert f"account:{MAYOR}" in told
    assert f"relay:{MAYOR}" in told


def test_archives_of_the_mail_hosts_say_where_the_mail_is(settled):
    """Ansible is real here, and the mail host does not answer."""
    root = test_zimbra_command.ROOT
    for name in ("playbooks", "plugins", "roles", "ansible.cfg"):
        (settled.folder / name).symlink_to(root / name)
    settled.write(
        "inventory/lab/hosts.yml",
        "all:\n  vars: {ansible_host: 127.0.0.1, ansible_port: 1}\n  children:\n"
        + "".join(f"    {group}: {{hosts: {{{group}1: }}}}\n" for group in ("dns", "mail", "web")),
    )
    told = settled.run("mail", "archive", MAYOR, code=1, program=("-m", "bastide"))
    assert "A545" in told
    assert "A569" in told
    assert f"zmmailbox -z -m {MAYOR}" in told
    assert "A569" not in settled.run(
        "mail", "archive", "mairie@cahors.fr", code=1, program=("-m", "bastide")
    )


def test_reports_that_an_alias_leads_to_the_server_are_in_no_mailbox_here(settled):
    operator = (
        test_zimbra_command.OPERATOR + f"mail: {{aliases: {{dmarc@info46.com: [{MAYOR}]}}}}\n"
    )
    settled.write("collectivities/46/cdg46.yml", operator)
    assert "C840" in settled.run("report", "mail", code=1)
