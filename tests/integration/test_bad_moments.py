# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad moments: killed, a host that dies, two at once, a full disk, a wrong key, a rejected zone.

After each of them the same command, run again, ends at the same state, and the journal holds.
"""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import tempfile
import time

import pytest

from bastide.journal import Journal
from bastide.lab import up
from bastide.lab.podman import Podman
from bastide.lab.readiness import power_off
from integration.town import charter, records

ALBAS, ANGLARS = "214600017", "214600041"
# A silent host is given up after three seconds; an operator's patience is in ansible.cfg.
HASTE = {
    "ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=60s -o ConnectTimeout=3"
    " -o ServerAliveInterval=1 -o ServerAliveCountMax=3"
}


@pytest.fixture(scope="module")
def converged(standing_town):
    """A town with one commune, converged once for all tests here: each converges it in its end."""
    town = standing_town
    town.write("46/albas", charter(ALBAS, town.albas))
    town.commit()
    town.apply()
    return town


@pytest.fixture
def albas(converged):
    """The town, whose journal holds after each test."""
    yield converged
    converged.run("audit", "--check")


def journal_of(town) -> list[dict]:
    return [entry.data for entry in Journal(town.state / "journal.jsonl").entries()]


_SIZES = itertools.count(1)


def grown(town) -> int:
    """The charter gets record, mailbox and page number so many: r1, b1, then r2, b2, and so on."""
    size = next(_SIZES)
    numbers = range(1, size + 1)
    page = f'{{registration: {{mode: managed}}, redirect_to: "https://www.{town.albas}"}}'
    more = records(**{f"r{n}": f"192.0.2.{n}" for n in numbers})
    more += f"  {town.token}{size}.fr: {page}\n"
    mail = "".join(f"    b{n}@{town.albas}:\n" for n in numbers)
    town.write("46/albas", charter(ALBAS, town.albas, more=more, mail=mail))
    town.commit()
    return size


# -- killed --------------------------------------------------------------------------------


def test_killed_at_ten_random_moments_the_next_apply_ends_at_the_same_state(albas):
    town = albas
    started = time.monotonic()
    grown(town)
    town.apply()
    length = time.monotonic() - started
    seed = random.randrange(1 << 32)
    moments = random.Random(seed)
    killed = 0
    for _ in range(10):
        number = grown(town)
        # Every third time the engine alone: what it had begun goes on beside the next apply.
        moment = moments.uniform(0.3, length)
        hit = town.kill_apply_after(moment, everything=number % 3 > 0)
        killed += hit
        if not hit:
            # It takes less than that by now: the machine was busier when the first was timed.
            length = moment
        done = town.apply("--wait", "300", code=None)
        assert done.returncode == 0, f"seed {seed}, {moment:.2f} s: {done.stdout}{done.stderr}"
        if number % 5 < 2:  # after each of the two kinds, and after the last
            plan = town.plan()
            assert (plan["changes"], plan["repairs"]) == ([], []), f"seed {seed}, {moment:.2f} s"
        assert town.ask(f"r{number}.{town.albas}", "A") == [f"192.0.2.{number}"]
        assert f"b{number}@{town.albas}" in town.mailboxes()
        town.run("audit", "--check")
    assert killed >= 5, "the applies were over before they could be killed"
    assert set(town.mailboxes().values()) == {"active"}


def test_the_journal_notes_a_run_that_was_killed_before_its_end(albas):
    town = albas
    grown(town)
    with town.start("apply") as process:
        # The run is on the record before any host is touched: then comes the kill.
        while not Journal(town.state / "journal.jsonl").unfinished():
            assert process.poll() is None, process.stdout.read()
        process.kill()
        process.stdout.close()
    begun = Journal(town.state / "journal.jsonl").unfinished()
    town.apply()
    noted = [e for e in journal_of(town) if e["event"] == "interrupted"][-1]
    assert (noted["run"], noted["plan"]) == (begun["sequence"], begun["plan"])


def test_ansible_killed_under_the_engine_is_told_and_repaired(albas):
    town = albas
    number = grown(town)
    with town.start("apply") as process:
        while not Journal(town.state / "journal.jsonl").unfinished():
            assert process.poll() is None, process.stdout.read()
        children = ""
        while not children:
            ps = ["pgrep", "-P", str(process.pid), "-f", "ansible-playbook"]
            children = subprocess.run(ps, capture_output=True, text=True, check=False).stdout
        subprocess.run(["kill", "-9", children.split()[0]], check=True)
        said = process.stdout.read()
    assert process.returncode == 1, said
    assert "Traceback" not in said
    assert town.place("46/albas", f"b{number}@") in said
    town.converge()


# -- a host is down --------------------------------------------------------------------------


def test_a_host_that_froze_is_named_with_its_lines_and_the_others_converge(albas):
    town = albas
    number = grown(town)
    with town.paused("mail"):
        done = town.apply(code=1, **HASTE)
        assert town.ask(f"r{number}.{town.albas}", "A") == [f"192.0.2.{number}"], (
            "the others converge"
        )
    assert "mail (mail) is unreachable" in done.stdout
    assert town.place("46/albas", f"b{number}@") in done.stdout
    assert f"r{number}" not in done.stdout.partition("A524")[2], "what was done does not wait"
    town.apply()
    assert f"b{number}@{town.albas}" in town.mailboxes()


def test_a_host_that_is_off_is_named_with_its_lines_and_the_next_run_repairs_it(albas):
    town = albas
    number = grown(town)
    power_off(Podman(town.lab), town.containers["ns"])
    try:
        done = town.apply(code=1, **HASTE)
    finally:
        up(town.lab.root, print)
    assert "ns (dns) is unreachable" in done.stdout
    assert town.place("46/albas", f"r{number},") in done.stdout
    assert f"b{number}@{town.albas}" in town.mailboxes(), "the others converge"
    assert town.ask(f"r{number}.{town.albas}", "A") == []
    town.converge()
    assert town.ask(f"r{number}.{town.albas}", "A") == [f"192.0.2.{number}"]


def test_a_host_that_dies_between_plan_and_apply_is_named_with_its_lines(albas):
    town = albas
    number = grown(town)
    with town.start("apply", **HASTE) as process:
        while not Journal(town.state / "journal.jsonl").unfinished():
            assert process.poll() is None, process.stdout.read()
        with town.paused("mail"):
            said = process.stdout.read()
            process.wait()
    if process.returncode == 0:
        pytest.fail("the mail host was converged before it froze:\n" + said)
    assert process.returncode == 1
    assert town.place("46/albas", f"b{number}@") in said
    assert town.ask(f"r{number}.{town.albas}", "A") == [f"192.0.2.{number}"]
    town.converge()


# -- two at once -----------------------------------------------------------------------------


def test_of_two_applies_at_once_the_second_waits_and_says_for_whom(albas):
    town = albas
    grown(town)
    patient = ("apply", "--wait", "300")
    with town.start(*patient) as first, town.start(*patient) as second:
        said = [one.stdout.read() for one in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0), said
    [waited] = [text for text in said if "waiting for" in text]
    [other] = [one.pid for one, text in zip((first, second), said, strict=True) if text != waited]
    assert f"process {other}" in waited
    assert [e["event"] for e in journal_of(town)][-3:] == ["begin", "end", "unchanged"]


def test_the_second_apply_gives_up_when_told_not_to_wait(albas):
    town = albas
    number = grown(town)
    command = ["flock", "--no-fork", str(town.state / "apply.lock"), "sleep", "60"]
    with subprocess.Popen(command) as holder:
        while subprocess.run(
            ["flock", "-n", str(town.state / "apply.lock"), "true"], check=False
        ).returncode == 0:  # fmt: skip
            pass  # until flock(1) has it
        done = town.apply("--wait", "0", code=1)
        holder.kill()
    assert "A511" in done.stderr
    assert f"b{number}@{town.albas}" not in town.mailboxes()
    town.apply()


# -- rejected, full, refused -----------------------------------------------------------------


def test_a_zone_that_knot_rejects_leaves_the_others_served(albas):
    """Only Knot's own checker stands between its server and what the rules did not foresee."""
    town = albas
    town.write("46/anglars", charter(ANGLARS, town.anglars))
    town.commit()
    town.apply()
    checker = "/usr/bin/kzonecheck"
    says = f"""#!/bin/sh
case "$*" in *{town.anglars}*) echo "error: [x.{town.anglars}.] CNAME, bad" >&2; exit 1;; esac
exec {checker}.real "$@"
"""
    town.podman("ns", "mv", checker, checker + ".real")
    try:
        town.podman("ns", "sh", "-c", f"cat > {checker} <<'EOF'\n{says}\nEOF\nchmod +x {checker}")
        town.write("46/anglars", charter(ANGLARS, town.anglars, more=records(x="192.0.2.99")))
        number = grown(town)
        done = town.apply(code=1)
    finally:
        town.podman("ns", "mv", checker + ".real", checker)
    assert town.ask(f"r{number}.{town.albas}", "A") == [f"192.0.2.{number}"]
    assert town.ask(f"www.{town.anglars}", "A") == [town.addresses["web"]], "the old one stays"
    assert f"collectivities/46/anglars.yml:{town.place('46/anglars', town.anglars)[-1]}" in (
        done.stdout
    )
    assert "CNAME, bad" in done.stdout
    town.converge()
    assert town.ask(f"x.{town.anglars}", "A") == ["192.0.2.99"]


@pytest.fixture
def full_mail_disk(albas):
    """The mail directory lies on a file system with not one byte free; and what it held.

    SQLite itself cannot be asked on such a disk, so the mailboxes are read before.
    """
    before = albas.mailboxes()
    albas.podman("mail", "sh", "-ec", """
        m=/var/lib/bastide/mail; c=/run/full-copy
        cp -a --sparse=never $m $c
        mount -t tmpfs -o size=$(( $(du -sk $c | cut -f1) + 8192 ))k,mode=755 none $m
        cp -a --sparse=never $c/. $m/
        chown --reference=$c $m; chmod --reference=$c $m
        dd if=/dev/zero of=$m/fill bs=1k 2>/dev/null || true
        """)  # fmt: skip
    yield albas, before
    albas.podman("mail", "sh", "-ec", "umount -l /var/lib/bastide/mail; rm -rf /run/full-copy")


def test_a_full_disk_on_the_mail_host_is_told_and_leaves_nothing_half_written(full_mail_disk):
    town, before = full_mail_disk
    number = grown(town)
    done = town.apply(code=1)
    assert "/var/lib/bastide/mail" in done.stdout
    assert any(words in done.stdout for words in ("full", "No space left", "0 bytes free"))
    assert town.place("46/albas", f"b{number}@") in done.stdout
    assert "new" not in town.podman("mail", "ls", "-A", "/var/lib/bastide/mail/maps")
    assert town.ask(f"r{number}.{town.albas}", "A") == [f"192.0.2.{number}"], "the others converge"
    town.podman("mail", "rm", "/var/lib/bastide/mail/fill")
    assert town.mailboxes() == before
    town.converge()
    assert f"b{number}@{town.albas}" in town.mailboxes()


@pytest.mark.parametrize("room", [0, 4, 12], ids=["none", "some", "more"])
def test_a_full_disk_under_the_engine_is_told_and_the_next_run_goes_on(albas, room, tmp_path):
    town = albas
    grown(town)
    state = town.root / ".bastide"
    size = sum(p.stat().st_size // 4096 * 4 + 8 for p in state.rglob("*") if p.is_file())
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-a", str(state), str(copy)], check=True)
    options = f"size={size + 1024}k"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(state)], check=True)
    try:
        subprocess.run(["cp", "-a", f"{copy}/.", str(state)], check=True)
        fill = state / "fill"
        subprocess.run(
            ["dd", "if=/dev/zero", f"of={fill}", "bs=4k"], capture_output=True, check=False
        )
        if room:
            subprocess.run(["truncate", "-s", f"-{room}k", str(fill)], check=True)
        done = town.apply(code=1)
        words = ("ENOSPC", "No space left", "disk is full")
        assert any(word in done.stdout + done.stderr for word in words)
        assert str(state.name) in done.stdout + done.stderr, "it says where"
        fill.unlink()
        town.run("audit", "--check")
        town.converge()
        subprocess.run(["cp", "-a", f"{state}/.", str(copy)], check=True)
    finally:
        subprocess.run(["umount", "-l", str(state)], check=True)
    subprocess.run(["cp", "-a", f"{copy}/.", str(state)], check=True)


def test_a_wrong_key_is_told_and_nothing_is_touched(albas):
    town = albas
    number = grown(town)
    keys = town.state / "ssh"
    right = keys.readlink()
    keys.unlink()
    keys.mkdir()
    (keys / "known_hosts").symlink_to(right / "known_hosts")
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(keys / "key")]
    subprocess.run(make, check=True)
    # A folder of its own: a connection kept open from before would need no key.
    with tempfile.TemporaryDirectory() as folder:
        done = town.apply(code=1, ANSIBLE_SSH_CONTROL_PATH_DIR=folder)
    assert "Permission denied" in done.stdout
    for host in ("mail", "ns", "web"):
        assert f"{host} (" in done.stdout
    assert town.place("46/albas", f"b{number}@") in done.stdout
    assert f"b{number}@{town.albas}" not in town.mailboxes()
    subprocess.run(["rm", "-r", str(keys)], check=True)
    keys.symlink_to(right)
    town.converge()


# -- the record ------------------------------------------------------------------------------


def test_a_journal_that_was_altered_is_told_with_the_line(town):
    town.apply()
    town.apply()
    journal = town.state / "journal.jsonl"
    lines = journal.read_text("utf-8").splitlines(keepends=True)
    entry = json.loads(lines[-1]) | {"who": "somebody@else"}
    journal.write_text("".join([*lines[:-1], json.dumps(entry, sort_keys=True) + "\n"]), "utf-8")
    done = town.run("audit", "--check", code=1)
    assert f".bastide/lab/journal.jsonl:{len(lines)}" in done.stdout
    assert "J901" in done.stdout
