# SPDX-License-Identifier: GPL-3.0-or-later
"""What is ordered when, what rests, what waits: bastide_certificates beside a strict authority.

The certificates are real and signed by the authority of these tests, which keeps the limits of
Let's Encrypt and refuses what it would refuse. Only nginx and the network are missing.
"""

import datetime as dt
import itertools
import json
import subprocess
from collections import Counter

import bastide_certificates as module
import pytest
from ansible.module_utils import bastide_certkeeper as keeper
from ansible.module_utils import bastide_certserved as served
from ansible.module_utils import bastide_certstore as store
from ansible.module_utils.bastide_bulk import Service, outcome
from ansible.module_utils.bastide_certbudget import Budget, Limits, registered
from ansible.module_utils.bastide_certorders import Answer, limited_until
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

NOW = dt.datetime(2026, 11, 28, 10, tzinfo=dt.UTC)
LIFE = dt.timedelta(days=90)
CAHORS, ALBAS = "214600421", "214600017"
CAHORS_NAMES = ["cahors.fr", "demarches.cahors.fr", "www.cahors.fr"]
ALBAS_NAMES = ["albas.fr", "www.albas.fr"]


class Killed(BaseException):
    """The end of the process, in the middle of an order."""


class Authority:
    """Signs what it may; counts as Let's Encrypt does."""

    def __init__(self):
        self.now = NOW
        self.elsewhere = {}
        self.silent = False
        self.dies_at = None
        self.orders = []
        self.issued = []
        self.failures = Counter()
        self.key = ec.generate_private_key(ec.SECP256R1())

    def obtain(self, orders):
        for stem, names in orders.items():
            yield stem, self._order(stem, list(names))

    def _order(self, stem, names):
        assert len(set(names)) == len(names) <= 100
        if self.silent:
            return Answer(why="no answer from the authority: refused", silent=True)
        self.orders.append((self.now, names))
        recent = [n for at, n in self.orders if at > self.now - dt.timedelta(hours=3)]
        assert len(recent) <= 300
        if stem == self.dies_at:
            raise Killed
        refused = {name: self.elsewhere[name] for name in names if name in self.elsewhere}
        for name in refused:
            hour = self.now.replace(minute=0)
            self.failures[name, hour] += 1
            assert self.failures[name, hour] <= 5
        if refused:
            return Answer(refused=refused)
        self.issued.append((self.now, names))
        week = [n for at, n in self.issued if at > self.now - dt.timedelta(days=7)]
        for domain in {".".join(name.split(".")[-2:]) for name in names}:
            assert sum(any(n.endswith(domain) for n in one) for one in week) <= 50
        assert week.count(names) <= 5
        return Answer(*self.sign(names))

    def sign(self, names):
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "essai")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now)
            .not_valid_after(self.now + LIFE)
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
            )
            .sign(self.key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        form = serialization.PrivateFormat.PKCS8
        text = key.private_bytes(pem, form, serialization.NoEncryption()).decode()
        return text, certificate.public_bytes(pem).decode()


class Host:
    """A web host's folders, with an authority and a clock of its own."""

    def __init__(self, root, authority):
        self.root = root
        self.authority = authority
        self.share = root / "tls.jsonl"
        self.reloads = 0
        self.nginx_says = 0

    def declare(self, *lines):
        head = {"format": 1, "service": "tls", "host": "web", "environment": "lab"}
        self.share.write_text("".join(json.dumps(line) + "\n" for line in (head, *lines)))

    def apply(self, *, check_mode=False, **args):
        checks = {"certificate": module.check_certificate}
        service = Service("tls", store.LOCK, checks, module.survey, module.converge)
        return outcome(service, {"share": str(self.share), **args}, check_mode=check_mode)

    def timer(self):
        """What the timer does."""
        return keeper.keep(store.load_state())

    def later(self, **span):
        self.authority.now += dt.timedelta(**span)

    def served(self):
        return served.served_names(store.load_state(), store.stems())

    def run(self, argv, *_args, **_more):
        self.reloads += argv[0] == "systemctl"
        code = self.nginx_says if argv[0] == "nginx" else 0
        return subprocess.CompletedProcess(argv, code, b"", b"nginx: refused" if code else b"")


def line(siren, slug, domains, **certificates):
    resources = [
        {"address": f"certificate:{stem.replace('_', '.')}", "body": {"names": names}}
        for stem, names in certificates.items()
    ]
    return {
        "collectivity": slug, "siren": siren, "retired": False, "retired_domains": [],
        "domains": domains, "resources": resources,
    }  # fmt: skip


CAHORS_LINE = line(CAHORS, "46/cahors", ["cahors.fr"], cahors_fr=CAHORS_NAMES)
ALBAS_LINE = line(ALBAS, "46/albas", ["albas.fr"], albas_fr=ALBAS_NAMES)


@pytest.fixture
def host(tmp_path, monkeypatch):
    authority = Authority()
    host = Host(tmp_path, authority)
    for name in ("SETTINGS", "ACCOUNT_KEY", "FOLDER", "STATE", "LOCK", "CHALLENGES"):
        monkeypatch.setattr(store, name, tmp_path / name.lower())
    monkeypatch.setattr(served, "MAPS", tmp_path / "nginx")
    monkeypatch.setattr(served, "MAP", tmp_path / "nginx" / "certificates.map")
    monkeypatch.setattr(served, "run", host.run)

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz=None):  # noqa: ARG003
            return authority.now

    for where in (keeper, module):
        monkeypatch.setattr(where, "datetime", Clock)
    monkeypatch.setattr(keeper.keep, "__defaults__", (None, None, lambda *_: authority))
    settings = {"directory": "https://acme.invalid/dir", "limits": {}, "own": {"names": []}}
    store.SETTINGS.write_text(json.dumps(settings))
    return host


@pytest.fixture
def two(host):
    host.declare(CAHORS_LINE, ALBAS_LINE)
    assert host.apply()["failed_changes"] == []
    return host


def names(stem):
    return list(store.read_certificate(stem).names)


def actions(result):
    return {one["address"]: one["action"] for one in result["changes"]}


# -- the ordinary way --------------------------------------------------------------------


def test_plan_shows_what_apply_does_and_the_second_apply_has_nothing_to_do(host):
    host.declare(CAHORS_LINE, ALBAS_LINE)
    plan = host.apply(check_mode=True)
    assert actions(plan) == {"certificate:albas.fr": "create", "certificate:cahors.fr": "create"}
    assert host.authority.orders == []
    done = host.apply()
    assert done["changes"] == plan["changes"]
    assert names("cahors.fr") == CAHORS_NAMES
    assert host.served()["www.albas.fr"] == "albas.fr"
    assert host.reloads == 1
    assert 'www.cahors.fr "cahors.fr";' in served.MAP.read_text()
    again = host.apply()
    assert (again["changed"], again["changes"], len(host.authority.orders)) == (False, [], 2)
    assert again["totals"] == {CAHORS: {"certificate": 1}, ALBAS: {"certificate": 1}}


def test_a_key_is_never_readable_by_everybody(two):
    for stem in ("cahors.fr", "albas.fr"):
        assert store.pem_file(stem).stat().st_mode & 0o777 == 0o640
    assert store.STATE.stat().st_mode & 0o777 == 0o600
    assert "PRIVATE" not in store.STATE.read_text()


def test_a_name_that_is_added_has_one_domains_certificate_made_anew_and_no_other(two):
    more = sorted([*CAHORS_NAMES, "webmail.cahors.fr"])
    two.declare(line(CAHORS, "46/cahors", ["cahors.fr"], cahors_fr=more), ALBAS_LINE)
    before = store.pem_file("albas.fr").read_bytes()
    result = two.apply()
    assert actions(result) == {"certificate:cahors.fr": "update"}
    assert names("cahors.fr") == more
    assert store.pem_file("albas.fr").read_bytes() == before
    assert len(two.authority.orders) == 3


def test_a_retired_domain_loses_its_certificate_and_a_vanished_one_keeps_it(two):
    retired = {**CAHORS_LINE, "retired_domains": ["cahors.fr"], "domains": []}
    two.declare(retired)
    result = two.apply()
    assert actions(result) == {"certificate:cahors.fr": "delete"}
    assert store.read_certificate("cahors.fr") is None
    assert result["left_alone"] == [
        {"address": "certificate:albas.fr", "siren": ALBAS, "why": "collectivity-gone"}
    ]
    assert set(two.served()) == set(ALBAS_NAMES)


def test_a_scope_leaves_the_others_alone(host):
    host.declare(CAHORS_LINE, ALBAS_LINE)
    host.apply(scope=[ALBAS])
    assert set(host.served()) == set(ALBAS_NAMES)


# -- renewal -----------------------------------------------------------------------------


def test_the_timer_renews_when_a_third_of_the_life_is_left_and_not_before(two):
    two.later(days=59)
    assert two.timer().obtained == []
    first = store.read_certificate("cahors.fr")
    two.later(days=2)
    assert sorted(two.timer().obtained) == ["albas.fr", "cahors.fr"]
    assert store.read_certificate("cahors.fr").ends > first.ends
    assert two.reloads == 1  # the names are the same: nginx reads the new ones by itself
    assert two.timer().obtained == []


def test_a_renewal_that_fails_keeps_what_is_served_until_little_is_left_of_it(two):
    two.authority.elsewhere["www.cahors.fr"] = "leads elsewhere"
    two.later(days=61)
    assert "www.cahors.fr: leads elsewhere" in two.timer().failed["cahors.fr"]
    assert names("cahors.fr") == CAHORS_NAMES
    assert two.apply(check_mode=True)["failed_changes"] == []
    for _ in range(16):
        two.later(days=1)
        two.timer()
    # The others are not to end with it; and every plan tells.
    assert names("cahors.fr") == ["cahors.fr", "demarches.cahors.fr"]
    plan = two.apply(check_mode=True)
    [failed] = plan["failed_changes"]
    assert failed["address"] == "certificate:cahors.fr"
    assert "leads elsewhere" in failed["error"]


def test_an_overdue_renewal_is_told_by_every_plan_and_made_by_the_next_apply(two):
    two.later(days=80)
    [one, other] = two.apply(check_mode=True)["failed_changes"]
    assert "it ends on 2027-02-26" in one["error"]
    assert {one["siren"], other["siren"]} == {CAHORS, ALBAS}
    assert two.apply()["failed_changes"] == []
    assert store.read_certificate("albas.fr").ends > two.authority.now + dt.timedelta(days=89)


# -- what goes wrong ---------------------------------------------------------------------


def test_a_name_that_leads_elsewhere_fails_alone_and_rests(host):
    host.authority.elsewhere["www.cahors.fr"] = "192.0.2.7: Connection refused (connection)"
    host.declare(CAHORS_LINE, ALBAS_LINE)
    result = host.apply()
    [failed] = result["failed_changes"]
    assert (failed["address"], failed["siren"]) == ("certificate:cahors.fr", CAHORS)
    assert failed["error"].startswith("www.cahors.fr: 192.0.2.7")
    assert actions(result) == {"certificate:albas.fr": "create"}
    assert set(host.served()) == {*ALBAS_NAMES, "cahors.fr", "demarches.cahors.fr"}
    orders = len(host.authority.orders)
    again = host.apply()
    assert "again after 2026-11-28T10:20" in again["failed_changes"][0]["error"]
    assert len(host.authority.orders) == orders
    del host.authority.elsewhere["www.cahors.fr"]
    host.later(minutes=21)
    assert host.timer().obtained == ["cahors.fr"]
    assert host.apply()["failed_changes"] == []


@pytest.mark.slow
def test_rests_grow_to_a_day(host):
    host.authority.elsewhere["www.albas.fr"] = "elsewhere"
    host.declare(ALBAS_LINE)
    tried = []
    for _ in range(3 * 24 * 4):
        before = len(host.authority.orders)
        host.timer() if tried else host.apply()
        if any("www.albas.fr" in n for _, n in host.authority.orders[before:]):
            tried.append(host.authority.now)
        host.later(minutes=20)
    spans = [(b - a).total_seconds() / 3600 for a, b in itertools.pairwise(tried)]
    assert spans[:6] == [1 / 3, 1, 2, 4, 8, 16]
    assert set(spans[6:]) == {24}


def test_a_silent_authority_leaves_all_as_it_is_and_is_asked_once(two):
    two.declare(line(CAHORS, "46/cahors", ["cahors.fr"], cahors_fr=["cahors.fr"]), ALBAS_LINE)
    two.authority.silent = True
    result = two.apply()
    assert "no answer from the authority" in result["failed_changes"][0]["error"]
    assert set(two.served()) == {*CAHORS_NAMES, *ALBAS_NAMES}
    two.authority.silent = False
    assert two.apply()["failed_changes"] == []
    assert names("cahors.fr") == ["cahors.fr"]


def test_when_no_name_can_be_proved_the_run_stops_says_which_fault_it_was_and_no_name_rests(
    host, monkeypatch
):
    late = Answer(why="ns2.info46.com did not give it", silent=True, kind="proofs-late")
    monkeypatch.setattr(host.authority, "_order", lambda *_: late)
    host.declare(*towns(12))
    failed = host.apply()["failed_changes"]
    assert len(failed) == 12
    assert {(one["kind"], one["error"]) for one in failed} == {("proofs-late", late.why)}
    state = store.load_state()
    assert (len(state.orders), state.failures) == (10, {})  # the others were not begun


def test_killed_in_the_middle_of_an_order_the_next_run_ends_right(host):
    host.declare(CAHORS_LINE, ALBAS_LINE)
    host.authority.dies_at = "cahors.fr"
    with pytest.raises(Killed):
        host.apply()
    assert len(store.load_state().orders) == 2  # what was begun counts
    host.authority.dies_at = None
    assert host.timer().failed == {}
    assert set(host.served()) == {*CAHORS_NAMES, *ALBAS_NAMES}
    result = host.apply()
    assert (result["changes"], result["repaired"]) == ([], [])


def test_files_of_nginx_that_it_refuses_are_put_back(two):
    before = served.MAP.read_text()
    two.nginx_says = 1
    more = [*CAHORS_NAMES, "webmail.cahors.fr"]
    two.declare(line(CAHORS, "46/cahors", ["cahors.fr"], cahors_fr=more), ALBAS_LINE)
    [failed] = two.apply()["failed_changes"]
    assert "nginx: refused" in failed["error"]
    assert served.MAP.read_text() == before
    two.nginx_says = 0
    assert two.apply()["failed_changes"] == []
    assert 'webmail.cahors.fr "cahors.fr";' in served.MAP.read_text()


@pytest.mark.parametrize("damage", [b"", b"x", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_damaged_file_is_ordered_anew(two, damage):
    store.pem_file("albas.fr").write_bytes(damage)
    assert actions(two.apply()) == {"certificate:albas.fr": "create"}
    assert names("albas.fr") == ALBAS_NAMES


def test_a_damaged_state_is_begun_anew_and_nothing_is_ordered_twice(two):
    store.STATE.write_text("{")
    result = two.apply()
    assert (result["changes"], len(two.authority.orders)) == ([], 2)


@pytest.mark.parametrize(
    "body",
    [
        {"names": []},
        {"names": "cahors.fr"},
        {"names": ["../../etc"]},
        {"names": ["www.albas.fr"]},
        {"names": [f"n{n}.cahors.fr" for n in range(101)]},
        {},
    ],
)
def test_a_bad_body_fails_alone(two, body):
    bad = {**CAHORS_LINE, "resources": [{"address": "certificate:cahors.fr", "body": body}]}
    two.declare(bad, ALBAS_LINE)
    result = two.apply()
    assert [one["address"] for one in result["failed_changes"]] == ["certificate:cahors.fr"]
    assert set(two.served()) == {*CAHORS_NAMES, *ALBAS_NAMES}


# -- limits ------------------------------------------------------------------------------


def towns(count):
    for n in range(count):
        domain = f"commune-{n}.fr"
        yield line(
            f"{n:09}", f"46/commune-{n}", [domain], **{f"commune-{n}_fr": [domain, f"www.{domain}"]}
        )


@pytest.mark.slow
def test_a_first_load_of_many_towns_waits_in_turn_and_all_are_served_in_the_end(host):
    host.declare(*towns(320))
    result = host.apply()
    assert len(result["changes"]) == 50
    assert result["failed_changes"] == []
    assert len(result["waiting"]) == 270
    assert "50 orders are made in one run" in result["waiting"][0]["why"]
    hours = 0
    while len(store.stems()) < 320:
        host.later(hours=1)
        host.timer()
        hours += 1
        assert hours < 24
    assert host.apply()["changes"] == []


def test_minisites_on_one_shared_domain_keep_to_its_weekly_limit(host):
    sites = {f"ville-{n}_info46_com": [f"ville-{n}.info46.com"] for n in range(60)}
    host.declare(line(CAHORS, "46/cahors", ["cahors.fr"], cahors_fr=["cahors.fr"], **sites))
    host.apply()
    for _ in range(12):
        host.later(hours=12)
        host.timer()
    assert len(store.stems()) == 41
    assert "cahors.fr" in store.stems()
    for _ in range(4):
        host.later(hours=12)
        host.timer()
    assert len(store.stems()) == 61


def test_a_limit_of_the_authority_is_kept_for_an_hour_and_is_no_failure(host, monkeypatch):
    until = NOW + dt.timedelta(hours=1)
    limited = Answer(why="too many new orders (rateLimited)", until=until)
    monkeypatch.setattr(host.authority, "_order", lambda *_: limited)
    host.declare(CAHORS_LINE, ALBAS_LINE)
    result = host.apply()
    assert result["failed_changes"] == []
    assert "rateLimited" in result["waiting"][0]["why"]
    assert host.apply(check_mode=True)["failed_changes"] == []
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("too many, retry after 2026-12-01 12:34:56 UTC: see", "2026-12-01T12:34:56+00:00"),
        ("too many, retry after 2026-12-01T12:34:56Z", "2026-12-01T12:34:56+00:00"),
        ("too many (rateLimited)", "2026-11-28T11:00:00+00:00"),
    ],
)
def test_the_authority_says_until_when_its_limit_lasts(words, until):
    assert limited_until(words, NOW).isoformat() == until


@given(st.lists(st.sampled_from(["a.fr", "www.a.fr", "b.fr", "c.asso.fr"]), min_size=1))
def test_the_budget_never_lets_more_through_than_it_says(asked):
    limits = Limits(window=7, domain=4, same=2, run=5)
    budget = Budget(limits, NOW, [])
    made = []
    for name in asked:
        if budget.objection([name]) is None:
            budget.spend([name])
            made.append(name)
    assert len(made) <= 5
    assert max(Counter(made).values(), default=0) <= 2
    assert max(Counter(d for n in made for d in registered([n])).values(), default=0) <= 4
    # What was ordered longer ago than a week counts no more, and is forgotten.
    later = Budget(limits, NOW + dt.timedelta(days=8), budget.orders)
    assert (later.objection(["a.fr"]), budget.orders) == (None, [])


# -- the host's own ----------------------------------------------------------------------


def test_the_hosts_own_certificate_lies_where_its_services_read_it(host, tmp_path):
    own = {
        "names": ["mail.info46.com", "webmail.info46.com"],
        "certificate": str(tmp_path / "own.pem"),
        "key": str(tmp_path / "own.key"),
        "reload": ["postfix"],
    }
    store.SETTINGS.write_text(json.dumps({"directory": "https://x/", "own": own}))
    assert host.timer().obtained == [store.OWN]
    key, chain = (tmp_path / "own.key").read_bytes(), (tmp_path / "own.pem").read_bytes()
    assert list(store.parse(key + chain).names) == own["names"]
    assert b"PRIVATE" not in chain
    assert (tmp_path / "own.key").stat().st_mode & 0o777 == 0o600
    assert host.reloads == 3  # whether it runs, its reload, and that of nginx for its first lists
    assert host.served() == {}
    host.declare(CAHORS_LINE)
    result = host.apply()
    assert actions(result) == {"certificate:cahors.fr": "create"}
    assert result["left_alone"] == []
