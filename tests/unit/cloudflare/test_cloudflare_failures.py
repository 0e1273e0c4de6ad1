# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals, limits, lost answers: told in Cloudflare's words, waited for, taken up again."""

from __future__ import annotations

import re

import pytest
from cloudflare_fake import TOKEN, FakeCloudflare
from cloudflare_record_rules import Refused
from cloudflare_server import Dropped, serving
from cloudflare_town import CAHORS, FIGEAC, Town, actions, errors, line, rrset, zone

from bastide.diagnostics import BastideError, InvalidInput
from bastide.targets.cloudflare.client import Client
from bastide.targets.cloudflare.settings import Account

TWO = {"dkim:cahors.fr": "v=DKIM1; p=A", "dkim:figeac.fr": "v=DKIM1; p=A"}
BATCH = "POST /zones/[0-9a-f]+/dns_records/batch"


def both(town):
    town.write(line(), line(FIGEAC, {"figeac.fr": zone("figeac.fr")}))
    town.values = dict(TWO)
    return town


def test_a_refused_record_is_named_and_stops_no_other(town, fake):
    # dnspython takes it, Cloudflare does not: more than 4,096 octets.
    long = " ".join(f'"{number:04}{"x" * 250}"' for number in range(17))
    town.write(line(zones={"cahors.fr": zone("cahors.fr", rrset("t.cahors.fr.", "TXT", long))}))
    done = town.run()
    words = "Content for TXT record must be less than 4096 bytes. (9015)"
    assert errors(done) == {"rrset:t.cahors.fr./TXT": words}
    assert len(done.changes) == 8
    # Of 8 names the one at fault is found by halving, not by trying each.
    assert len([one for one in fake.seen if one.endswith("/batch")]) <= 7
    assert actions(town.survey().changes) == {"rrset:t.cahors.fr./TXT": "create"}


def test_what_is_behind_an_error_is_told_too(town, fake):
    fake.faults["POST /zones"] = Refused(
        400, 1004, "DNS Validation Error", (9021, "TTL must be between 60 and 86400 seconds")
    )
    done = town.run()
    assert errors(done)["zone:cahors.fr"] == (
        "DNS Validation Error (1004): TTL must be between 60 and 86400 seconds (9021)"
    )


def test_a_zone_that_may_not_be_read_fails_alone(town, fake):
    both(town).run()
    fake.faults["GET /zones/[0-9a-f]+/dns_records"] = Refused(403, 10000, "Authentication error")
    survey = town.survey()
    assert errors(survey) == {
        "zone:cahors.fr": "Cloudflare refused to list the records of cahors.fr: "
        "Authentication error (10000)"
    }


def test_a_token_that_is_not_let_in_ends_the_look(town, monkeypatch):
    monkeypatch.setenv("CLOUDFLARE_TEST", "x" * 40)
    with pytest.raises(BastideError, match=r"refused to list the zones.*10000"):
        town.survey()


def test_a_limit_is_waited_out_as_long_as_cloudflare_says(tmp_path):
    now = [0.0]
    fake = FakeCloudflare(limit=3, window=300, clock=lambda: now[0])
    waits = []

    def sleep(seconds):
        waits.append(seconds)
        now[0] += seconds

    with serving(fake) as url:
        town = both(Town(tmp_path, url))
        town.sleep = sleep
        assert town.run().failed == []
        assert town.survey().changes == []
    assert waits
    assert all(seconds > 200 for seconds in waits)
    assert len(fake.records("figeac.fr")) == 7


@pytest.mark.parametrize("done", [False, True], ids=["before it was done", "after it was done"])
@pytest.mark.parametrize("step", ["POST /zones", BATCH])
def test_an_answer_that_got_lost_is_looked_for_and_nothing_is_made_twice(step, done, town, fake):
    lost = []

    def lose(request):
        if re.fullmatch(step, request) and not lost:
            lost.append(request)
            raise Dropped

    setattr(fake, "on_done" if done else "on_request", lose)
    outcome = town.run()
    assert outcome.failed == []
    assert lost
    assert [one["ascii"] for one in fake.zones.values()] == ["cahors.fr"]
    assert len(fake.zone("cahors.fr")["records"]) == 8
    assert town.survey().changes == []


def test_a_look_is_tried_again_when_no_answer_came(settled, fake):
    lost = []

    def lose(request):
        if len(lost) < 2:
            lost.append(request)
            raise Dropped

    fake.on_request = lose
    assert settled.survey().changes == []
    assert settled.slept == [0.5, 2.0]


def test_an_account_that_answers_nothing_is_told_once_and_the_rest_waits(town, fake):
    both(town)
    survey = town.survey()
    requests = []

    def silent(request):
        requests.append(request)
        raise Dropped

    fake.on_request = silent
    done = town.converge(survey)
    assert done.changes == []
    assert {one["address"] for one in done.failed} >= {"zone:cahors.fr", "zone:figeac.fr"}
    assert not any("figeac" in one for one in requests)
    fake.on_request = lambda _request: None
    assert town.run().failed == []


def test_nobody_listening_is_told_with_the_address(tmp_path):
    town = Town(tmp_path, "http://127.0.0.1:1/client/v4")
    with pytest.raises(BastideError, match=r"no answer at http://127\.0\.0\.1:1/client/v4"):
        town.survey()


def test_a_zone_that_changed_since_the_plan_is_not_touched(settled, fake):
    settled.write(
        line(zones={"cahors.fr": zone("cahors.fr", rrset("n.cahors.fr.", "A", "192.0.2.7"))})
    )
    survey = settled.survey()
    [www] = [
        one for one in fake.zone("cahors.fr")["records"].values() if one["name"] == "www.cahors.fr"
    ]
    www["content"] = "192.0.2.66"
    done = settled.converge(survey)
    assert errors(done) == {
        "rrset:n.cahors.fr./A": "it changed between the plan and the apply: nothing was done there"
    }
    assert fake.writes() == []


def test_a_server_that_shows_another_value_than_it_took_is_not_believed(town, fake):
    town.run()
    town.write(
        line(zones={"cahors.fr": zone("cahors.fr", rrset("n.cahors.fr.", "A", "192.0.2.7"))})
    )
    add = fake.add

    def other(where, given, **more):
        return {**add(where, given, **more), "content": "192.0.2.99"}

    fake.add = other
    done = town.run()
    assert errors(done) == {"rrset:n.cahors.fr./A": "Cloudflare took it but shows another value"}


def test_other_credentials_in_the_environment_are_never_sent(settled, monkeypatch, fake):
    """The official client takes them before the token, unless it is told otherwise."""
    monkeypatch.setenv("CLOUDFLARE_EMAIL", "somebody@example.org")
    monkeypatch.setenv("CLOUDFLARE_API_KEY", "0123456789abcdef")
    monkeypatch.setenv("CLOUDFLARE_API_USER_SERVICE_KEY", "v1.0-0123")
    sent = []
    answer = fake.answer

    def look(method, target, headers, body=b""):
        sent.append({name.lower() for name in headers})
        return answer(method, target, headers, body)

    fake.answer = look
    assert settled.survey().changes == []
    assert sent
    assert not any(name.startswith("x-auth") for names in sent for name in names)


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        ({"token_env": "NOT_SET"}, "environment variable NOT_SET is not set"),
        ({"token_file": "/nowhere/token"}, "/nowhere/token: No such file or directory"),
        ({}, "neither a variable nor a file is named"),
    ],
)
def test_a_token_that_is_nowhere_is_told_by_where_it_should_be(account, reason):
    with pytest.raises(InvalidInput, match=reason):
        Client(Account("0" * 32, **account))


def test_a_token_may_lie_in_a_file(tmp_path, url):
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    client = Client(Account("0" * 32, token_file=str(tmp_path / "token"), base_url=url))
    assert client.zones() == {}
    client.close()


def test_what_is_no_token_is_never_shown(tmp_path):
    (tmp_path / "token").write_text("geheim mot de passe é\n")
    with pytest.raises(InvalidInput) as caught:
        Client(Account("0" * 32, token_file=str(tmp_path / "token")))
    assert "geheim" not in str(caught.value)


def test_a_scope_with_one_town_asks_for_its_zones_by_name(settled, fake):
    settled.survey(CAHORS)
    assert len(fake.seen) == 2
