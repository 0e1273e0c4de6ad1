# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform's DKIM keys on a mail host: from the header of a share to Rspamd's map."""

import base64
import contextlib
import json

import bastide_mail_signing as end_of_run
import pytest
from ansible.module_utils import bastide_dkim as dkim
from ansible.module_utils import bastide_signing as signing
from ansible.module_utils import bastide_signlook as signlook
from ansible.module_utils.bastide_files import HostError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)
from mailhost import HEADER, MailHost, collectivity

OPERATOR, CAHORS = "284600012", "214600421"
WANTED = {
    "zone": "info46.com",
    "operator": OPERATOR,
    "generation": 1,
    "selectors": {"rsa": ["b-rsa1", "b-rsa2"], "ed25519": ["b-ed1", "b-ed2"]},
    "servers": ["192.0.2.10"],
    "wait": 3600,
    "grace": 86400,
}
NAMES = ("b-ed1", "b-ed2", "b-rsa1", "b-rsa2")
BITS = dkim.BITS
REVOKED = "v=DKIM1; p="


class Place(MailHost):
    """A mail host, the zone that it is published in, and a clock."""

    def __init__(self, folder, monkeypatch):
        super().__init__(folder, monkeypatch)
        monkeypatch.setattr(dkim, "KEYS", folder / "dkim")
        # Quickly made; one test has them as they are.
        monkeypatch.setattr(dkim, "BITS", 1024)
        monkeypatch.setattr(signing, "MAP", folder / "maps" / "signing.map")
        for module in (signing, end_of_run):
            monkeypatch.setattr(module.time, "time", lambda: self.now)
        monkeypatch.setattr(signlook, "generations_seen", self._seen)
        monkeypatch.setattr(signlook, "domains_seen", self._leading)
        self.now = 1_000_000.0
        self.zone = {}
        self.linked = set()
        self.lines = [
            collectivity(OPERATOR, ["info46.com"], {"maildomain:info46.com": {}}),
            collectivity(CAHORS, ["cahors.fr"], {"maildomain:cahors.fr": {}}),
        ]

    def ask(self, **changed):
        """Write the share with another header."""
        facts = {} if changed.get("signing", 1) is None else {"signing": {**WANTED, **changed}}
        texts = (json.dumps(one) + "\n" for one in ({**HEADER, **facts}, *self.lines))
        self.share.write_text("".join(texts))

    def _seen(self, wanted, known):
        return {
            one.number
            for one in known
            if all(
                self.zone.get(name) == value
                for name, value in signing.values(wanted, (one,)).items()
                if name.partition(":")[2].partition(".")[0] in wanted.in_place(one.place).values()
            )
        }

    def _leading(self, wanted, domains):
        found = {one for one in domains if one in self.linked or one == wanted.zone}
        return found, set(domains)

    def run(self):
        """One apply: the directory, the zone, and then the keys go on."""
        result = self.converge()
        self.zone = dict(result["values"])
        state = signing.read()
        end_of_run.go_on(state)
        return result

    def signs(self):
        return signing.signed_domains()


@pytest.fixture
def place(tmp_path, monkeypatch):
    published = dkim.published
    made = Place(tmp_path, monkeypatch)
    monkeypatch.setattr(dkim, "published", published)
    made.ask()
    return made


def test_the_first_keys_are_pending_in_a_plan_and_sign_at_the_end_of_its_apply(place):
    place.linked = {"cahors.fr"}
    plan = place.converge(check_mode=True)
    assert plan["values"] == {}
    assert {one["address"]: one["action"] for one in plan["changes"]}[
        "signing:info46.com"
    ] == "create"
    result = place.run()
    assert plan["digest"] == result["digest"]
    assert result["signs"] is True
    assert set(result["values"]) == {f"dkim:{name}.info46.com" for name in NAMES}
    both = ["b-rsa1", "b-ed1"]
    assert place.signs() == {"cahors.fr": both, "info46.com": both}
    after = place.converge(check_mode=True)
    assert (after["changes"], after["repaired"]) == ([], [])


def test_what_is_published_are_the_public_halves_of_the_keys_in_the_forms_of_the_rfcs(
    place, monkeypatch
):
    monkeypatch.setattr(dkim, "BITS", BITS)
    values = place.run()["values"]
    rsa = load_pem_private_key((dkim.KEYS / "platform.b-rsa1.key").read_bytes(), None)
    shown = values["dkim:b-rsa1.info46.com"].removeprefix("v=DKIM1; k=rsa; p=")
    assert load_der_public_key(base64.b64decode(shown)) == rsa.public_key()
    assert rsa.key_size == 2048
    seed = base64.b64decode((dkim.KEYS / "platform.b-ed1.key").read_text(), validate=True)
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    raw = base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    assert values["dkim:b-ed1.info46.com"] == f"v=DKIM1; k=ed25519; p={raw}"
    assert values["dkim:b-rsa2.info46.com"] == values["dkim:b-ed2.info46.com"] == REVOKED
    modes = {path.stat().st_mode & 0o777 for path in dkim.KEYS.glob("*.key")}
    assert modes == {0o640}


def test_a_domain_is_signed_for_once_the_world_sees_its_cnames(place):
    place.run()
    assert set(place.signs()) == {"info46.com"}
    assert signing.read().waiting == ["cahors.fr"]
    assert place.converge(check_mode=True)["repaired"] == []
    place.linked = {"cahors.fr"}
    place.now += signing.LOOK_AGAIN
    assert place.converge(check_mode=True)["repaired"]
    place.run()
    assert set(place.signs()) == {"info46.com", "cahors.fr"}
    assert signing.read().waiting == []


def test_a_rotation_from_end_to_end_is_shown_before_each_step_that_the_zone_takes(place):
    place.linked = {"cahors.fr"}
    place.run()
    old = place.zone
    place.ask(generation=2)
    plan = place.converge(check_mode=True)
    assert [one["after"]["generation"] for one in plan["changes"]] == [2]
    assert plan["digest"] == place.run()["digest"]
    assert place.zone == old
    # The keys are made; the next plan shows them.
    plan = place.converge(check_mode=True)
    new = plan["values"]
    assert {name for name in new if new[name] != old[name]} == {
        "dkim:b-rsa2.info46.com",
        "dkim:b-ed2.info46.com",
    }
    place.run()
    assert place.signs()["cahors.fr"] == ["b-rsa1", "b-ed1"]
    place.now += 3599
    assert place.converge(check_mode=True)["repaired"] == []
    place.run()
    assert place.signs()["cahors.fr"] == ["b-rsa1", "b-ed1"]
    place.now += 1
    assert place.converge(check_mode=True)["repaired"]
    place.run()
    assert place.signs()["cahors.fr"] == ["b-rsa2", "b-ed2"]
    assert place.zone == new
    place.now += 86400
    place.run()
    assert place.converge(check_mode=True)["values"]["dkim:b-rsa1.info46.com"] == REVOKED
    left = {path.name for path in dkim.KEYS.glob("*.key")}
    assert left == {"platform.b-rsa2.key", "platform.b-ed2.key"}
    place.run()
    assert (place.converge(check_mode=True)["repaired"], place.signs()["cahors.fr"]) == (
        [],
        ["b-rsa2", "b-ed2"],
    )


def test_mail_that_is_taken_on_is_sealed_by_the_platform_where_a_domain_has_no_key(place):
    place.linked = {"cahors.fr"}
    place.lines[0]["resources"][0]["body"] = {"selector": "b2026"}
    place.ask()
    place.run()
    maps = signing.MAP.parent
    assert (maps / "arc_selectors.map").read_text() == "cahors.fr b-rsa1\n"
    assert (maps / "arc_paths.map").read_text() == f"cahors.fr {dkim.KEYS}/platform.$selector.key\n"
    assert set(place.signs()) == {"cahors.fr", "info46.com"}


def test_no_longer_asked_for_it_stops_before_the_zone_loses_the_keys(place):
    place.linked = {"cahors.fr"}
    place.run()
    place.ask(signing=None)
    plan = place.converge(check_mode=True)
    assert [(one["action"], one["address"]) for one in plan["changes"]] == [
        ("delete", "signing:info46.com")
    ]
    result = place.converge()
    assert (place.signs(), result["digest"]) == ({}, plan["digest"])
    assert place.converge(check_mode=True)["changes"] == []


def test_other_names_begin_anew(place):
    place.linked = {"cahors.fr"}
    place.run()
    place.ask(selectors={"rsa": ["x-rsa1", "x-rsa2"], "ed25519": ["x-ed1", "x-ed2"]})
    plan = place.converge(check_mode=True)
    assert plan["values"] == {}
    place.converge()
    assert place.signs() == {}
    place.run()
    assert place.signs()["cahors.fr"] == ["x-rsa1", "x-ed1"]


def test_a_run_for_somebody_else_changes_nothing_of_it(place):
    before = place.run()["values"]
    place.ask(generation=2)
    for check_mode in (True, False):
        result = place.converge(scope=[CAHORS], check_mode=check_mode)
        assert (result["changes"], result["values"]) == ([], before)
    assert signing.read().wanted.generation == 1


def test_a_lost_note_never_leaves_a_signature_that_cannot_be_verified(place):
    place.linked = {"cahors.fr"}
    place.run()
    (dkim.KEYS / "platform.json").write_text("{")
    result = place.converge()
    assert place.signs() == {}
    place.zone = dict(result["values"])
    end_of_run.go_on(signing.read())
    assert place.signs()["cahors.fr"] == ["b-rsa1", "b-ed1"]


@pytest.mark.parametrize("moment", ["make", "save", "write_map", "remove"])
def test_killed_at_any_step_the_next_run_ends_where_it_should(place, monkeypatch, moment):
    place.linked = {"cahors.fr"}
    place.run()
    place.ask(generation=2)
    place.converge()

    class Killed(BaseException):
        pass

    def killed(*_):
        raise Killed

    for step in (0, 0, 3600, 86400, 0):
        place.now += step
        place.zone = dict(place.converge()["values"])
        with monkeypatch.context() as patch:
            patch.setattr(signing, moment, killed)
            with contextlib.suppress(Killed):
                end_of_run.go_on(signing.read())
        for selector in place.signs()["cahors.fr"]:
            value = place.zone[f"dkim:{selector}.info46.com"]
            public = (dkim.KEYS / f"platform.{selector}.pub").read_text().strip()
            assert value.endswith(f"p={public}")
        place.run()
    place.run()
    assert place.signs()["cahors.fr"] == ["b-rsa2", "b-ed2"]
    assert [one.number for one in signing.read().known] == [2]


@pytest.mark.parametrize(
    "changed",
    [
        {"zone": "../x"},
        {"operator": "1"},
        {"generation": "1"},
        {"selectors": {"rsa": ["a", "b"]}},
        {"selectors": {"rsa": ["a", "b"], "ed25519": ["../c", "d"]}},
        {"selectors": {"rsa": ["a"], "ed25519": ["c", "d"]}},
        {"servers": "x"},
        {"more": 1},
    ],
)
def test_a_header_that_is_not_whole_is_refused(place, changed):
    place.ask(**changed)
    with pytest.raises(HostError, match="signing"):
        place.converge()
