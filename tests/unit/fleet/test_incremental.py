# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cache remembers never shows: after any edits, a warm run equals a cold one.

Small fleets are edited at random, one to three files at a time, by an operator who makes
every mistake that links files to one another.  The same charters are then read with the
cache of the runs before and without any: diagnostics, shares and origins must be equal.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from bastide.desired.resource import SERVICES
from bastide.diagnostics import RunFailed
from bastide.documents import write_atomically
from bastide.fleet import Fleet, Repository
from bastide.targets.hosts import Hosts
from bastide.targets.shares import write_shares

ROOT = Path(__file__).parents[3]
PLATFORM = (ROOT / "tests/data/rules/platform.yml").read_text()
# With certificates and desks, so that each service has lines.
PLATFORM += "tls: {mode: acme, acme: {directory: https://acme.example/dir}}\n"
PLATFORM += "guichet: {addresses: [192.0.2.50], sender: guichet@info46.com}\n"
# Other ways to run the same fleet: one more shared domain, another default quota.
PLATFORMS = [
    PLATFORM,
    PLATFORM.replace("[info46.com]", "[info46.com, figeac.fr]"),
    PLATFORM.replace("default: 2 GB", "default: 3 GB"),
]
HOSTS_FILE = (
    "all: {children: {web: {hosts: {web1: }}, mail: {hosts: {mail1: }}, dns: {hosts: {ns1: }},"
    " desk: {hosts: {desk1: }}}}\n"
)
TODAY = dt.date(2026, 6, 1)
OPERATOR = 'collectivity: {kind: cdg, siren: "284600012"}\ndomains: {info46.com: {}}\n'
SIRENS = {
    "46/cahors": "214600421",
    "46/figeac": "214601023",
    "46/albas": "214600017",
    "46/saint-cirq-lapopie": "214602567",
}
OWN = {slug: f"{slug.partition('/')[2]}.fr" for slug in SIRENS}
NAMES = [*OWN.values(), "info46.com", "cahors.info46.com", "x.cahors.info46.com", "sport.cahors.fr"]
HOSTS = [*NAMES, *(f"www.{name}" for name in NAMES), "www.sport.cahors.fr", "example.org"]
ADDRESSES = [f"{local}@{name}" for name in [*NAMES, "example.org"] for local in ("u", "v", "U+x")]


def near(slug, random, names, form):
    """Most often what is formed from the domain of the next file, so that circles close."""
    following = list(OWN)[(list(OWN).index(slug) + 1) % len(OWN)] if slug in OWN else "46/cahors"
    return form.format(OWN[following]) if random.random() < 0.7 else random.choice(names)


def charter(slug, random, care):
    """A charter as an operator writes it, tied to others; `care` is how seldom it is wrong."""

    def slip(chance):
        return random.random() < chance * (1 - care)

    siren = SIRENS.get(slug, "284600012")
    head = {"kind": "commune", "siren": "214601023" if slip(0.05) else siren}
    if random.random() < 0.05:
        head["state"] = "retired"
    own = OWN.get(slug, "info46.com")
    domains = {own: {}}
    if slip(0.25):
        domains[random.choice(NAMES)] = {}
    if random.random() < 0.2:
        domains[own.upper()] = domains.pop(own)
    for body in domains.values():
        chance = random.random()
        if slip(0.7) or chance < 0.1:
            body["redirect_to"] = f"https://{near(slug, random, HOSTS, '{}')}/"
        elif slip(0.1):
            body["state"] = "retired"
        elif chance > 0.9:
            body["records"] = [{"name": "@", "type": "MX", "priority": 5, "content": "a.example"}]
    mine = [f"{local}@{own}" for local in "uv"]
    accounts = [a for a in mine if random.random() < 0.3 + 0.6 * care]
    aliases = {
        address: [near(slug, random, ADDRESSES, "u@{}") for _ in range(random.choice([1, 1, 2]))]
        for address in [*mine, *random.sample(ADDRESSES, int(slip(0.3)))]
        if address not in accounts and random.random() < 0.7 - 0.5 * care
    }
    data = {
        "collectivity": head,
        "convention": {
            "modules": ["internet"],
            "ends_on": random.choice(["2026-06-30", "2030-01-01"])
            if not slip(0.1)
            else "2026-05-31",
        },
        "domains": domains,
        "mail": {"accounts": {account: {} for account in accounts}, "aliases": aliases},
    }
    if random.random() < 0.3 and "redirect_to" not in domains.get(own, {}):
        host = random.choice(HOSTS) if slip(0.5) else random.choice([own, f"www.{own}"])
        data["site"] = {"kind": "cms", "domain": host}
    # JSON is YAML; a comment above moves every line without changing what is said.
    return "# moved\n" * random.choice([0, 0, 1]) + json.dumps(data, indent=1) + "\n"


class Town:
    """Charters on disk, read with a cache that is kept and with one that is not."""

    def __init__(self, folder):
        self.warm, self.cold = folder / "warm", folder / "cold"
        self.charters = self.warm / "collectivities"
        (self.charters / "46").mkdir(parents=True)
        for root in (self.warm, self.cold):
            (root / "inventory/lab").mkdir(parents=True)
            (root / "schemas").symlink_to(ROOT / "schemas")
        (self.cold / "collectivities").symlink_to(self.charters)
        self.platform(PLATFORM)
        self.write("46/cdg46", OPERATOR)

    def platform(self, text):
        for root in (self.warm, self.cold):
            (root / "inventory/lab/platform.yml").write_text(text)

    def path(self, slug, suffix="yml"):
        return self.charters / f"{slug}.{suffix}"

    def write(self, slug, text):
        self.path(slug, "yaml").unlink(missing_ok=True)
        self.path(slug).write_text(text)

    def paths(self, slug):
        return [self.path(slug, suffix) for suffix in ("yml", "yaml")]

    def remove(self, slug):
        for path in self.paths(slug):
            path.unlink(missing_ok=True)

    def check(self, day=TODAY):
        """Whether the fleet was sound; fails when the two ways differ."""
        shutil.rmtree(self.cold / ".bastide", ignore_errors=True)
        warm, cold = Fleet(Repository(self.warm), day), Fleet(Repository(self.cold), day)
        assert warm.diagnostics == cold.diagnostics
        assert list(warm.sources) == list(cold.sources)
        if not warm.sound:
            return False
        for service in SERVICES:
            assert warm.share_lines(service) == cold.share_lines(service)
        for slug in warm.sources:
            assert warm.origins(slug) == cold.origins(slug)
            assert warm.evidence(slug) == cold.evidence(slug)
        assert list(warm.evidences()) == list(cold.evidences())
        return True


@pytest.fixture
def town(tmp_path):
    return Town(tmp_path)


@pytest.fixture
def tracked(town):
    """A town whose warm side is a git work tree, so that git tells what changed."""
    (town.warm / ".gitignore").write_text(".bastide\n")
    git(town, "init", "-q")
    return town


def git(town, *words):
    identity = ("-c", "user.name=essai", "-c", "user.email=essai@example.org")
    subprocess.run(["git", *identity, *words], cwd=town.warm, check=True, capture_output=True)


def edit(town, random, care):
    """One edit of a realistic kind."""
    slug = random.choice(list(SIRENS))
    path = next((p for p in town.paths(slug) if p.exists()), None)
    chance = random.random()
    if path is None or chance < 0.6:
        town.write(slug, charter(slug, random, care))
    elif chance < 0.68:
        town.remove(slug)
    elif chance < 0.74:
        path.write_text(path.read_text().replace('"siren"', '"state": "retired", "siren"', 1))
    elif chance < 0.8:
        text = path.read_text()
        town.remove(slug)
        town.write(f"46/{random.choice(['renamed', 'cahors', 'figeac'])}", text)
    elif chance < 0.84:
        path.rename(town.path(slug, "yaml" if path.suffix == ".yml" else "yml"))
    elif chance < 0.9:
        path.write_text(path.read_text().replace('"domains"', '"domain"', 1))
    elif chance < 0.95:
        path.write_text("# a line more\n" + path.read_text())
    else:
        town.platform(random.choice(PLATFORMS))


def seeds(count):
    """One for every day, the others where everything is run."""
    return [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, count))]


@pytest.mark.parametrize("seed", seeds(8))
def test_a_warm_run_equals_a_cold_one_after_any_edits(town, seed):
    chance = random.Random(seed)
    care = chance.choice([0, 0.5, 0.95])
    for slug in SIRENS:
        town.write(slug, charter(slug, chance, care))
    town.check()
    for _ in range(10):
        for _ in range(chance.choice([1, 1, 2, 3])):
            edit(town, chance, care)
        town.check(TODAY + dt.timedelta(chance.choice([0, 0, 0, 1])))


def redirecting(slug, target):
    data = {
        "collectivity": {"kind": "commune", "siren": SIRENS[slug]},
        "convention": {"modules": ["internet"]},
        "domains": {OWN[slug]: {"redirect_to": target} if target else {}},
    }
    return json.dumps(data)


def test_a_circle_of_redirections_that_one_file_opens_is_forgotten_in_every_other(town):
    ring = ["46/cahors", "46/figeac", "46/albas"]
    for slug, following in zip(ring, [*ring[1:], ring[0]], strict=True):
        town.write(slug, redirecting(slug, f"https://{OWN[following]}/"))
    assert not town.check()
    town.write("46/figeac", redirecting("46/figeac", None))
    assert town.check()


def test_a_file_that_changes_its_suffix_is_named_by_the_new_one(town):
    town.write("46/cahors", redirecting("46/cahors", "https://cahors.fr/"))
    town.check()
    town.path("46/cahors").rename(town.path("46/cahors", "yaml"))
    town.check()


def test_two_suffixes_of_one_name_are_two_files(town):
    town.write("46/cahors", redirecting("46/cahors", None))
    town.path("46/cahors", "yaml").write_text(redirecting("46/figeac", None))
    assert town.check()
    assert {"46/cahors", "46/cahors.yaml"} < set(Fleet(Repository(town.warm), TODAY).sources)


@pytest.mark.parametrize("seed", seeds(6))
def test_runs_in_a_work_tree_equal_runs_without_git(tracked, seed):
    """Edits, some of them staged or committed, in any order."""
    chance = random.Random(seed)
    for slug in SIRENS:
        tracked.write(slug, charter(slug, chance, 0.8))
    for _ in range(8):
        for _ in range(chance.choice([0, 1, 1, 2])):
            edit(tracked, chance, 0.8)
        if chance.random() < 0.5:
            git(tracked, "add", "--all")
        if chance.random() < 0.4:
            git(tracked, "commit", "-q", "--allow-empty", "-m", "edits")
        tracked.check()


def test_a_warm_run_in_a_clean_work_tree_looks_at_no_file_name(tracked, monkeypatch):
    tracked.write("46/cahors", redirecting("46/cahors", None))
    git(tracked, "add", "--all")
    assert tracked.check()
    monkeypatch.setattr("bastide.fleet.listing.Listing.sources", None)
    fleet = Fleet(Repository(tracked.warm), TODAY)
    assert (len(fleet), fleet.sound) == (2, True)


def test_a_link_in_a_work_tree_is_read_at_each_run(tracked, tmp_path):
    outside = tmp_path / "outside.yml"
    outside.write_text(redirecting("46/cahors", None))
    tracked.path("46/cahors").symlink_to(outside)
    git(tracked, "add", "--all")
    assert tracked.check()
    outside.write_text(redirecting("46/cahors", "https://cahors.fr/"))
    assert not tracked.check()


def test_a_cache_that_lost_rows_is_filled_again(tracked):
    tracked.write("46/cahors", redirecting("46/cahors", None))
    git(tracked, "add", "--all")
    assert tracked.check()
    [file] = (tracked.warm / ".bastide/cache").glob("fleet-*.db")
    with sqlite3.connect(file) as database:
        database.execute("DELETE FROM examined WHERE slug = '46/cahors'")
    assert tracked.check()


@pytest.mark.parametrize("edits", [1, 4])
def test_what_a_full_disk_kept_from_the_cache_is_never_taken_from_it(tracked, monkeypatch, edits):
    for slug in SIRENS:
        tracked.write(slug, redirecting(slug, None))
    git(tracked, "add", "--all")
    assert tracked.check()
    for slug in list(SIRENS)[:edits]:
        tracked.write(slug, redirecting(slug, "https://example.org/"))
    git(tracked, "add", "--all")

    def full(_self, _statement, _rows):
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("bastide.fleet.cache.Cache._many", full)
        fleet = Fleet(Repository(tracked.warm), TODAY)
        assert fleet.sound
        with pytest.raises(RunFailed, match="disk is full"):
            fleet.share_lines("web")
    assert tracked.check()


def test_a_share_written_by_a_run_that_was_killed_is_never_taken_for_the_one_before(
    tracked, monkeypatch
):
    (tracked.warm / "inventory/lab/hosts.yml").write_text(HOSTS_FILE)
    before = redirecting("46/cahors", None)
    tracked.write("46/cahors", before)

    def written():
        fleet = Fleet(Repository(tracked.warm), TODAY)
        hosts = Hosts.read(fleet.repository.inventory, "hosts.yml", fleet.platform)
        return {share.service: share for share in write_shares(fleet, hosts)}

    first = {service: share.path.read_bytes() for service, share in written().items()}

    def killed(path, content):
        write_atomically(path, content)
        raise KeyboardInterrupt

    tracked.write("46/cahors", redirecting("46/cahors", "https://example.org/"))
    with monkeypatch.context() as patched:
        patched.setattr("bastide.targets.shares.write_atomically", killed)
        with pytest.raises(KeyboardInterrupt):
            written()
    tracked.write("46/cahors", before)
    for service, share in written().items():
        assert share.path.read_bytes() == first[service]
        assert share.digest == hashlib.sha256(first[service]).hexdigest()
