# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets, the command, the budget, and what is remembered of a stack."""

from dataclasses import replace

import pytest
from stack_graphs import graph, line

from bastide.diagnostics import RunFailed
from bastide.targets.pulumi.budget import Budget
from bastide.targets.pulumi.graph import ZonePolicy, graph_of
from bastide.targets.pulumi.settled import kept, mark_of, remembered, settle, source_of

A = {"name": "www", "type": "A", "rdata": ["192.0.2.7"]}
KEY = {"name": "b2026._domainkey", "type": "TXT", "pending": "dkim:cahors.fr"}


class Clock:
    """Time that passes by sleeping alone."""

    def __init__(self):
        self.now, self.slept = 0.0, []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


def test_secrets_are_in_the_environment_of_a_worker_and_no_other_login_is(setup):
    stray = {"CLOUDFLARE_API_KEY": "k", "CLOUDFLARE_EMAIL": "e", "PULUMI_CONFIG_PASSPHRASE": "p"}
    found = replace(setup, environment={**setup.environment, **stray}).process_environment()
    assert found["CLOUDFLARE_API_TOKEN"] == "t" * 40
    assert found["PULUMI_CONFIG_PASSPHRASE"] == setup.environment["STACKS_PASSPHRASE"]
    assert not {"CLOUDFLARE_API_KEY", "CLOUDFLARE_EMAIL"} & found.keys()


def test_secrets_may_be_in_files(setup, tmp_path):
    token, phrase = tmp_path / "token", tmp_path / "phrase"
    token.write_text("u" * 40 + "\n")
    phrase.write_text("open sesame\n")
    found = replace(
        setup, token_env=None, token_file=token, passphrase_env=None, passphrase_file=phrase
    ).process_environment()
    assert found["CLOUDFLARE_API_TOKEN"] == "u" * 40
    assert found["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(phrase)
    assert "PULUMI_CONFIG_PASSPHRASE" not in found


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_a_missing_secret_is_told_without_a_traceback(setup, tmp_path, content):
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(RunFailed, match="no API token for Pulumi"):
        replace(setup, token_env=None, token_file=file).process_environment()


def test_the_command_of_the_home_comes_before_that_of_the_path(setup, tmp_path):
    assert setup.command_root() == str(setup.home)
    elsewhere = replace(
        setup, home=tmp_path / "empty", environment={"PATH": str(setup.home / "bin")}
    )
    assert elsewhere.command_root() == ""
    nowhere = replace(elsewhere, environment={"PATH": "/nowhere"})
    assert nowhere.command_root() is None
    with pytest.raises(RunFailed, match="bastide pulumi install"):
        nowhere.require_command()


def test_a_relative_back_end_is_below_the_state(setup):
    assert replace(setup, backend="file://stacks").backend_url == f"file://{setup.state}/stacks"
    for url in ("file:///srv/stacks", "file://~/stacks", "s3://bastide-dns?region=fr-par"):
        assert replace(setup, backend=url).backend_url == url


def test_the_budget_lets_a_burst_through_and_then_its_rate():
    clock = Clock()
    budget = Budget(4, 240, clock, clock.sleep)
    budget.take(240)
    assert clock.slept == []
    budget.take(8)
    assert clock.now == pytest.approx(2)


def test_a_stack_larger_than_the_burst_waits_for_it_and_makes_the_next_wait():
    clock = Clock()
    budget = Budget(4, 240, clock, clock.sleep)
    budget.take(1000)
    assert clock.now == 0
    budget.take(1)
    assert clock.now == pytest.approx((1000 - 240 + 1) / 4)


def test_after_a_refusal_for_want_of_patience_nothing_is_handed_out_before_the_block_ends():
    clock = Clock()
    budget = Budget(4, 240, clock, clock.sleep)
    budget.penalise(300)
    budget.take(1)
    assert clock.now >= 300


def test_what_is_remembered_of_a_stack_changes_with_all_that_its_run_depends_on(tmp_path):
    policy = ZonePolicy("a")
    one, values = line(A, KEY), {"dkim:cahors.fr": "v=DKIM1; p=AA=="}
    sources = {
        source_of(one, policy, {}),
        source_of(one, policy, values),
        source_of(line(A), policy, {}),
        source_of(one, ZonePolicy("b"), {}),
        source_of(one, ZonePolicy("a", settings={"ssl": "full"}), {}),
    }
    assert len(sources) == 5
    assert source_of(one, policy, {**values, "dkim:figeac.fr": "x"}) in sources
    marks = {mark_of("s", graph(A), gone) for gone in ((), ("cahors.fr",), None)}
    assert len(marks) == 3
    file = tmp_path / "settled" / "214600421"
    assert remembered(file) == ("", "")
    settle(file, mark_of("source", graph(A), ()))
    assert remembered(file)[0] == "source"
    file.write_bytes(b"\xff")
    assert remembered(file) == ("", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"resources": [1]}',
        '{"resources": [{"type": "cloudflare:index/zone:Zone"}]}',
    ],
)
def test_a_spoiled_export_is_none(tmp_path, text):
    file = tmp_path / "state.json"
    file.write_text(text)
    assert kept(file) is None


def test_a_value_that_only_a_host_gives_is_a_record_once_it_is_given():
    waiting = graph_of(line(A, KEY), ZonePolicy("a"))
    assert waiting.pending == (("rrset:b2026._domainkey.cahors.fr./TXT", "dkim:cahors.fr"),)
    given = graph_of(line(A, KEY), ZonePolicy("a"), {"dkim:cahors.fr": "v=DKIM1; p=AA=="})
    assert given.pending == ()
    assert given.keys - waiting.keys == {"TXT:b2026._domainkey.cahors.fr"}
