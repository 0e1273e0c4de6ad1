# SPDX-License-Identifier: GPL-3.0-or-later
"""Names proved by DNS: what is published, seen, removed, and told when that cannot be done.

The primary is an imitation that refuses what Knot refuses; Knot itself, and an authority, are in
tests/integration/modules/test_proofs_by_dns.py.
"""

import json

import pytest
from ansible.module_utils import bastide_certdns as by_dns
from ansible.module_utils import bastide_certkeeper as keeper
from ansible.module_utils import bastide_certserved as served
from ansible.module_utils import bastide_certstore as store
from ansible.module_utils.bastide_certproofs import ByHttp
from ansible.module_utils.bastide_files import HostError
from ansible.module_utils.bastide_proofnames import published_at
from primary_server import KEY, Primary, nobody

ZONE = "acme.info46.com"
NAMES = ["cahors.fr", "www.cahors.fr"]


@pytest.fixture
def primary(tmp_path, monkeypatch):
    for name in ("SETTINGS", "FOLDER", "STATE", "LOCK", "CHALLENGES", "PROOFS_KEY"):
        monkeypatch.setattr(store, name, tmp_path / name.lower())
    monkeypatch.setattr(by_dns, "QUESTION", 2)
    store.PROOFS_KEY.write_text(KEY)
    with Primary() as primary:
        yield primary


def settings(primary, **more):
    servers = {"ns1.info46.com": [primary.address]}
    return {"zone": ZONE, "primary": primary.address, "servers": servers, **more}


def placed(primary, *names, state=None, told=None, **more):
    """A host that has the proofs of these names ready; each is called after its name."""
    way = by_dns.ByDns(settings(primary, **more) | (told or {}), state or store.State())
    way.sweep()
    for name in names:
        way.place(name, "token", f"proof-of-{name}")
    return way


@pytest.fixture
def impatient(monkeypatch):
    """One look is enough for who waits for what does not come."""
    monkeypatch.setattr(by_dns, "SPREADING", 0)


def test_proofs_are_published_where_the_zones_lead_to_seen_and_removed(primary):
    state = store.State()
    way = placed(primary, *NAMES, state=state)
    assert way.show() is None
    assert primary.history == [(published_at(name, ZONE), f"proof-of-{name}") for name in NAMES]
    assert store.load_state().proofs == [list(one) for one in primary.history]
    way.clear()
    assert (primary.all(), state.proofs, store.load_state().proofs) == ([], [], [])


def test_a_name_is_not_looked_at_again_while_caches_may_still_give_its_former_proof(
    primary, monkeypatch
):
    slept = []
    monkeypatch.setattr(by_dns.time, "sleep", slept.append)
    way = placed(primary, *NAMES)
    assert (way.show(), slept) == (None, [])
    way.clear()
    way.place("www.mercues.fr", "token", "its first")
    assert (way.show(), slept) == (None, [])
    way.clear()
    way.place("cahors.fr", "token", "its second")
    assert way.show() is None
    [seconds] = slept
    assert by_dns.TTL < seconds <= by_dns.FORGOTTEN
    assert primary.all() == ["its second"]


def test_two_hosts_that_prove_one_name_leave_each_others_proof_alone(primary):
    one, other = placed(primary, "cahors.fr"), by_dns.ByDns(settings(primary), store.State())
    other.place("cahors.fr", "token", "another")
    assert (one.show(), other.show()) == (None, None)
    one.clear()
    assert primary.all() == ["another"]
    other.clear()
    assert primary.all() == []


def test_many_proofs_are_published_in_several_updates(primary, monkeypatch):
    monkeypatch.setattr(by_dns, "RECORDS", 3)
    way = placed(primary, *(f"n{n}.cahors.fr" for n in range(8)))
    assert way.show() is None
    assert len(primary.all()) == 8
    way.clear()
    assert primary.all() == []


def test_what_a_killed_run_left_goes_with_the_next_one_and_nothing_else_does(primary):
    assert placed(primary, *NAMES).show() is None  # and killed
    primary.texts[by_dns.dns.name.from_text(f"x.{ZONE}.")].append("of another host")
    state = store.load_state()
    placed(primary, state=state)
    assert (primary.all(), state.proofs) == (["of another host"], [])


def test_leftovers_go_also_when_there_is_nothing_to_order(primary, tmp_path, monkeypatch):
    monkeypatch.setattr(served, "MAPS", tmp_path)
    monkeypatch.setattr(served, "MAP", tmp_path / "certificates.map")
    monkeypatch.setattr(served, "publish", lambda _: None)
    store.SETTINGS.write_text(json.dumps({"dns": settings(primary)}))
    assert placed(primary, *NAMES).show() is None
    keeper.keep(store.load_state())
    assert (primary.all(), store.load_state().proofs) == ([], [])


def test_leftovers_of_another_zone_are_forgotten_since_nobody_can_remove_them(primary):
    state = store.State(proofs=[["x.former.info46.com.", "old"]])
    assert placed(primary, *NAMES, state=state).show() is None
    assert len(state.proofs) == 2


@pytest.mark.usefixtures("impatient")
def test_a_server_that_is_late_is_named_and_what_was_published_is_removed(primary):
    with Primary() as lagging:
        lagging.texts = primary.texts
        lagging.gives = False
        servers = {"ns1.info46.com": [primary.address], "ns2.info46.com": [lagging.address]}
        way = placed(primary, *NAMES, servers=servers)
        trouble = way.show()
        assert trouble.kind == by_dns.LATE
        assert trouble.why.startswith(f"ns2.info46.com ({lagging.address}) did not give")
        way.clear()
        assert primary.all() == []
        lagging.gives = True
        assert placed(primary, *NAMES, servers=servers).show() is None


@pytest.mark.usefixtures("impatient")
def test_of_several_addresses_one_without_an_answer_stops_nobody_and_one_without_it_does(primary):
    there, silent = primary.address, nobody()
    assert placed(primary, *NAMES, servers={"ns1": [silent, there]}).show() is None
    assert placed(primary, *NAMES, servers={"ns1": [silent]}).show().kind == by_dns.LATE
    with Primary() as lagging:
        way = placed(primary, *NAMES, servers={"ns1": [there, lagging.address]})
        assert way.show().kind == by_dns.LATE


@pytest.mark.parametrize("text", ["", "key:\n", KEY.replace("secret: ", "secret: ###"), "\0"])
def test_without_a_whole_key_nothing_is_asked_of_the_primary(primary, text):
    store.PROOFS_KEY.write_text(text)
    way = placed(primary, *NAMES)
    trouble = way.show()
    assert (trouble.kind, primary.history) == (by_dns.KEY, [])
    assert str(store.PROOFS_KEY) in trouble.why
    assert KEY.split()[-1] not in trouble.why
    way.clear()


@pytest.mark.parametrize("more", [{"zone": "autre.info46.com"}, {"key": True}])
def test_what_the_primary_refuses_is_told_with_its_words(primary, more):
    if more.pop("key", False):
        store.PROOFS_KEY.write_text(KEY.replace("4PsL", "5PsL"))
    trouble = placed(primary, *NAMES, **more).show()
    assert (trouble.kind, primary.history) == (by_dns.REFUSED, [])
    assert trouble.why.startswith(primary.address)


def test_while_the_primary_does_not_answer_what_is_to_be_removed_stays_noted_and_is_no_more(
    primary,
):
    state = store.State()
    way = placed(primary, *NAMES, state=state)
    assert way.show() is None
    for _ in range(3):
        way = placed(primary, "albas.fr", state=state, told={"primary": nobody()})
        assert way.show().kind == by_dns.SILENT
        way.clear()
    assert state.proofs == [list(one) for one in primary.history]
    placed(primary, state=state)
    assert primary.all() == []


def test_a_host_without_a_zone_proves_over_http(primary, monkeypatch):
    assert isinstance(keeper.way({}, store.State()), ByHttp)
    assert isinstance(keeper.way({"dns": {}}, store.State()), ByHttp)
    assert keeper.way({"dns": settings(primary)}, store.State()).challenge == "dns-01"
    with pytest.raises(HostError, match="is not whole"):
        keeper.way({"dns": {"zone": ZONE}}, store.State())


def test_proofs_over_http_are_files_that_go_in_the_end(primary):
    store.CHALLENGES.mkdir()
    (store.CHALLENGES / "left").write_text("of a killed run")
    way = ByHttp()
    way.sweep()
    way.place("cahors.fr", "token", "text")
    assert way.show() is None
    assert [(one.name, one.read_text()) for one in store.CHALLENGES.iterdir()] == [
        ("token", "text")
    ]
    way.clear()
    assert list(store.CHALLENGES.iterdir()) == []
