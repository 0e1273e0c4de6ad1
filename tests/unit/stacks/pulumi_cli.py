# SPDX-License-Identifier: GPL-3.0-or-later
"""An imitation of the `pulumi` command, as far as Automation API uses it; it refuses all else.

Back end: ``file://`` in the layout of the real one (.pulumi/stacks, .pulumi/locks).  Cloudflare is
the API at CLOUDFLARE_BASE_URL, where that is set, else the file BASTIDE_IMITATION_CLOUD.  `install`
puts it at ``ROOT/bin/pulumi``.  It shows that Bastide speaks to the command as the command wants
it; what the real engine and the real provider do, it cannot show.
"""

import argparse
import datetime as dt
import json
import os
import re
import signal
import socket
import sys
import time
import uuid
from pathlib import Path

VERSION = "3.272.0"
PLUGIN = "resource-cloudflare-v6.23.1"
LOCKED = (
    "the stack is currently locked by {} lock(s). Either wait for the other process(es) to end or "
    "delete the lock file with `pulumi cancel`."
)
PENDING = "Attempting to deploy or update resources with pending operations"


def install(root):
    """Put it where Automation API looks for it."""
    command = Path(root) / "bin" / "pulumi"
    command.parent.mkdir(parents=True)
    command.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from pulumi_cli import main\nmain(sys.argv[1:])\n",
        encoding="utf-8",
    )
    command.chmod(0o755)
    return command


def fail(message, code=255):
    sys.stderr.write(f"error: {message}\n")
    sys.exit(code)


class Parser(argparse.ArgumentParser):
    def error(self, message):
        fail(message)


def parser():
    top = Parser(prog="pulumi", allow_abbrev=False)
    top.add_argument("--non-interactive", action="store_true")
    commands = top.add_subparsers(dest="command", required=True, parser_class=Parser)

    def add(parent, name):
        one = parent.add_parser(name, allow_abbrev=False)
        one.add_argument("--stack")
        return one

    commands.add_parser("version")
    add(commands, "cancel").add_argument("--yes", action="store_true")
    for name in ("preview", "up"):
        one = add(commands, name)
        one.add_argument("--parallel", type=int, default=16)
        one.add_argument("--color", choices=["always", "never", "raw", "auto"])
        one.add_argument("--client", required=True)
        one.add_argument("--exec-kind", choices=["auto.inline"])
        one.add_argument("--event-log")
        if name == "up":
            for flag in ("--yes", "--skip-preview", "--continue-on-error"):
                one.add_argument(flag, action="store_true")
    stack = commands.add_parser("stack", allow_abbrev=False)
    inner = stack.add_subparsers(dest="inner", required=True, parser_class=Parser)
    add(inner, "select")
    init = inner.add_parser("init", allow_abbrev=False)
    init.add_argument("name")
    init.add_argument("--secrets-provider")
    add(inner, "export").add_argument("--show-secrets", action="store_true")
    output = add(inner, "output")
    history = add(inner, "history")
    for one in (output, history):
        one.add_argument("--json", action="store_true")
        one.add_argument("--show-secrets", action="store_true")
    history.add_argument("--page-size", type=int)
    history.add_argument("--page", type=int)
    return top


class Backend:
    """One stack in a folder."""

    def __init__(self, name):
        url = os.environ.get("PULUMI_BACKEND_URL", "")
        if not url.startswith("file://"):
            fail("PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions")
        if "PULUMI_HOME" not in os.environ:
            fail("PULUMI_HOME is not set")
        if not Path("Pulumi.yaml").is_file():
            fail("no Pulumi.yaml project file found (searching upwards from the working folder)")
        project = re.search(r"^name: (\S+)$", Path("Pulumi.yaml").read_text("utf-8"), re.MULTILINE)[
            1
        ]
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", name):
            fail(f"invalid stack name {name!r}")
        self.project, self.name = project, name
        self.folder = Path(url.removeprefix("file://"))
        if not self.folder.is_dir():
            fail(f"unable to open bucket {url}: no such file or directory")
        self.file = self.folder / ".pulumi/stacks" / project / f"{name}.json"
        self.locks = self.folder / ".pulumi/locks/organization" / project / name

    def require(self):
        if not self.file.is_file():
            fail(f"no stack named '{self.name}' found")

    def write(self, resources, pending):
        latest = {"manifest": {}, "resources": resources, "pending_operations": pending}
        text = json.dumps({"version": 3, "checkpoint": {"stack": self.name, "latest": latest}})
        beside = self.file.with_suffix(f".{os.getpid()}")
        self.file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, "utf-8")
        beside.replace(self.file)

    def lock(self):
        held = sorted(self.locks.glob("*.json"))
        if held:
            words = [LOCKED.format(len(held))]
            for one in held:
                c = json.loads(one.read_text("utf-8"))
                who = f"{c['username']}@{c['hostname']} (pid {c['pid']}) at {c['timestamp']}"
                words.append(f"  file://{one}: created by {who}")
            fail("\n".join(words))
        self.locks.mkdir(parents=True, exist_ok=True)
        content = {
            "pid": os.getpid(),
            "username": "root",
            "hostname": socket.gethostname(),
            "timestamp": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        mine = self.locks / f"{uuid.uuid4()}.json"
        mine.write_text(json.dumps(content), "utf-8")
        return mine


def passphrase():
    if os.environ.get("PULUMI_CONFIG_PASSPHRASE") or os.environ.get(
        "PULUMI_CONFIG_PASSPHRASE_FILE"
    ):
        return
    fail(
        'constructing secrets manager of type "passphrase": unable to find either '
        "`PULUMI_CONFIG_PASSPHRASE` nor `PULUMI_CONFIG_PASSPHRASE_FILE` when trying to access the "
        "Passphrase Secrets Provider"
    )


def require(dry, backend):
    """What `preview` and `up` need before they begin; and hooks of tests."""
    passphrase()
    if not re.fullmatch(r"[0-9A-Za-z\-_]{40,80}", os.environ.get("CLOUDFLARE_API_TOKEN", "")):
        fail("API tokens must be 40 to 80 characters long: letters, digits, hyphens, underscores")
    if not (Path(os.environ["PULUMI_HOME"]) / "plugins" / PLUGIN).is_dir():
        fail(f"no resource plugin '{PLUGIN}' found in the workspace")
    if os.environ.get("BASTIDE_IMITATION_KILLS_WORKER_OF") == backend.name:
        os.kill(os.getppid(), signal.SIGKILL)
    gate = os.environ.get("BASTIDE_IMITATION_GATE")
    if gate and not dry:
        Path(f"{gate}.reached").touch()
        while not Path(gate).exists():
            time.sleep(0.05)


def operate(options, backend):
    """`preview` and `up`."""
    dry = options.command == "preview"
    require(dry, backend)
    from pulumi_api import ApiCloud
    from pulumi_cloud import Cloud
    from pulumi_engine import Engine, checkpoint

    state = checkpoint(backend.file)
    if state["pending"]:
        sys.stderr.write(f"warning: {PENDING}\n")
        if not dry:
            state["pending"] = []
    mine = None if dry else backend.lock()
    url = os.environ.get("CLOUDFLARE_BASE_URL")
    if url:
        cloud = ApiCloud(url, os.environ["CLOUDFLARE_API_TOKEN"])
    else:
        cloud = Cloud(os.environ["BASTIDE_IMITATION_CLOUD"])

    def save():
        backend.write(list(state["resources"].values()), state["pending"])

    engine = Engine(backend.project, backend.name, state, cloud, save, dry=dry)
    try:
        done = engine.run(options.client, options.event_log, options.parallel)
    finally:
        if mine:
            mine.unlink()
    if not done:
        fail("preview failed" if dry else "update failed")
    if not dry:
        backend.file.with_suffix(".history").write_text("up", "utf-8")
        save()


def initialise(name, provider):
    """`stack init`."""
    backend = Backend(name)
    passphrase()
    if backend.file.exists():
        fail(f"stack '{name}' already exists")
    if provider != "passphrase":
        fail("unknown secrets provider")
    backend.write([], [])


def history():
    """`stack history --page-size 1`."""
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    facts = {"startTime": now, "endTime": now, "kind": "update", "result": "succeeded"}
    return {**facts, "message": "", "environment": {}, "config": {}}


def main(arguments):
    options = parser().parse_args(arguments)
    if options.command == "version":
        say(f"v{VERSION}")
        return
    if not options.non_interactive:
        fail("this imitation asks nothing")
    if options.command == "stack" and options.inner == "init":
        initialise(options.name, options.secrets_provider)
        return
    backend = Backend(options.stack)
    backend.require()
    if options.command == "cancel":
        for one in backend.locks.glob("*.json"):
            one.unlink()
    elif options.command in {"preview", "up"}:
        operate(options, backend)
    elif options.inner == "export":
        latest = json.loads(backend.file.read_text("utf-8"))["checkpoint"]["latest"]
        say(json.dumps({"version": 3, "deployment": latest}, indent=4))
    elif options.inner == "output":
        say("{}")
    elif options.inner == "history":
        say(json.dumps([history()]))


def say(text):
    sys.stdout.write(text + "\n")
