# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory and callback plugins, run by the real Ansible on this machine alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
HOSTS = """\
all:
  children:
    dns: {hosts: {ns: {ansible_connection: local}}}
    mail: {hosts: {mx: {ansible_connection: local}}}
"""


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "inventory" / "lab"
    folder.mkdir(parents=True)
    (folder / "hosts.yml").write_text(HOSTS, encoding="utf-8")
    (folder / "bastide.yml").write_text("plugin: bastide\n", encoding="utf-8")
    (folder / "platform.yml").write_text("operator: {name: x}\n", encoding="utf-8")
    return tmp_path


def ansible(root, command, *arguments, **more):
    return subprocess.run(
        [str(BIN / command), *arguments],
        cwd=root,
        env=os.environ
        | {
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_HOME": str(root / "a"),
            "PATH": f"{BIN}:{os.environ['PATH']}",
        }
        | more.pop("env", {}),
        capture_output=True, text=True, check=False, **more,
    )  # fmt: skip


def shares(root, index):
    folder = root / ".bastide" / "lab" / "shares"
    folder.mkdir(parents=True)
    (folder / "index.json").write_text(index, encoding="utf-8")
    return folder


def inventory(root):
    done = ansible(root, "ansible-inventory", "-i", str(root / "inventory" / "lab"), "--list")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["_meta"]["hostvars"]


def test_each_host_is_given_the_path_and_digest_of_its_share(root):
    entry = {"file": "dns.jsonl", "digest": "ab12"}
    folder = shares(root, json.dumps({"generation": "g", "hosts": {"ns": {"dns": entry}}}))
    # What comes from a file of ours is data: Ansible marks it as unsafe to template.
    given = inventory(root)["ns"]["bastide_shares"]["dns"]
    assert {key: value["__ansible_unsafe"] for key, value in given.items()} == {
        "path": str(folder / "ns" / "dns.jsonl"),
        **entry,
    }


def test_before_anything_is_compiled_the_inventory_still_works(root):
    assert "bastide_shares" not in inventory(root).get("ns", {})


def test_a_damaged_index_is_told_with_the_way_out(root):
    shares(root, "{")
    done = ansible(root, "ansible-inventory", "-i", str(root / "inventory" / "lab"), "--list")
    assert done.returncode != 0
    assert "run bastide plan" in done.stderr


PLAYBOOK = """\
- hosts: dns
  gather_facts: false
  tasks:
    - name: A task that is none of ours
      ansible.builtin.command: /bin/echo secret-output
      changed_when: false
    - name: One that fails
      ansible.builtin.fail: {msg: it broke}
"""


def test_the_callback_streams_events_and_keeps_what_is_not_ours_to_itself(root):
    (root / "p.yml").write_text(PLAYBOOK, encoding="utf-8")
    reader, writer = os.pipe()
    done = ansible(
        root, "ansible-playbook", "-i", str(root / "inventory" / "lab"), "p.yml",
        env={"ANSIBLE_CALLBACKS_ENABLED": "bastide_events", "BASTIDE_EVENTS_FD": str(writer)},
        pass_fds=(writer,),
    )  # fmt: skip
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        events = [json.loads(line) for line in pipe]
    assert done.returncode == 2
    assert [e["event"] for e in events] == ["start", "ok", "start", "failed", "end"]
    failed = events[3]
    assert (failed["host"], failed["message"]) == ("ns", "it broke")
    assert "secret-output" not in json.dumps(events)
