# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab works out without any container: layout, digests, certificates, a second root."""

import shutil
import ssl
from pathlib import Path

import pytest

from bastide.diagnostics import RunFailed
from bastide.lab import twin
from bastide.lab.access import ensure_key
from bastide.lab.applied import Applied
from bastide.lab.certificates import ensure_certificates, fingerprint
from bastide.lab.digest import applied_digest, image_digest
from bastide.lab.killed import was_killed
from bastide.lab.layout import read_layout

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def root(tmp_path):
    """A copy of what the lab reads of a repository."""
    for name in ("inventory", "playbooks", "roles"):
        shutil.copytree(ROOT / name, tmp_path / "root" / name)
    return tmp_path / "root"


def host_of(lab, name):
    return next(host for host in lab.hosts if host.name == name)


def edit(root, old, new, path="inventory/lab/hosts.yml"):
    file = root / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_the_labs_hosts_have_the_addresses_that_the_design_gives_them(root):
    lab = read_layout(root)
    assert {host.name: host.address for host in lab.hosts} == {
        "ns": "10.46.0.10",
        "ns1": "10.46.0.11",
        "ns2": "10.46.0.12",
        "mail": "10.46.0.20",
        "mail2": "10.46.0.21",
        "web": "10.46.0.30",
        "desk": "10.46.0.50",
        "sink": "10.46.0.40",
    }
    assert lab.resolver == "10.46.0.40"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("all:\n", "tout:\n"),
        ("lab_subnet: 10.46.0.0/24", "lab_subnet: 10.46.0.0/240"),
        ("lab_subnet: 10.46.0.0/24", "lab_subnet: 10.48.0.0/24"),
        ("ansible_host: 10.46.0.20", "ansible_host: mail"),
        ("lab_after: ns", "lab_after: sink"),
        ("lab_after: ns", "lab_after: nobody"),
        ("lab_ports: [22, 53]", "lab_ports: 53"),
        ("    closed:\n", "    open:\n"),
        ("all:\n", "all: [\n"),
        ("all:\n", "- all:\n"),
    ],
)
def test_an_inventory_that_cannot_be_used_is_told_and_no_traceback(root, old, new):
    edit(root, old, new)
    with pytest.raises(RunFailed) as failure:
        read_layout(root)
    (finding,) = failure.value.diagnostics
    assert finding.code == "L604"
    assert finding.file.endswith("hosts.yml")
    assert finding.message("fr") != finding.message("en")


def test_a_root_without_inventory_is_told(tmp_path):
    with pytest.raises(RunFailed, match="cannot be used"):
        read_layout(tmp_path)


def test_a_role_changes_the_image_of_the_hosts_that_have_it_and_no_other(root):
    lab = read_layout(root)
    before = {host.name: image_digest(lab, host, "base") for host in lab.hosts}
    edit(root, "server_tokens off", "server_tokens on", "roles/nginx/templates/nginx.conf.j2")
    after = {host.name: image_digest(lab, host, "base") for host in lab.hosts}
    # The mail host has the role nginx as well, for the webmail, and the desk, for its application.
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"mail", "mail2", "web", "desk"}


@pytest.mark.parametrize(
    "path", ["src/guichet/urls.py", "src/comarquage/fill.py", "requirements.lock"]
)
def test_the_code_of_the_desk_changes_the_image_of_its_host_alone(root, path):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / path, file)
    lab = read_layout(root)
    before = {host.name: image_digest(lab, host, "base") for host in lab.hosts}
    file.write_text(file.read_text() + "# another\n")
    after = {host.name: image_digest(lab, host, "base") for host in lab.hosts}
    assert {name for name in before if before[name] != after[name]} == {"desk"}


def test_the_base_changes_every_image(root):
    lab = read_layout(root)
    assert all(image_digest(lab, one, "a") != image_digest(lab, one, "b") for one in lab.hosts)


def test_a_twin_shares_the_images_and_not_the_place(root, tmp_path):
    first = read_layout(root)
    second = read_layout(twin(root, tmp_path / "twin"))
    assert (second.name, second.subnet) == ("bastide-test", "10.47.0.0/24")
    assert [host.address for host in second.hosts] == [
        host.address.replace("10.46.", "10.47.") for host in first.hosts
    ]
    for lab in (first, second):
        ensure_certificates(lab)
    for one, other in zip(first.hosts, second.hosts, strict=True):
        image = image_digest(first, one, "base")
        assert image == image_digest(second, other, "base")
        assert applied_digest(first, one, image) != applied_digest(second, other, image)


def test_a_twin_that_says_more_starts_from_the_same_images_and_is_configured(root, tmp_path):
    lab = read_layout(twin(root, tmp_path / "twin"))
    ensure_certificates(lab)

    def digests():
        images = [image_digest(lab, one, "base") for one in lab.hosts]
        return images, [applied_digest(lab, one, "image") for one in lab.hosts]

    images, applied = digests()
    edit(lab.root, "ttl: 3600", "ttl: 7200", "inventory/lab/platform.yml")
    same, others = digests()
    assert images == same == [image_digest(read_layout(root), one, "base") for one in lab.hosts]
    assert not set(applied) & set(others)


def test_a_twin_made_again_follows_its_root_and_keeps_its_keys(root, tmp_path):
    target = tmp_path / "twin"
    key = ensure_key(read_layout(twin(root, target)))
    edit(root, "lab_ports: [22, 53]", "lab_ports: [22, 53, 853]")
    again = read_layout(twin(root, target))
    assert 853 in host_of(again, "ns").ports
    assert ensure_key(again) == key


def test_certificates_are_kept_until_the_hosts_names_change(root):
    lab = read_layout(root)
    ensure_certificates(lab)
    before = {host.name: fingerprint(lab, host) for host in lab.hosts}
    ensure_certificates(lab)
    assert before == {host.name: fingerprint(lab, host) for host in lab.hosts}

    edit(root, "[web.info46.com, config", "[web.info46.com, www.info46.com, config")
    lab = read_layout(root)
    ensure_certificates(lab)
    changed = {host.name for host in lab.hosts if fingerprint(lab, host) != before[host.name]}
    assert changed == {"web"}


@pytest.mark.parametrize("damage", ["ca.key", "mail.key", "mail.pem"])
def test_a_damaged_certificate_is_made_again(root, damage):
    lab = read_layout(root)
    ensure_certificates(lab)
    file = lab.files / "tls" / damage
    file.write_text("cut sho")
    ensure_certificates(lab)
    context = ssl.create_default_context(cafile=lab.files / "tls" / "ca.pem")
    context.load_cert_chain(lab.files / "tls" / "mail.pem", lab.files / "tls" / "mail.key")


def test_private_keys_are_readable_by_their_owner_alone(root):
    lab = read_layout(root)
    ensure_certificates(lab)
    ensure_key(lab)
    for file in [*(lab.files / "tls").glob("*.key"), lab.files / "ssh" / "key"]:
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_damaged_record_of_what_was_applied_counts_as_none(root):
    lab = read_layout(root)
    Applied(lab).put("c1", "d1")
    assert Applied(lab).get("c1") == "d1"
    (lab.files / "applied.json").write_text("{")
    assert Applied(lab).get("c1") is None


def _process(proc, pid, groups, state):
    (proc / str(pid)).mkdir(parents=True)
    (proc / str(pid) / "cgroup").write_text(groups)
    (proc / str(pid) / "status").write_text(f"Name:\tsystemd\nState:\t{state}\n")


@pytest.mark.parametrize(
    ("groups", "state", "podman_says", "killed"),
    [
        ("0::/libpod_parent/libpod-abc/init.scope\n", "S (sleeping)", "running", False),
        ("0::/libpod_parent/libpod-abc/init.scope\n", "Z (zombie)", "running", True),
        ("0::/user.slice\n", "S (sleeping)", "running", True),
        (None, "", "running", True),
        (None, "", "stopping", True),
        (None, "", "exited", False),
    ],
)
def test_a_container_whose_process_is_gone_or_anothers_was_killed(
    tmp_path, groups, state, podman_says, killed
):
    if groups is not None:
        _process(tmp_path, 42, groups, state)
    container = {"Id": "abc", "Pid": 42, "State": podman_says}
    assert was_killed(container, tmp_path) is killed
