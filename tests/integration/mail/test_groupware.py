# SPDX-License-Identifier: GPL-3.0-or-later
"""Collaborative mailboxes: calendars, address books, shared folders, as their clients see them.

Two towns have addresses on the same shared domain; what one shares among colleagues the other
neither finds nor reads.
"""

import http.client
import imaplib
import urllib.parse

import pytest

from integration.mail.dav import Dav
from integration.town import Town, charter

EVENT = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//essai//FR\r
BEGIN:VEVENT\r
UID:conseil\r
DTSTAMP:20260101T100000Z\r
DTSTART:20270901T180000Z\r
DTEND:20270901T200000Z\r
SUMMARY:Conseil municipal\r
END:VEVENT\r
END:VCALENDAR\r
"""
CARD = """BEGIN:VCARD\r
VERSION:3.0\r
UID:garde\r
FN:Garde champêtre\r
N:champêtre;Garde;;;\r
TEL:0565000000\r
END:VCARD\r
"""
BUSY = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//essai//FR\r
METHOD:REQUEST\r
BEGIN:VFREEBUSY\r
UID:libre\r
DTSTAMP:20260101T100000Z\r
DTSTART:20270901T000000Z\r
DTEND:20270902T000000Z\r
ORGANIZER:mailto:{organizer}\r
ATTENDEE:mailto:{attendee}\r
END:VFREEBUSY\r
END:VCALENDAR\r
"""
PERSONAL = "Calendar/personal"
DIRECTORY = "/var/lib/bastide/mail/directory.db"


class Place:
    """A town with two colleagues and a third on the shared domain, and a neighbour there."""

    def __init__(self, town):
        self.town = town
        self.mayor, self.deputy = f"maire@{town.albas}", f"adjoint@{town.albas}"
        self.school = f"ecole-{town.token}@info46.com"
        self.neighbour = f"voisin-{town.token}@info46.com"
        self.passwords = {}

    def declare(self, **facts):
        """Charters of both towns; what is in `facts` is declared otherwise, or not."""
        accounts = {
            self.deputy: facts.get("deputy", "kind: collaborative"),
            self.mayor: facts.get("mayor", "kind: collaborative"),
            self.school: facts.get("school", "kind: collaborative"),
        }
        lines = "".join(f"    {one}: {{{said}}}\n" for one, said in accounts.items() if said)
        self.town.write("46/albas", charter("214600017", self.town.albas, mail=lines))
        other = f"    {self.neighbour}: {{kind: collaborative}}\n"
        self.town.write("46/anglars", charter("214600041", self.town.anglars, mail=other))
        self.town.commit()

    def enrol(self):
        for one in (self.mayor, self.deputy, self.school, self.neighbour):
            self.passwords[one] = self.town.run("mail", "password", one).stdout.strip()

    def users(self, where):
        """Rows of SOGo's table of users."""
        query = f"SELECT mail, tenant, c_password FROM bastide_groupware.bastide_users {where}"
        text = self.town.podman("mail", "mariadb", "-N", "-B", "-e", query)
        return [line.split("\t") for line in text.splitlines()]


@pytest.fixture(scope="module")
def place(lab, tmp_path_factory):
    found = Place(Town(tmp_path_factory.mktemp("town").resolve(), lab))
    found.declare()
    found.town.apply()
    found.enrol()
    return found


@pytest.fixture
def dav(place, address, trust):
    """dav(user, password) is that user's calendar program."""

    def program(user, password=None):
        return Dav(address("mail"), trust, user, password or place.passwords[user])

    return program


@pytest.fixture
def imap(place, address, trust):
    """imap(user) is an IMAP session."""
    opened = []

    def session(user):
        one = imaplib.IMAP4_SSL(address("mail"), 993, ssl_context=trust)
        opened.append(one)
        one.login(user, place.passwords[user])
        return one

    yield session
    for one in opened:
        one.logout()


def test_a_second_apply_changes_nothing_and_a_plan_says_who_is_collaborative(place):
    plan = place.town.plan()
    assert (plan["changes"], plan["repairs"]) == ([], [])
    [(mail, tenant, secret)] = place.users(f"WHERE mail = '{place.mayor}'")
    assert (mail, tenant) == (place.mayor, "214600017")
    assert secret == place.town.row(place.mayor)["password"], "one hash, on the host alone"


def test_somebody_elses_change_of_the_table_of_users_is_seen_and_undone(place):
    town = place.town
    change = (
        f"UPDATE bastide_groupware.bastide_users SET tenant = '1' WHERE mail = '{place.school}'"
    )
    town.podman("mail", "mariadb", "-e", change)
    assert town.plan()["repairs"] == ["mail"]
    town.apply()
    assert place.users(f"WHERE mail = '{place.school}'")[0][1] == "214600017"
    assert town.plan()["repairs"] == []


def test_a_calendar_shared_with_a_colleague_is_read_by_no_other(place, dav):
    mayor, deputy = dav(place.mayor), dav(place.deputy)
    path = f"{mayor.home}/{PERSONAL}/conseil.ics"
    assert mayor.ask("PUT", path, EVENT, "text/calendar")[0] in (201, 204)
    for user in (place.deputy, place.school, place.neighbour):
        assert dav(user).ask("GET", path)[0] == 404, "nobody before it is shared"
    assert mayor.share(PERSONAL, deputy.home.rpartition("/")[2], "PublicViewer") == 204
    status, text, _ = deputy.ask("GET", path)
    assert status == 200
    assert "SUMMARY:Conseil municipal" in text
    names = deputy.properties(f"{mayor.home}/{PERSONAL}/", "d:getetag", depth="1")
    assert [name for name in names if name.endswith("conseil.ics")]
    assert deputy.ask("PUT", path, EVENT, "text/calendar")[0] == 403, "a viewer does not write"
    for user in (place.school, place.neighbour):
        assert dav(user).ask("GET", path)[0] == 404


def test_an_address_book_shared_with_a_colleague_is_read_by_no_other(place, dav):
    mayor, deputy = dav(place.mayor), dav(place.deputy)
    book = "Contacts/personal"
    path = f"{mayor.home}/{book}/garde.vcf"
    assert mayor.ask("PUT", path, CARD, "text/vcard")[0] in (201, 204)
    assert mayor.share(book, deputy.home.rpartition("/")[2], "ObjectViewer") == 204
    assert "Garde champêtre" in deputy.ask("GET", path)[1]
    assert dav(place.neighbour).ask("GET", path)[0] == 404
    query = (
        '<a:addressbook-multiget xmlns:d="DAV:" xmlns:a="urn:ietf:params:xml:ns:carddav"><d:prop>'
        f"<a:address-data/></d:prop><d:href>{path}</d:href></a:addressbook-multiget>"
    )
    status, text, _ = deputy.ask("REPORT", f"{mayor.home}/{book}/", query, Depth="1")
    assert (status, "TEL:0565000000" in text) == (207, True)


def test_a_search_finds_colleagues_and_nobody_of_the_same_shared_domain(place, dav):
    assert dav(place.deputy).find(place.town.token) == [place.school, place.mayor]
    for words in (place.town.token, "maire", place.mayor, place.school):
        assert dav(place.neighbour).find(urllib.parse.quote(words)) == []


def test_the_database_refuses_a_share_with_another_collectivity(place, dav):
    mayor = dav(place.mayor)
    uuid = dav(place.neighbour).home.rpartition("/")[2]
    for who in (uuid, place.neighbour, "<default>", "anonymous"):
        mayor.share(PERSONAL, who, "PublicViewer")
    query = (
        "SELECT count(*) FROM sogo.sogo_acl WHERE c_uid IN ('%s', '%s', '<default>', 'anonymous')"
    )
    text = place.town.podman("mail", "mariadb", "-N", "-B", "-e", query % (uuid, place.neighbour))
    assert text.strip() == "0"


def test_nobody_of_another_collectivity_learns_when_somebody_is_busy(place, dav):
    neighbour = dav(place.neighbour)
    for root in ("/SOGo/dav", "/SOGo/so", "/SOGo//dav"):
        for name in (place.mayor, urllib.parse.quote(place.mayor, safe="")):
            status, text, _ = neighbour.ask("GET", f"{root}/{name}/freebusy.ifb")
            assert (status, "VFREEBUSY" in text) == (404, False)
    question = BUSY.format(organizer=place.neighbour, attendee=place.mayor)
    for kind in ("text/calendar", "TEXT/Calendar", "text/plain", "application/octet-stream"):
        path = f"{neighbour.home}/{PERSONAL}/"
        assert neighbour.ask("POST", path, question, kind)[0] == 403


def test_a_shared_folder_is_seen_by_the_colleague_and_not_by_the_other_collectivity(place, imap):
    mayor = imap(place.mayor)
    mayor.create("Travaux")
    text = b"From: a@example.org\r\nSubject: Devis\r\n\r\nPont neuf\r\n"
    mayor.append("Travaux", None, None, text)
    for user in (place.deputy, place.neighbour):
        assert mayor.setacl("Travaux", user, "lrs")[0] == "OK"
    shared = f"Partages/{place.mayor}/Travaux"
    deputy, neighbour, school = imap(place.deputy), imap(place.neighbour), imap(place.school)
    assert any(shared.encode() in one for one in deputy.list()[1])
    assert deputy.select(shared, readonly=True)[0] == "OK"
    assert b"Pont neuf" in deputy.fetch("1", "(BODY.PEEK[])")[1][0][1]
    assert deputy.select(f"Partages/{place.mayor}/INBOX", readonly=True)[0] == "NO"
    assert deputy.append(shared, None, None, text)[0] == "NO", "a reader does not write"
    for one in (neighbour, school):
        assert not any(b"Partages/" in line for line in one.list()[1] if line)
        assert one.select(shared, readonly=True)[0] == "NO"
    with pytest.raises(imaplib.IMAP4.error, match="disallowed"):
        mayor.setacl("Travaux", "anyone", "lr")


def test_a_link_gives_the_groupware_the_new_password_at_once(place, dav, address, trust):
    former = place.passwords[place.deputy]
    assert dav(place.deputy).home
    link = urllib.parse.urlsplit(place.town.run("mail", "reset", place.deputy).stdout.strip())
    chosen = "une phrase choisie par l'usager"
    fields = urllib.parse.urlencode({"username": "", "password": chosen, "again": chosen})
    client = http.client.HTTPSConnection(address("mail"), 443, timeout=20, context=trust)
    headers = {"Host": link.hostname, "Content-Type": "application/x-www-form-urlencoded"}
    client.request("POST", link.path, fields, headers)
    assert client.getresponse().status == 303
    client.close()
    assert dav(place.deputy, former).ask("PROPFIND", "/SOGo/dav/", Depth="0")[0] == 401
    assert dav(place.deputy, chosen).home
    place.passwords[place.deputy] = chosen
    plan = place.town.plan()
    assert (plan["changes"], plan["repairs"]) == ([], [])


def test_who_is_suspended_classic_or_gone_is_refused_and_the_calendar_stays(place, dav):
    paths = {}
    for user in (place.mayor, place.school, place.deputy):
        paths[user] = f"{dav(user).home}/{PERSONAL}/retour.ics"
        event = EVENT.replace("UID:conseil", "UID:retour")
        assert dav(user).ask("PUT", paths[user], event, "text/calendar")[0] in (201, 204)
    suspended = "kind: collaborative, state: suspended"
    place.declare(mayor=suspended, school="kind: classic", deputy=None)
    place.town.apply()
    for user, path in paths.items():
        assert dav(user).ask("GET", path)[0] == 401
    place.declare()
    place.town.apply()
    for user, path in paths.items():
        assert dav(user).ask("GET", path)[0] == 200, "it comes back with its calendar"


def test_an_address_handed_over_begins_without_the_former_holders_calendar(place, dav):
    former = dav(place.mayor).home
    town = place.town
    before = town.row(place.mayor)["uuid"]
    made = f"UPDATE mailbox SET created_at = '2026-01-01T00:00:00+00:00' WHERE uuid = '{before}'"
    town.podman("mail", "sqlite3", DIRECTORY, made)
    place.declare(mayor="kind: collaborative, new_holder: 2026-02-01")
    town.apply()
    place.passwords[place.mayor] = town.run("mail", "password", place.mayor).stdout.strip()
    holder = dav(place.mayor)
    assert holder.home != former
    # The share with everybody that the database refused is still in SOGo's cache, for a minute.
    town.podman("mail", "systemctl", "restart", "memcached")
    assert holder.ask("GET", f"{former}/{PERSONAL}/retour.ics")[0] == 404
    assert len(holder.properties(f"{holder.home}/{PERSONAL}/", "d:getetag", depth="1")) == 1
    assert place.users(f"WHERE c_uid = '{before}'")[0][2] == "{BLF-CRYPT}*"
