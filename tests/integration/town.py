# SPDX-License-Identifier: GPL-3.0-or-later
"""A small operator's repository over the test lab, driven by the real command."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import smtplib
import subprocess
import sys
import time
from pathlib import Path

import dns.message
import dns.query
import dns.rdatatype

CHECKOUT = Path(__file__).resolve().parents[2]
# The code of this checkout, whatever is installed.
COMMAND = [sys.executable, "-m", "bastide"]
DIRECTORY = "/var/lib/bastide/mail/directory.db"
_TAKEN = {"214600017", "214600025", "214600033", "214600041"}

OPERATOR = """\
collectivity:
  kind: cdg
  siren: "284600012"
convention: {signed_on: 2024-01-01, modules: [internet]}
domains:
  info46.com:
    registration: {mode: managed}
"""


class Town:
    """A git repository at `root` whose environment `lab` is the running test lab.

    Every town has domains of its own (`token` is part of their names) and begins without a
    journal; what other towns left on the servers it only reports.
    """

    def __init__(self, root: Path, lab) -> None:
        self.root = root
        self.lab = lab
        self.token = secrets.token_hex(4)
        self.albas = f"albas-{self.token}.fr"
        self.anglars = f"anglars-{self.token}.fr"
        self.alvignac = f"alvignac-{self.token}.fr"
        self.addresses = {host.name: host.address for host in lab.hosts}
        self.containers = {host.name: lab.container(host) for host in lab.hosts}
        self.state = root / ".bastide" / "lab"
        self._found()

    def _found(self) -> None:
        for name in ("playbooks", "plugins", "roles", "schemas"):
            (self.root / name).symlink_to(CHECKOUT / name)
        shutil.copy(CHECKOUT / "ansible.cfg", self.root)
        shutil.copytree(self.lab.root / "inventory", self.root / "inventory")
        self.state.mkdir(parents=True)
        for name in ("ssh", "tls"):
            (self.state / name).symlink_to(self.lab.files / name)
        (self.root / ".gitignore").write_text(".bastide/\n", encoding="utf-8")
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)
        self.write("46/cdg46", OPERATOR)
        self.commit("the operator")

    # -- charters ----------------------------------------------------------------------

    def write(self, slug: str, text: str) -> Path:
        path = self.root / "collectivities" / f"{slug}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def remove(self, slug: str) -> None:
        (self.root / "collectivities" / f"{slug}.yml").unlink()

    def place(self, slug: str, needle: str) -> str:
        """``file:line`` of the first line of a charter that contains `needle`."""
        name = f"collectivities/{slug}.yml"
        lines = (self.root / name).read_text("utf-8").splitlines()
        return f"{name}:{next(n for n, line in enumerate(lines, 1) if needle in line)}"

    def commit(self, message: str = "change") -> str:
        git = ["git", "-C", str(self.root), "-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-qm", message, "--allow-empty"], check=True)
        head = [*git, "rev-parse", "HEAD"]
        return subprocess.run(head, check=True, capture_output=True, text=True).stdout.strip()

    # -- the command -------------------------------------------------------------------

    def environment(self) -> dict[str, str]:
        return os.environ | {
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            "PYTHONPATH": str(CHECKOUT / "src"),
            "PYTHONUNBUFFERED": "1",
        }

    def run(self, *arguments: str, code: int | None = 0, **environment: str):
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.root,
            env=self.environment() | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert "Traceback" not in done.stderr + done.stdout, done.stderr
        if code is not None:
            assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start the command in a process group of its own, with what it says on one pipe."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.root,
            env=self.environment() | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def plan(self, *arguments: str) -> dict:
        return json.loads(self.run("plan", "--format", "json", *arguments).stdout)

    def apply(self, *arguments: str, code: int | None = 0, **environment: str):
        return self.run("apply", *arguments, code=code, **environment)

    def converge(self) -> None:
        """Apply, then see that nothing is left to do."""
        self.apply()
        plan = self.plan()
        assert (plan["changes"], plan["repairs"]) == ([], [])

    def kill_apply_after(self, seconds: float, *, everything: bool = True) -> bool:
        """Start an apply and kill it -9; True when it was still running.

        Args:
            seconds: When.
            everything: With all that it started, as a reboot does; else the engine alone, as
                the kernel does when memory runs out: Ansible goes on without it.
        """
        with self.start("apply") as process:
            # The moment of the kill is what is tested: here a wait is the point.
            time.sleep(seconds)
            running = process.poll() is None
            if running and everything:
                os.killpg(process.pid, signal.SIGKILL)
            elif running:
                process.kill()
            process.stdout.close()
        return running

    # -- the world ---------------------------------------------------------------------

    def ask(self, name: str, rtype: str, host: str = "ns") -> list[str]:
        """Sorted rdata texts that a name server of the lab gives; [] for none.

        The primary, unless another is named: it has what was applied when the apply ends.
        """
        query = dns.message.make_query(name, rtype)
        answer, _ = dns.query.udp_with_fallback(query, self.addresses[host], timeout=5)
        wanted = dns.rdatatype.from_text(rtype)
        return sorted(d.to_text() for r in answer.answer if r.rdtype == wanted for d in r)

    def podman(self, host: str, *command: str, code: int | None = 0) -> str:
        done = subprocess.run(
            ["podman", "exec", "--privileged", self.containers[host], *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if code is not None:
            assert done.returncode == code, done.stderr
        return done.stdout

    @contextlib.contextmanager
    def stopped(self, host: str, service: str):
        """A systemd unit of a host is stopped inside of the `with`."""
        self.podman(host, "systemctl", "stop", service)
        try:
            yield
        finally:
            self.podman(host, "systemctl", "start", service)

    @contextlib.contextmanager
    def paused(self, host: str):
        """A host is frozen inside of the `with`: it takes connections and says nothing."""
        self.podman_itself("pause", host)
        try:
            yield
        finally:
            self.podman_itself("unpause", host)

    def podman_itself(self, verb: str, host: str) -> None:
        command = ["podman", verb, self.containers[host]]
        subprocess.run(command, check=True, capture_output=True)

    # -- the mail host -----------------------------------------------------------------

    def query(self, sql: str) -> list[dict]:
        text = self.podman("mail", "sqlite3", "-json", "-readonly", DIRECTORY, sql)
        return json.loads(text) if text.strip() else []

    def mailboxes(self) -> dict[str, str]:
        """Address → state of the mailboxes on this town's domains."""
        rows = self.query(f"SELECT address, state FROM mailbox WHERE address LIKE '%{self.token}%'")
        return {row["address"]: row["state"] for row in rows}

    def row(self, address: str) -> dict:
        [found] = self.query(f"SELECT * FROM mailbox WHERE address = '{address}'")
        return found

    def deliver(self, address: str, count: int) -> None:
        with smtplib.SMTP(self.addresses["mail"], 25, timeout=20) as client:
            for number in range(count):
                head = f"From: <x@example.org>\r\nTo: <{address}>\r\nSubject: n{number}\r\n"
                client.sendmail("x@example.org", [address], head + "\r\nbody\r\n")

    def messages(self, address: str) -> int:
        # A world without names, as the lab's, looks like spam.
        folders = ("INBOX", "Junk")
        words = ("doveadm", "mailbox", "status", "-t", "-u", address, "messages", *folders)
        text = self.podman("mail", *words, code=None)
        return int(text.rpartition("messages=")[2]) if "messages=" in text else 0


def some_siren() -> str:
    """The SIREN of a commune of the Lot, another in each run: hosts keep by it what runs left.

    None that a test names, and none twice.
    """
    communes = CHECKOUT / "src" / "bastide" / "reference" / "france-2026.tsv"
    every = re.findall(r"\b2146[0-9]{5}\b", communes.read_text("utf-8"))
    siren = secrets.choice([one for one in every if one not in _TAKEN])
    _TAKEN.add(siren)
    return siren


def charter(siren: str, domain: str, *, more: str = "", mail: str = "") -> str:
    """A small valid charter of a commune.

    `more` are further lines below the domain, `mail` are further lines of accounts.
    """
    return f"""\
collectivity:
  kind: commune
  siren: "{siren}"
convention: {{signed_on: 2026-01-01, modules: [internet]}}
domains:
  {domain}:
    registration: {{mode: managed}}
{more}mail:
  accounts:
    mairie@{domain}: {{kind: classic, quota: 1 GB}}
{mail}site: {{kind: holding, domain: www.{domain}}}
"""


def records(**wanted: str) -> str:
    """Lines for `more`: an A record for each name."""
    lines = [f"      - {{name: {n}, type: A, content: {a}}}\n" for n, a in wanted.items()]
    return "".join(["    records:\n", *lines])
