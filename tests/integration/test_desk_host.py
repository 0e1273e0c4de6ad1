# SPDX-License-Identifier: GPL-3.0-or-later
"""The host of the desks: timers, the guide, another release without a gap, backup and restore."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pypdf import PdfReader

from bastide.lab import read_sink
from bastide.lab.machine import ansible_playbook
from integration.citizen import Citizen
from integration.town import CHECKOUT, charter, some_siren

PHOTO = b"\x89PNG\r\n\x1a\n" + b"0" * 200
NEWEST = "ls -1 /var/lib/bastide/backups/desk-*.tar | tail -n 1"
BUILDER = CHECKOUT / "roles/guichet/files/build_release.py"
# What a release is built from.
SOURCES = ("src/guichet", "src/comarquage", "schemas/catalog/procedures")


@pytest.fixture(scope="module")
def town(standing_town):
    """A town with a desk and a holding page."""
    town = standing_town
    desk = f"guichet: {{domain: demarches.{town.albas}, procedures: [intervention-services]}}\n"
    town.write("46/albas", charter(some_siren(), town.albas) + desk)
    town.commit()
    town.apply()
    return town


@pytest.fixture
def citizen(town):
    """Somebody before the desk of the town."""
    return visitor(town)


@pytest.fixture(scope="module")
def desk(machine):
    """The host (testinfra)."""
    return machine("desk")


def visitor(town):
    return Citizen(
        f"demarches.{town.albas}", town.addresses["desk"], town.lab.files / "tls" / "ca.pem"
    )


def mailed_link(town, desk, email):
    """Path of the follow-up link that `email` got, once the outbox is sent."""
    desk.check_output("systemctl start guichet-mail.service")
    [caught] = read_sink(town.lab.root, email)
    text = caught.message.get_body(("plain",)).get_content()
    return re.search(rf"https://demarches\.{town.albas}(/suivi/\S+)", text)[1]


# -- what the site says, what runs by itself -----------------------------------------------


def test_the_page_of_the_collectivity_leads_to_its_desk(town):
    page = subprocess.run(
        [
            *("curl", "-sS", "--resolve", f"www.{town.albas}:80:{town.addresses['web']}"),
            f"http://www.{town.albas}/",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert f'<a href="https://demarches.{town.albas}/">' in page
    assert "Faire une démarche en ligne" in page


def test_verify_asks_the_desk_over_https_and_tells_when_it_is_away(town):
    assert town.run("verify", "albas").returncode == 0
    with town.stopped("desk", "nginx"):
        told = town.run("verify", "albas", code=1).stdout
    assert f"desk:demarches.{town.albas} @{town.addresses['desk']}" in told
    release = Path(town.podman("desk", "readlink", "/opt/guichet/current").strip()).name
    with town.stopped("desk", f"guichet@{release}.service"):
        # nginx still leads to HTTPS, where nobody is behind it.
        told = town.run("verify", "albas", code=1).stdout
    assert re.search(rf"desk:demarches\.{town.albas}.*502", told, re.DOTALL), told


@pytest.mark.parametrize(
    ("timer", "calendar"),
    [
        ("guichet-mail", r"\*-\*-\* \*:\*:00"),
        ("guichet-retention", r"\*-\*-\* 03:10:00"),
        ("guichet-backup", r"\*-\*-\* 02:20:00"),
        ("guichet-review", r"\*-\*-\* 06:40:00"),
        ("comarquage-refresh", r"\*-\*-\* 04:00:00"),
        ("comarquage-status", r"\*-\*-\* 00/6:35:00"),
        ("comarquage-links", r"Sun \*-\*-\* 06:00:00"),
    ],
)
def test_a_timer_waits_for_its_moment(desk, timer, calendar):
    words = "-p ActiveState -p UnitFileState -p TimersCalendar"
    told = desk.check_output(f"systemctl show {timer}.timer {words}")
    assert "ActiveState=active" in told
    assert "UnitFileState=enabled" in told
    assert re.search(rf"OnCalendar={calendar} ;", told), told


def test_what_the_timers_start_does_its_work(desk):
    services = "guichet-retention.service guichet-review.service comarquage@status.service"
    desk.check_output(f"systemctl start {services}")


# -- the guide ----------------------------------------------------------------------------


def test_the_guide_is_there_and_the_desk_may_read_it_and_nothing_more(desk):
    show = "cat /var/lib/comarquage/current/release.json"
    release = json.loads(desk.check_output(f"runuser -u guichet -- {show}"))
    assert release
    for file in ("", "current/part.sqlite", "state.json"):
        assert desk.run(f"runuser -u guichet -- test -w /var/lib/comarquage/{file}").failed
    assert desk.run(f"runuser -u nobody -- {show}").failed
    settings = json.loads(desk.check_output("cat /etc/guichet/guichet.json"))
    assert settings["guide"] == {"folder": "/var/lib/comarquage"}


def test_a_guide_of_four_days_ago_is_a_failed_unit_and_a_line_of_the_journal(desk):
    state = "/var/lib/comarquage/state.json"
    desk.check_output(f"cp -p {state} {state}.kept")
    age = "import json, sys; f = sys.argv[1]; s = json.load(open(f)); "
    age += "s['succeeded'] = '2026-01-01T00:00:00+00:00'; json.dump(s, open(f, 'w'))"
    try:
        desk.check_output(f'python3 -c "{age}" {state}')
        assert desk.run("systemctl start comarquage@status.service").failed
        assert desk.run("systemctl is-failed comarquage@status.service").rc == 0
        told = desk.check_output("journalctl -u comarquage@status.service -n 20 -o cat")
        assert "stale: " in told
        assert "Failed with result 'exit-code'" in told
    finally:
        desk.check_output(f"mv {state}.kept {state}")
        desk.check_output("systemctl start comarquage@status.service")


# -- another release -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def other_checkout(tmp_path_factory):
    """A checkout whose desk greets by another word."""
    root = tmp_path_factory.mktemp("checkout")
    for name in SOURCES:
        shutil.copytree(CHECKOUT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(CHECKOUT / name, root)
    return root


def bring(town, root):
    """Build the desk of a checkout and install it on the host; the name of the release."""
    builds = CHECKOUT / ".bastide/guichet"
    words = [sys.executable, str(BUILDER), str(root), str(builds)]
    built = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    where = f"{town.containers['desk']}:/opt/guichet/{built['release']}.tar"
    subprocess.run(["podman", "cp", built["archive"], where], check=True, capture_output=True)
    town.podman("desk", "guichet-install", built["release"])
    return built["release"]


def switch(town, release):
    """Let a release take over, as the role does."""
    return subprocess.run(
        ["podman", "exec", town.containers["desk"], "guichet-switch", release, "1", "3"],
        capture_output=True,
        text=True,
        check=False,
    )


class Asking(threading.Thread):
    """Asks for pages and forms one after the other, as fast as they come."""

    def __init__(self, town):
        super().__init__()
        self.town = town
        self.enough = threading.Event()
        self.answers = []

    def run(self):
        someone = visitor(self.town)
        while not self.enough.is_set():
            for path in ("/", "/demarches/intervention-services/"):
                try:
                    answer = someone.get(path)
                except Exception as error:  # noqa: BLE001 - whatever a citizen would see
                    self.answers.append((repr(error), ""))
                else:
                    self.answers.append((answer.status, answer.text))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.enough.set()
        self.join()


def test_another_release_takes_over_while_citizens_ask_and_none_is_turned_away(
    town, desk, other_checkout
):
    template = other_checkout / "src/guichet/templates/guichet/base.html"
    template.write_text(template.read_text("utf-8").replace("</body>", "<!-- other --></body>"))
    former = desk.check_output("basename $(readlink /opt/guichet/current)")
    release = bring(town, other_checkout)
    with Asking(town) as first, Asking(town) as second:
        done = switch(town, release)
        assert done.returncode == 0, done.stderr
        back = switch(town, former)
        assert back.returncode == 0, back.stderr
    for one in (first, second):
        assert {status for status, _ in one.answers} == {200}
        greeted = ["<!-- other -->" in text for _, text in one.answers]
        assert True in greeted, "the other release never answered"
        assert not greeted[0], "the former release was not asked"
        assert not greeted[-1], "the former release did not come back"
    assert (
        desk.check_output("systemctl list-units --plain --no-legend 'guichet@*'").count("\n") == 0
    )


def test_a_release_that_does_not_start_is_stopped_and_the_former_one_goes_on(
    town, desk, citizen, other_checkout
):
    broken = other_checkout / "src/guichet/wsgi.py"
    whole = broken.read_text("utf-8")
    broken.write_text(whole + "raise SystemExit(3)\n", encoding="utf-8")
    former = desk.check_output("readlink /opt/guichet/current")
    try:
        release = bring(town, other_checkout)
    finally:
        broken.write_text(whole, encoding="utf-8")
    done = switch(town, release)
    assert done.returncode != 0
    assert "does not answer: the former one goes on" in done.stderr
    assert desk.check_output("readlink /opt/guichet/current") == former
    assert citizen.get("/").status == 200
    assert desk.check_output("systemctl is-system-running") == "running"


# -- the role -----------------------------------------------------------------------------


def test_check_mode_of_the_role_tells_what_would_change_and_changes_nothing(
    town, lab, desk, tmp_path
):
    before = desk.check_output("sha256sum /etc/guichet/* /etc/systemd/system/guichet* | sort")
    playbook = tmp_path / "desk.yml"
    role = {"role": str(CHECKOUT / "roles/guichet"), "vars": {"guichet_workers": 3,
            "guichet_mail_port": 2525, "guichet_mail_calendar": "hourly"}}  # fmt: skip
    playbook.write_text(json.dumps([{"hosts": "desk", "gather_facts": False, "roles": [role]}]))
    done = subprocess.run(
        [ansible_playbook(), "-i", str(lab.inventory), "--check", "--diff", str(playbook)],
        cwd=town.root,
        env=town.environment() | {"ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    for line in ("+workers = 3", '+  "port": 2525', "+OnCalendar=hourly"):
        assert line in re.sub(r"(?m)^\+ +", "+  ", done.stdout), done.stdout
    assert "link_key" not in done.stdout
    after = desk.check_output("sha256sum /etc/guichet/* /etc/systemd/system/guichet* | sort")
    assert after == before


def test_a_receipt_is_printed_within_what_the_unit_allows(town, desk, citizen):
    """By a process that the worker starts: fonts are there, and no filter is in its way."""
    email = f"papier-{town.token}@exemple.fr"
    number = citizen.report_a_problem(email, PHOTO)
    link = mailed_link(town, desk, email)
    paper = PdfReader(io.BytesIO(visitor(town).get(f"{link}accuse-de-reception.pdf").body))
    assert number in paper.metadata.title
    assert "Pont Valentré" in "".join(page.extract_text() for page in paper.pages)


# -- backup and restore -------------------------------------------------------------------


def test_a_request_and_its_file_come_back_with_a_backup_and_its_link_works(town, desk, citizen):
    email = f"jeanne-{town.token}@exemple.fr"
    number = citizen.report_a_problem(email, PHOTO)
    link = mailed_link(town, desk, email)
    desk.check_output("systemctl start guichet-backup.service")
    archive = desk.check_output(NEWEST)
    assert desk.file(archive).mode == 0o600
    # The host is lost: no database, and keys that a new host made.
    desk.check_output("systemctl stop 'guichet@*.service'")
    desk.check_output("runuser -u postgres -- dropdb --force guichet")
    desk.check_output("runuser -u postgres -- createdb --owner guichet_owner guichet")
    desk.check_output("mv /etc/guichet/guichet.json /root/ && guichet-configure")
    desk.check_output("guichet-manage --owner migrate --no-input --verbosity 0")
    desk.check_output("systemctl start guichet@$(basename $(readlink /opt/guichet/current))")
    assert visitor(town).get(link).status == 404
    told = desk.check_output(f"guichet-restore {archive}")
    assert "restored" in told
    again = visitor(town)
    page = again.get(link)
    assert page.status == 200
    assert number in page.text
    [file] = re.findall(rf'href="({re.escape(link)}fichiers/[^"]+)"', page.text)
    assert again.get(file).body == PHOTO
    desk.check_output("rm /root/guichet.json")
    desk.check_output(
        'runuser -u postgres -- psql -qAtX -c "SELECT datname FROM pg_database WHERE datname LIKE '
        "'guichet_before_%'\" | xargs -rn 1 runuser -u postgres -- dropdb"
    )
    town.converge()


def test_a_damaged_backup_is_refused_and_nothing_is_touched(desk, town, citizen):
    desk.check_output(
        "cp $(ls -1 /var/lib/bastide/backups/desk-*.tar | tail -n 1) /root/spoiled.tar"
    )
    desk.check_output("dd if=/dev/zero of=/root/spoiled.tar bs=1 seek=60000 count=16 conv=notrunc")
    refused = desk.run("guichet-restore /root/spoiled.tar")
    desk.check_output("rm /root/spoiled.tar")
    assert refused.failed
    assert "nothing was touched" in refused.stderr
    assert citizen.get("/").status == 200
