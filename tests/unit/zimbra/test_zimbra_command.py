# SPDX-License-Identifier: GPL-3.0-or-later
"""The command against the imitation behind TLS: plan, apply, drift, and what goes wrong."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from zimbra_fake import PASSWORD, USER, WRITES
from zimbra_server import Dropped, serving
from zimbra_town import CAHORS, FIGEAC, attributes, foreign, shape

from started import Started

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
CLI = Path(__file__).with_name("zimbra_cli.py")
CAHORS_FILE, FIGEAC_FILE = "collectivities/46/cahors.yml", "collectivities/46/figeac.yml"
CHARTER = """\
collectivity: {{kind: commune, siren: "{siren}"}}
convention: {{signed_on: 2026-01-01, modules: [internet]}}
domains: {{{domain}: {{}}}}
mail:
  accounts:
    mairie@{domain}:
    maire@{domain}: {{kind: collaborative, quota: 5 GB}}
    elus@{domain}: {{kind: collaborative}}
"""
OPERATOR = """\
collectivity: {kind: cdg, siren: "284600012"}
domains: {info46.com: {}}
"""
SERVER = """\
  zimbra:
    {{url: "{url}", user: "{user}", password_env: ZIMBRA_TEST, ca_file: ca.pem, relay: z.test.fr}}
"""


class Town:
    """A repository of two towns and the operator, and the command within it."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {"LC_ALL": "C.UTF-8", "ZIMBRA_TEST": PASSWORD}

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def edit(self, name, old, new):
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def start(self, *arguments, program=(str(CLI),)):
        return Started(program, arguments, cwd=self.folder, env=os.environ | self.environment)

    def run(self, *arguments, code=0, program=(str(CLI),)):
        started = self.start(*arguments, program=program)
        out, errors = started.communicate(timeout=60)
        assert "Traceback" not in out + errors
        assert PASSWORD not in out + errors
        assert started.returncode == code, out + errors
        return out + (errors if code else "")

    def changes(self, *arguments):
        plan = json.loads(self.run("plan", "--format", "json", *arguments))
        return {one["address"]: one["action"] for one in plan["changes"]}


@pytest.fixture
def town(tmp_path, zimbra, certificate):
    for name in ("schemas", "inventory"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(certificate, tmp_path / "ca.pem")
    (tmp_path / "collectivities" / "46").mkdir(parents=True)
    made = Town(tmp_path)
    made.write(CAHORS_FILE, CHARTER.format(siren=CAHORS, domain="cahors.fr"))
    made.write(FIGEAC_FILE, CHARTER.format(siren=FIGEAC, domain="figeac.fr"))
    made.write("collectivities/46/cdg46.yml", OPERATOR)
    with serving(zimbra.answer, certificate) as url:
        server = SERVER.format(url=url, user=USER)
        here = "  groupware: sogo\n  groupware_host: agenda.info46.com\n"
        made.edit("inventory/lab/platform.yml", here, "  groupware: zimbra\n")
        made.edit(
            "inventory/lab/platform.yml", "  host_group: mail\n", f"  host_group: mail\n{server}"
        )
        yield made


@pytest.fixture
def settled(town):
    town.run("apply")
    return town


def status(zimbra, address):
    return attributes(zimbra, address)["zimbraAccountStatus"]


def accounts(zimbra):
    return {name for name in shape(zimbra) if name.startswith("account:")}


def test_plan_then_apply_then_nothing_is_left_to_do(town, zimbra):
    text = town.run("plan", "--out", "plan.json")
    assert f"+ account:maire@cahors.fr  5 GB\n    {CAHORS_FILE}:7  the account is declared" in text
    assert "+ account:elus@cahors.fr   2 GB" in text
    assert f"{CAHORS_FILE}:3  collaborative accounts are on this domain" in text
    assert not [one for one in zimbra.seen if one.startswith(WRITES)]
    shown = town.run("plan", "--format", "markdown")
    assert "| + | `account:maire@figeac.fr` | 5 GB | the account is declared" in shown
    assert f"{FIGEAC_FILE}:7 |" in shown
    town.run("plan", "--detailed-exitcode", code=3)
    assert "7 changes applied" in town.run("apply", "plan.json")
    assert accounts(zimbra) == {
        f"account:{who}@{domain}"
        for who in ("maire", "elus")
        for domain in ("cahors.fr", "figeac.fr")
    }
    assert town.run("plan", "--detailed-exitcode").startswith("No change.")
    assert "account:maire@cahors.fr" in town.run("audit", "46/cahors")
    told = town.run("explain", "account:maire@cahors.fr")
    assert f"{CAHORS_FILE}:7" in told
    assert '"quota": 5000000000' in told


def test_a_suspended_account_and_one_that_left_keep_their_mail(settled, zimbra):
    settled.edit(CAHORS_FILE, "quota: 5 GB", "quota: 5 GB, state: suspended, delivery: bounce")
    settled.edit(CAHORS_FILE, "    elus@cahors.fr: {kind: collaborative}\n", "")
    plan = settled.run("plan")
    assert "! account:elus@cahors.fr" in plan
    assert f"{CAHORS_FILE}:7  no longer in the file" in plan
    settled.run("apply")
    assert status(zimbra, "account:maire@cahors.fr") == ["pending"]
    assert status(zimbra, "account:elus@cahors.fr") == ["locked"]
    assert settled.changes() == {}


def test_the_last_account_of_a_charter_is_suspended_like_any_other(settled, zimbra):
    settled.edit(FIGEAC_FILE, "kind: collaborative, ", "kind: classic, ")
    settled.edit(FIGEAC_FILE, "    elus@figeac.fr: {kind: collaborative}\n", "")
    settled.run("apply")
    assert status(zimbra, "account:maire@figeac.fr") == ["locked"]
    assert status(zimbra, "account:elus@figeac.fr") == ["locked"]


def test_mail_to_a_retired_collectivity_bounces(settled, zimbra):
    settled.edit(FIGEAC_FILE, "kind: commune,", "kind: commune, state: retired,")
    settled.run("apply")
    assert status(zimbra, "account:maire@figeac.fr") == ["pending"]
    assert settled.changes() == {}


def test_one_refused_change_is_named_with_its_line_and_stops_no_other(town, zimbra):
    zimbra.faults["CreateAccount", "maire@cahors.fr"] = "service.FAILURE"
    told = town.run("apply", code=1)
    assert f"{CAHORS_FILE}:7:1: error A523" in told
    assert "service.FAILURE" in told
    assert "6 changes applied" in told
    assert accounts(zimbra) >= {"account:elus@cahors.fr", "account:maire@figeac.fr"}
    assert "1 changes applied" in town.run("apply")
    assert town.changes() == {}


def test_a_connection_lost_within_a_batch_is_told_for_each_and_taken_up(town, zimbra):
    writes = itertools.count()

    def lose(name):
        if name.startswith(WRITES) and next(writes) == 4:
            raise Dropped

    zimbra.on_step = lose
    told = town.run("apply", code=1)
    assert "error A523: 127.0.0.1 could not create account:elus@figeac.fr: no answer" in told
    zimbra.on_step = lambda _name: None
    town.run("apply")
    assert len(accounts(zimbra)) == 4
    assert town.changes() == {}


def test_an_expired_token_is_renewed_on_the_way(town, zimbra):
    expired = []

    def expire(name):
        if name == "CreateAccount" and not expired:
            expired.append(name)
            zimbra.expire()

    zimbra.on_step = expire
    town.run("apply")
    assert expired
    assert town.changes() == {}


def test_a_server_that_is_down_is_told_with_every_line_that_waits(town, zimbra):
    town.edit("inventory/lab/platform.yml", 'url: "https://127.0.0.1:', 'url: "https://127.0.0.2:')
    plan = town.run("plan", code=1)
    assert "127.0.0.2 (groupware) did not answer: the Zimbra server" in plan
    assert f"{FIGEAC_FILE}:7  account:maire@figeac.fr" in plan
    told = town.run("apply", code=1)
    assert "inventory/lab/platform.yml" in told
    assert f"{CAHORS_FILE}:8:1: error A525: account:elus@cahors.fr waits for 127.0.0.2" in told
    assert zimbra.seen == []


def test_hosts_and_groupware_fail_each_for_themselves(town, zimbra):
    """Ansible is real here, and none of the hosts answers; the server is converged all the same."""
    for name in ("playbooks", "plugins", "roles"):
        shutil.copytree(ROOT / name, town.folder / name)
    shutil.copy(ROOT / "ansible.cfg", town.folder)
    town.write(
        "inventory/lab/hosts.yml",
        "all:\n  vars: {ansible_host: 127.0.0.1, ansible_port: 1}\n  children:\n"
        "    dns: {hosts: {ns: }}\n    mail: {hosts: {mail: , mail2: }}\n"
        "    web: {hosts: {web: }}\n    desk: {hosts: {desk: }}\n",
    )
    told = town.run("apply", code=1, program=("-m", "bastide"))
    assert "mail2 (mail) is unreachable" in told
    assert "7 changes applied" in told
    assert len(accounts(zimbra)) == 4


def test_without_its_password_the_server_counts_as_silent(town):
    town.environment["ZIMBRA_TEST"] = ""
    assert "environment variable ZIMBRA_TEST is not set" in town.run("plan", code=1)


def test_a_plan_whose_server_has_moved_is_refused(town, zimbra):
    town.run("plan", "--out", "plan.json")
    town.run("apply", "--only", "46/figeac")
    before = shape(zimbra)
    assert "A521" in town.run("apply", "plan.json", code=1)
    assert shape(zimbra) == before


def test_only_and_since_leave_the_others_alone(town, zimbra):
    git = ("git", "-c", "user.name=t", "-c", "user.email=t@example.org")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], cwd=town.folder, check=True)
    town.edit(FIGEAC_FILE, "quota: 5 GB", "quota: 6 GB")
    assert {*town.changes("--since", "HEAD")} == {
        *("account:maire@figeac.fr", "account:elus@figeac.fr", "domain:figeac.fr"),
    }
    town.run("apply", "--only", "46/figeac")
    assert accounts(zimbra) == {"account:maire@figeac.fr", "account:elus@figeac.fr"}
    assert {*town.changes()} == {
        *("account:maire@cahors.fr", "account:elus@cahors.fr"),
        *("domain:cahors.fr", "domain:info46.com"),
    }


def test_drift_lists_what_differs_and_what_is_marked_and_nobodys(settled, zimbra):
    foreign(zimbra, "account", "galsync@cahors.fr", zimbraIsSystemAccount="TRUE")
    foreign(zimbra, "cos", "default")
    foreign(zimbra, "domain", "others.example")
    assert "0 differences" in settled.run("drift")
    foreign(zimbra, "domain", "vieux.fr", zimbraNotes="bastide:214600017")
    foreign(zimbra, "account", "x@vieux.fr", zimbraNotes="bastide:214600017")
    foreign(zimbra, "account", "perso@cahors.fr")
    key, _ = zimbra.directory.get("account", "name", "elus@cahors.fr")
    zimbra.directory.modify("account", key, {"zimbraAccountStatus": ["locked"]})
    told = settled.run("drift", code=3)
    assert "account:elus@cahors.fr (127.0.0.1): suspended there" in told
    assert "127.0.0.1: account:x@vieux.fr: its file left the repository" in told
    assert "127.0.0.1: account:perso@cahors.fr: it does not bear Bastide's mark" in told
    assert "5 differences" not in told
    assert "4 differences" in told


def test_what_will_fail_is_said_in_the_plan(settled, zimbra):
    foreign(zimbra, "account", "agent@cahors.fr")
    settled.edit(
        CAHORS_FILE, "    mairie@cahors.fr:\n", "    agent@cahors.fr: {kind: collaborative}\n"
    )
    plan = settled.run("plan", "--out", "plan.json")
    assert "Will fail:" in plan
    assert "an entry of this name is left alone (unmarked)" in plan
    assert f"[{CAHORS_FILE}:6]" in plan
    settled.environment["LC_ALL"] = "fr_FR.UTF-8"
    shown = settled.run("plan", "--format", "markdown")
    assert "Échouera" in shown
    assert "il ne porte pas la marque de Bastide" in shown
    settled.environment["LC_ALL"] = "C.UTF-8"
    before = shape(zimbra)
    assert f"{CAHORS_FILE}:6:1: error A523" in settled.run("apply", "plan.json", code=1)
    assert shape(zimbra) == before


def test_the_limits_hold_for_accounts_too(town, zimbra):
    many = "".join(f"    agent{n}@cahors.fr: {{kind: collaborative}}\n" for n in range(30))
    charter = CHARTER.format(siren=CAHORS, domain="cahors.fr")
    town.write(CAHORS_FILE, charter + many)
    town.run("apply")
    town.write(CAHORS_FILE, charter)
    assert "LIMIT" in town.run("plan")
    before = shape(zimbra)
    assert "A522" in town.run("apply", code=4)
    assert shape(zimbra) == before


def test_accounts_are_there_before_the_mail_hosts_send_on(town, zimbra):
    note = town.folder / "note"
    town.environment["HOSTS_NOTE"] = str(note)
    late = []
    zimbra.on_step = lambda _name: late.append(note.exists())
    town.run("apply")
    assert note.exists()
    assert late
    assert not any(late)


@pytest.mark.parametrize("step", [0, 3, 6])
def test_an_apply_killed_within_a_batch_is_taken_up_by_the_next(step, town, zimbra):
    writes = itertools.count()
    running = []

    def kill(name):
        if name.startswith(WRITES) and next(writes) == step:
            os.kill(running[0].pid, signal.SIGKILL)
            running[0].wait()

    zimbra.on_step = kill
    running.append(town.start("apply"))
    running[0].communicate(timeout=60)
    assert running[0].returncode == -signal.SIGKILL
    zimbra.on_step = lambda _name: None
    town.run("apply")
    assert len(accounts(zimbra)) == 4
    assert town.changes() == {}
    assert "interrupted" in (town.folder / ".bastide" / "lab" / "journal.jsonl").read_text()


def test_the_last_account_on_a_shared_domain_is_suspended_like_any_other(town, zimbra):
    town.edit(
        FIGEAC_FILE, "    elus@figeac.fr: {kind", "    figeac-elus@info46.com: {kind"
    )  # its only address there
    town.run("apply")
    assert status(zimbra, "account:figeac-elus@info46.com") == ["active"]
    town.edit(FIGEAC_FILE, "    figeac-elus@info46.com: {kind: collaborative}\n", "")
    assert town.changes() == {"account:figeac-elus@info46.com": "suspend"}
    town.run("apply", "--only", "46/figeac")
    assert status(zimbra, "account:figeac-elus@info46.com") == ["locked"]
    assert town.changes() == {}
