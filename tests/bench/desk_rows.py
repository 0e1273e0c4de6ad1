# SPDX-License-Identifier: GPL-3.0-or-later
"""Row P13: the desk with 300 tenants of ten procedures: convergence, its pages, its memory.

PostgreSQL is that of the desk's tests, in its container; gunicorn runs as on a host, with two
workers at a unix socket.  No peer: nothing that can be installed has tenants, forms and follow-up.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from measure import ROOT, RUNS, WORK, Figure, script

sys.path.insert(0, str(ROOT / "tests"))

from integration.desk import place

TENANTS, ASKED = 300, 600
LIBRARY = sorted(file.stem for file in (ROOT / "schemas/catalog/procedures").glob("*.yml"))[:10]
PROCEDURE = "intervention-services"
_MEMORY: list[float] = []
# As on a host: by a socket and the account, without TLS and a password, which cost memory.
BY_SOCKET = """
echo "unix_socket_directories = '/var/run/postgresql,/sockets'" \
    >> /etc/postgresql/15/main/conf.d/desk.conf
sed -i '1i local guichet all trust' /etc/postgresql/15/main/pg_hba.conf
systemctl restart postgresql
"""


def figures() -> list[Figure]:
    """Converged twice, then asked in rounds."""
    folder = WORK / "desk"
    folder.mkdir(parents=True, exist_ok=True)
    sockets = folder / "sockets"
    sockets.mkdir(exist_ok=True)
    sockets.chmod(0o777)  # PostgreSQL has an account of its own in its container
    place.start("--volume", f"{sockets}:/sockets")
    try:
        place.podman("exec", "-i", place.NAME, "sh", "-e", text=BY_SOCKET)
        place.wait(lambda: place.sql("SELECT 1", check=False).returncode == 0, "PostgreSQL")
        database = {"name": "guichet", "host": str(sockets), "user": place.APP}
        owner = {"user": place.OWNER}
        configuration = place.settings(folder, trusted_proxies=[""], database=database, owner=owner)
        return _figures(folder, configuration)
    finally:
        place.stop()


def memory() -> list[str]:
    """What gunicorn held when everything had been asked."""
    held = f"{max(_MEMORY):.0f} MiB"
    return [f"- gunicorn of the desk, master and two workers together (PSS): {held} (aim: 150 MB)"]


def _figures(folder: Path, configuration: Path) -> list[Figure]:
    first, again = [], []
    share = _share(folder / "desk.jsonl")
    for _ in range(RUNS):
        place.sql("DROP DATABASE guichet WITH (FORCE)")
        place.sql(place.ROLES.strip().splitlines()[-1])
        _guichet(configuration, "migrate")
        first.append(_converge(configuration, share))
        again.append(_converge(configuration, share))
    hosts = [_host(number) for number in range(TENANTS)]
    environment = {"GUICHET_CONFIG": str(configuration), "DJANGO_SETTINGS_MODULE": SETTINGS}
    os.environ |= environment
    cookie = json.loads(script("desk_fill.py", ROOT, json.dumps(hosts)))
    form, inbox = _asked(folder, configuration, hosts, cookie)
    size = f"{TENANTS} desks of {len(LIBRARY)} procedures"
    return [
        Figure("P13", f"converge of {size}, the first", first),
        Figure("P13", f"converge of {size}, nothing changed", again),
        Figure("P13", f"a form's page at one of {size}, p95 of {ASKED}", form, "≤ 10 ms"),
        Figure("P13", f"the inbox of 200 requests there, p95 of {ASKED}", inbox, "≤ 30 ms"),
    ]


SETTINGS = "guichet.settings"


def _host(number: int) -> str:
    return f"demarches.commune-{number}.example"


def _share(file: Path) -> Path:
    lines: list[dict[str, object]] = [
        {"format": 1, "service": "desk", "host": "desk", "environment": "bench"}
    ]
    for number in range(TENANTS):
        host, domain = _host(number), f"commune-{number}.example"
        desk = {"name": f"Commune {number}", "sender": f"ne-pas-repondre@{domain}"}
        resources: list[dict[str, object]] = [{"address": f"desk:{host}", "body": desk}]
        names = sorted({*LIBRARY[:9], PROCEDURE})
        resources += [
            {"address": f"procedure:{host}/{name}", "body": {"library": name}} for name in names
        ]
        agent = {"address": f"agent:{host}/accueil@{domain}", "body": {"role": "manager"}}
        lines.append(
            {
                "collectivity": f"46/commune-{number}",
                "siren": f"{910_000_000 + number}",
                "retired": False,
                "retired_domains": [],
                "domains": [domain],
                "resources": [*resources, agent],
            }
        )
    file.write_text("".join(f"{json.dumps(one)}\n" for one in lines), encoding="utf-8")
    return file


def _guichet(configuration: Path, *argv: str) -> str:
    environment = {**os.environ, "GUICHET_CONFIG": str(configuration), "GUICHET_AS": "owner"}
    argv = (sys.executable, "-m", "guichet", *argv)
    done = subprocess.run(
        argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{argv}: {done.stderr[-2000:]}")
    return done.stdout


def _converge(configuration: Path, share: Path) -> float:
    started = time.perf_counter()
    result = json.loads(_guichet(configuration, "converge", str(share)))
    took = time.perf_counter() - started
    assert not result["failed_changes"], result["failed_changes"][:3]
    return took


class _Link(http.client.HTTPConnection):
    """HTTP over a unix socket, as nginx asks; a connection for each request, as it makes one."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self.at = str(path)

    def connect(self) -> None:
        """Open it."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.at)


def _ask(path: Path, host: str, at: str, cookie: str = "", body: str | None = None):
    link = _Link(path)
    heads = {"Host": host, "X-Forwarded-Proto": "https", "X-Real-IP": "2001:db8::1"}
    if cookie:
        heads["Cookie"] = f"__Host-guichet={cookie}"
    if body is not None:
        heads |= {
            "Content-Type": "application/x-www-form-urlencoded",
            "Referer": f"https://{host}/",
        }
    started = time.perf_counter()
    link.request("GET" if body is None else "POST", at, body, heads)
    answer = link.getresponse()
    text = answer.read().decode()
    took = time.perf_counter() - started
    link.close()
    return answer, text, took


def _begun(path: Path, host: str) -> tuple[str, str]:
    """A form that a visitor has begun: the cookie, and where its first page is."""
    answer, text, _ = _ask(path, host, f"/demarches/{PROCEDURE}/")
    cookie = re.search(r"__Host-guichet=([^;]+)", answer.headers["Set-Cookie"])[1]  # type: ignore[index]
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', text)[1]  # type: ignore[index]
    body = f"csrfmiddlewaretoken={token}"
    answer, _, _ = _ask(path, host, f"/demarches/{PROCEDURE}/commencer", cookie, body)
    assert answer.status == 302, answer.status
    return cookie, answer.headers["Location"]


def _asked(
    folder: Path, configuration: Path, hosts: list[str], cookie: str
) -> tuple[list[float], list[float]]:
    path = folder / "desk.sock"
    argv = [sys.executable, "-m", "gunicorn", "guichet.wsgi", "--workers", "2"]
    argv += ["--bind", f"unix:{path}", "--no-control-socket", "--log-level", "warning"]
    argv += ["--config", "python:guichet.server"]
    environment = {**os.environ, "GUICHET_CONFIG": str(configuration), "GUICHET_AS": ""}
    process = subprocess.Popen(argv, cwd=ROOT, env=environment)
    try:
        place.wait(path.exists, "gunicorn")
        forms = [(host, *_begun(path, host)) for host in hosts]
        inbox = [(hosts[0], cookie, "/agents/demandes/")]
        found = [_p95(path, forms) for _ in range(RUNS)], [_p95(path, inbox) for _ in range(RUNS)]
        _MEMORY.append(_pss(process.pid))
    finally:
        process.terminate()
        process.wait(timeout=30)
    return found


def _p95(path: Path, pages: list[tuple[str, str, str]]) -> float:
    times = []
    for number in range(ASKED):
        host, cookie, at = pages[number % len(pages)]
        answer, _, took = _ask(path, host, at, cookie)
        assert answer.status == 200, (at, answer.status)
        times.append(took)
    return statistics.quantiles(times, n=20)[18]


def _pss(master: int) -> float:
    """MiB of a process and its children, what they share counted once (proc(5), Pss)."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    kilobytes = 0
    for pid in (str(master), *children):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        kilobytes += int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1])  # type: ignore[index]
    return kilobytes / 1024  # proc(5) writes kB and means KiB
