# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way, by the command alone: what changes in a charter, and what becomes of it."""

from __future__ import annotations

import json

import pytest

from integration.town import charter, records

ALBAS, ALVIGNAC, ANGLARS = "214600017", "214600033", "214600041"


@pytest.fixture
def albas(town):
    """A town with one commune, converged, whose journal holds in the end."""
    town.write("46/albas", charter(ALBAS, town.albas))
    town.commit()
    town.apply()
    yield town
    town.run("audit", "--check")


@pytest.fixture(scope="module")
def standing(standing_town):
    """The same once for all tests that leave it as they found it."""
    town = standing_town
    town.write("46/albas", charter(ALBAS, town.albas))
    town.commit()
    town.apply()
    yield town
    town.run("audit", "--check")


def with_mail(town, *names: str, more: str = "") -> None:
    """The charter of Albas with these mailboxes too."""
    lines = "".join(f"    {name}@{town.albas}:\n" for name in names)
    town.write("46/albas", charter(ALBAS, town.albas, mail=lines, more=more))
    town.commit()


def mail_changes(plan: dict) -> list[tuple[str, str]]:
    """On the host that holds the mailboxes; the other one follows with the way to them."""
    return [(c["action"], c["address"]) for c in plan["changes"] if c["host"] == "mail"]


# -- what the world sees -----------------------------------------------------------------


def test_a_new_commune_is_served_by_every_host_and_the_second_apply_has_nothing_to_do(albas):
    town = albas
    assert town.ask(f"www.{town.albas}", "A") == [town.addresses["web"]]
    assert town.run("verify").stdout.count("✓") == 3
    assert "0 changes applied" in town.apply().stdout
    town.run("plan", "--detailed-exitcode")
    journal = (town.state / "journal.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["event"] for line in journal] == ["begin", "end", "unchanged"]


def test_the_published_dkim_key_is_the_one_that_the_mail_host_signs_with(standing):
    town = standing
    key = f"/var/lib/bastide/mail/dkim/{town.albas}.b2026.key"
    pem = town.podman("mail", "openssl", "pkey", "-in", key, "-pubout")
    held = "".join(pem.splitlines()[1:-1])
    [text] = town.ask(f"b2026._domainkey.{town.albas}", "TXT")
    published = text.replace('" "', "").strip('"')
    assert f"p={held}" in published.replace("; ", ";").split(";")


def test_the_zone_leads_mail_programs_to_the_operators_names(standing):
    town = standing
    ask = lambda name, rtype: town.ask(f"{name}.{town.albas}", rtype)  # noqa: E731
    assert ask("_imaps._tcp", "SRV") == ["0 1 993 mail.info46.com."]
    assert ask("_submissions._tcp", "SRV") == ["0 1 465 mail.info46.com."]
    assert ask("_submission._tcp", "SRV") == ["0 1 587 mail.info46.com."]
    for absent in ("_imap", "_pop3", "_pop3s"):
        assert ask(f"{absent}._tcp", "SRV") == ["0 0 0 ."]
    assert ask("_autodiscover._tcp", "SRV") == ["0 0 443 config.info46.com."]
    assert ask("autoconfig", "CNAME") == ask("autodiscover", "CNAME") == ["config.info46.com."]
    assert town.ask("config.info46.com", "A") == [town.addresses["web"]]
    assert ask("_smtp._tls", "TXT") == ['"v=TLSRPTv1; rua=mailto:tls@info46.com"']
    assert ask("_mta-sts", "TXT") == []  # no domain has a certificate for it


def test_verify_tells_a_web_host_that_leads_mail_programs_nowhere(standing):
    town = standing
    settings = "/srv/clients/config-v1.1.xml"
    town.podman("web", "mv", settings, f"{settings}.away")
    try:
        done = town.run("verify", "albas", code=1)
    finally:
        town.podman("web", "mv", f"{settings}.away", settings)
    assert f"clients:autoconfig.{town.albas}" in done.stdout
    assert town.place("46/albas", "mairie@") in done.stdout


def test_verify_tells_a_webmail_that_lets_nobody_in(standing):
    town = standing
    with town.stopped("mail", "php8.2-fpm"):
        done = town.run("verify", "albas", code=1)
    assert "✗ webmail @webmail.info46.com" in done.stdout
    assert "✗ webmail sonde@info46.com @webmail.info46.com" in done.stdout
    assert "✗ webmail suspended sonde-suspendue@info46.com" in done.stdout


def test_verify_tells_a_webmail_that_lets_the_suspended_in(standing):
    town = standing
    state = "UPDATE mailbox SET state = '{}' WHERE address = 'sonde-suspendue@info46.com'"
    change = ("sqlite3", "/var/lib/bastide/mail/directory.db")
    town.podman("mail", *change, state.format("active"))
    try:
        done = town.run("verify", "albas", code=1)
    finally:
        town.podman("mail", *change, state.format("suspended"))
    assert "✗ webmail suspended sonde-suspendue@info46.com" in done.stdout
    assert "login refused  ≠  login accepted" in done.stdout
    assert "✗ webmail @" not in done.stdout


@pytest.mark.parametrize(
    ("host", "unit", "line"),
    [("mail", "postfix@-", "mairie@"), ("ns2", "knot", "albas-"), ("web", "nginx", "site:")],
)
def test_verify_names_the_lines_when_a_server_is_stopped(standing, host, unit, line):
    town = standing
    with town.stopped(host, unit):
        done = town.run("verify", "albas", code=1)
    assert f"✗ {town.place('46/albas', line)}" in done.stdout


def test_verify_is_content_when_all_that_was_off_is_back(standing):
    assert standing.run("verify", "albas").returncode == 0


def test_a_record_changed_behind_our_back_is_drift_and_is_repaired(standing):
    town = standing
    zone = town.albas
    for command in (
        ("zone-begin", zone),
        ("zone-unset", zone, "www", "A"),
        ("zone-set", zone, "www", "60", "A", "192.0.2.66"),
        ("zone-commit", zone),
    ):
        town.podman("ns", "knotc", *command)
    assert town.ask(f"www.{zone}", "A") == ["192.0.2.66"]
    done = town.run("drift", "--format", "json", code=3)
    [found] = [
        d for d in json.loads(done.stdout)["drift"] if d["address"] == f"rrset:www.{zone}./A"
    ]
    assert (found["kind"], found["actual"]["rdata"]) == ("differs", ["192.0.2.66"])
    assert f"{found['file']}:{found['line']}" == town.place("46/albas", "site:")
    town.converge()
    assert town.ask(f"www.{zone}", "A") == [town.addresses["web"]]


def test_a_mailbox_changed_behind_our_back_is_drift_and_is_repaired(standing):
    town = standing
    town.podman(
        "mail", "sqlite3", "/var/lib/bastide/mail/directory.db",
        f"UPDATE mailbox SET state = 'suspended' WHERE address = 'mairie@{town.albas}'",
    )  # fmt: skip
    done = town.run("drift", code=3)
    assert f"mailbox:mairie@{town.albas}" in done.stdout
    assert town.place("46/albas", "mairie@") in done.stdout
    town.converge()
    assert town.mailboxes() == {f"mairie@{town.albas}": "active"}


# -- what leaves a charter ---------------------------------------------------------------


def test_a_mailbox_that_left_the_charter_is_suspended_and_comes_back_with_its_mail(
    albas, eventually
):
    town = albas
    archives = f"archives@{town.albas}"
    with_mail(town, "archives")
    town.apply()
    town.deliver(archives, count=3)
    eventually(lambda: town.messages(archives) == 3, "the mail")
    uuid = town.row(archives)["uuid"]
    with_mail(town)
    assert mail_changes(town.plan()) == [("suspend", f"mailbox:{archives}")]
    town.converge()
    assert town.row(archives)["state"] == "suspended"
    with_mail(town, "archives")
    assert mail_changes(town.plan()) == [("restore", f"mailbox:{archives}")]
    town.converge()
    assert town.row(archives)["state"] == "active"
    assert town.row(archives)["uuid"] == uuid
    assert town.messages(archives) == 3


def test_a_file_that_vanishes_is_reported_and_left_alone_until_it_is_retired(albas):
    town = albas
    text = charter(ALVIGNAC, town.alvignac)
    town.write("46/alvignac", text)
    town.commit()
    town.apply()
    town.remove("46/alvignac")
    town.commit()
    plan = town.plan()
    assert plan["changes"] == []
    told = {e["address"]: e["why"] for e in plan["left_alone"] if town.alvignac in e["address"]}
    assert {told[a] for a in (f"zone:{town.alvignac}", f"mailbox:mairie@{town.alvignac}")} == {
        "collectivity-gone"
    }
    town.apply()
    assert town.ask(f"www.{town.alvignac}", "A") == [town.addresses["web"]]
    town.write("46/alvignac", text.replace("kind: commune", "kind: commune\n  state: retired"))
    town.commit()
    town.converge()
    assert town.ask(f"www.{town.alvignac}", "A") == []
    assert town.row(f"mairie@{town.alvignac}")["state"] == "suspended"


def test_a_domain_that_vanishes_is_left_alone_with_its_mail_until_it_is_retired(albas):
    town = albas
    second = f"sur-lot-{town.token}.fr"
    town.write(
        "46/albas",
        charter(
            ALBAS,
            town.albas,
            more=f"  {second}: {{registration: {{mode: managed}}}}\n",
            mail=f"    a@{second}:\n",
        ),
    )
    town.commit()
    town.apply()
    with_mail(town)
    plan = town.plan()
    assert plan["changes"] == []
    told = {e["address"]: e["why"] for e in plan["left_alone"] if second in e["address"]}
    assert (told[f"zone:{second}"], told[f"mailbox:a@{second}"]) == ("domain-gone", "domain-gone")
    with_mail(town, more=f"  {second}: {{state: retired}}\n")
    town.converge()
    assert town.ask(second, "SOA") == []
    assert town.row(f"a@{second}")["state"] == "suspended"


# -- limits ------------------------------------------------------------------------------


def test_a_run_over_its_limits_touches_nothing_until_git_holds_the_consent(albas):
    town = albas
    with_mail(town, *(f"lot{n}" for n in range(30)))
    town.apply()
    with_mail(town)
    before = town.mailboxes()
    done = town.apply(code=4)
    assert "A522" in done.stderr
    assert town.mailboxes() == before
    digest = town.plan()["digest"]
    assert digest in done.stderr
    ledger = town.root / "inventory" / "lab" / "acknowledgements.yml"
    ledger.write_text(f'- {{plan: "{digest}", reason: "closing"}}\n', encoding="utf-8")
    town.apply(code=4)  # a line counts once it is committed
    town.commit("acknowledge")
    town.apply()
    assert town.mailboxes()[f"lot7@{town.albas}"] == "suspended"
    events = [json.loads(line) for line in (town.state / "journal.jsonl").read_text().splitlines()]
    assert [e["event"] for e in events][-4:] == ["refused", "refused", "begin", "end"]


def test_a_stale_plan_is_refused_and_a_fresh_one_is_applied_as_it_was_shown(albas, tmp_path):
    town = albas
    with_mail(town, "plan")
    town.run("plan", "--out", str(tmp_path / "p.json"))
    with_mail(town, "plan", "moved")
    assert "A521" in town.apply(str(tmp_path / "p.json"), code=1).stderr
    assert f"plan@{town.albas}" not in town.mailboxes()
    town.run("plan", "--out", str(tmp_path / "q.json"))
    town.apply(str(tmp_path / "q.json"))
    assert f"plan@{town.albas}" in town.mailboxes()


def test_only_and_since_leave_the_others_as_they_are(albas):
    town = albas
    town.write("46/anglars", charter(ANGLARS, town.anglars))
    base = town.commit()
    with_mail(town, "seul")
    assert {c["collectivity"] for c in town.plan("--since", base)["changes"]} == {"46/albas"}
    town.apply("--only", "anglars")
    assert town.ask(f"www.{town.anglars}", "A") == [town.addresses["web"]]
    assert f"seul@{town.albas}" not in town.mailboxes()
    town.apply("--since", base)
    assert f"seul@{town.albas}" in town.mailboxes()


# -- the person at the keyboard ----------------------------------------------------------


def test_explain_names_the_line_that_asks_for_a_resource(town):
    with_mail(town, more=records(plan="192.0.2.7"))
    for words, line in (
        ((f"mairie@{town.albas}",), "mairie@"),
        ((f"www.{town.albas}",), "site:"),
        ((f"plan.{town.albas}", "A"), "{name: plan"),
        ((town.albas, "MX"), "mairie@"),
        ((town.albas, "SOA"), f"  {town.albas}:"),
    ):
        assert town.place("46/albas", line) in town.run("explain", *words).stdout, words


def test_the_exit_code_says_what_came_of_it(albas):
    town = albas
    town.run("plan", "--detailed-exitcode", code=0)
    town.run("plan", "--nonsense", code=2)
    with_mail(town, *(f"lot{n}" for n in range(30)))
    town.run("plan", "--detailed-exitcode", code=3)
    town.apply()
    with_mail(town)
    town.apply(code=4)
    town.write("46/albas", charter("214600018", town.albas))
    done = town.run("validate", code=1)
    assert town.place("46/albas", "siren") in done.stdout
    town.apply(code=1)
