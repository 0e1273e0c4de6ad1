# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers with the real servers that the bulk modules work on, nothing more.

Each is Debian 12 with systemd, on a network of its own.  The images are built once, from
Debian's packages, and kept.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from ansible.executor.module_common import modify_module
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader, module_utils_loader
from ansible.template import Templar

from bastide.lab.image import base_image
from integration.debian import base, installing

NETWORK, SUBNET = "bastide-mod", "10.48.0.0/24"
ROOT = Path(__file__).parents[3]

init_plugin_loader()
module_utils_loader.add_directory(str(ROOT / "plugins" / "module_utils"))


@dataclass(frozen=True)
class Recipe:
    """What makes one kind of host."""

    kind: str
    address: str
    packages: tuple[str, ...]
    setup: str = ""
    parent: Recipe | None = None

    @property
    def name(self):
        return f"bastide-mod-{self.kind}"

    @property
    def image(self):
        """Its tag is what it is made of: another recipe is another image."""
        parent = self.parent.image if self.parent else base_image()
        made_of = "\n".join([parent, *self.packages, self.setup])
        digest = hashlib.sha256(made_of.encode()).hexdigest()[:12]
        return f"localhost/bastide-mod-{self.kind}:{digest}"


NS = Recipe(
    "ns",
    "10.48.0.10",
    ("knot", "knot-dnsutils", "knot-dnssecutils", "python3-dnspython"),
    """
    install -d -o root -g knot -m 750 /var/lib/knot/bastide /var/lib/knot/bastide/zones
    : > /etc/knot/bastide-zones.conf
    sed -i '0,/^server:/s//server:\\n    listen: 0.0.0.0@53/' /etc/knot/knot.conf
    cat >> /etc/knot/knot.conf <<'X'

policy:
  - id: signed
    cds-cdnskey-publish: always
  - id: leaving
    cds-cdnskey-publish: delete-dnssec
template:
  - id: bastide-signed
    zonefile-load: difference-no-serial
    journal-content: all
    dnssec-signing: on
    dnssec-policy: signed
  - id: bastide-leaving
    zonefile-load: difference-no-serial
    journal-content: all
    dnssec-signing: on
    dnssec-policy: leaving
zone:
  - domain: foreign.example
    file: /var/lib/knot/foreign.zone
    zonefile-sync: -1
include: /etc/knot/bastide-zones.conf
X
    cat > /var/lib/knot/foreign.zone <<'X'
foreign.example. 60 IN SOA ns1.lab.test. hostmaster.lab.test. 1 3600 600 86400 300
foreign.example. 60 IN NS ns1.lab.test.
X
    """,
)
MAIL = Recipe(
    "mail",
    "10.48.0.20",
    (
        *("postfix", "postfix-cdb", "dovecot-imapd", "dovecot-lmtpd", "dovecot-sqlite"),
        *("openssl", "sqlite3", "python3-dnspython"),
    ),
    # The user that reads the DKIM keys, without its software.
    "useradd --system --no-create-home _rspamd",
)
WEB = Recipe(
    "web",
    "10.48.0.30",
    ("nginx-light", "curl"),
    """
    install -d /etc/nginx/bastide /srv/pages
    : > /etc/nginx/bastide/pages.map; : > /etc/nginx/bastide/redirects.map
    rm /etc/nginx/sites-enabled/default
    cat > /etc/nginx/conf.d/pages.conf <<'X'
map $host $bastide_page { include /etc/nginx/bastide/pages.map; }
map $host $bastide_redirect { include /etc/nginx/bastide/redirects.map; }
server {
    listen 80 default_server;
    if ($bastide_redirect) { return 301 $bastide_redirect; }
    if ($bastide_page = "") { return 404; }
    root /srv/pages/$bastide_page;
}
X
    """,
)
TLS = Recipe(
    "tls",
    "10.48.0.50",
    ("nginx", "curl", "openssl", "python3-acme", "pebble"),
    """
    install -d -m 755 /etc/nginx/bastide/sites /srv/pages /srv/acme /srv/clients /etc/bastide/tls
    install -d -g www-data -m 750 /etc/bastide/tls/names
    for name in pages.map redirects.map paths.map certificates.map secured-sites.names \\
        secured-autoconfig.names secured-autodiscover.names secured-mta-sts.names 404.html
    do : > /etc/nginx/bastide/$name; done
    rm /etc/nginx/sites-enabled/default
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \\
        -subj /CN=host -addext subjectAltName=IP:127.0.0.1 \\
        -keyout /etc/bastide/tls/key.pem -out /etc/bastide/tls/certificate.pem
    cat > /etc/bastide/tls/acme.json <<'X'
{"directory": "https://127.0.0.1:14000/dir", "authority": "/etc/bastide/tls/certificate.pem",
 "contact": "hostmaster@info46.com", "limits": {}, "own": {}}
X
    cat > /etc/pebble.json <<'X'
{"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
 "certificate": "/etc/bastide/tls/certificate.pem", "privateKey": "/etc/bastide/tls/key.pem",
 "httpPort": 80, "tlsPort": 443, "certificateValidityPeriod": 7776000}}
X
    cat > /etc/systemd/system/pebble.service <<'X'
[Service]
Environment=PEBBLE_VA_NOSLEEP=1
StateDirectory=pebble
ExecStart=/usr/bin/pebble -config /etc/pebble.json -dnsserver 127.0.0.1:8053
ExecStartPost=/bin/sh -c 'curl -sS --retry 20 --retry-connrefused --retry-delay 1 \\
    -k https://127.0.0.1:15000/roots/0 >> /var/lib/pebble/roots.pem'
X
    cat > /etc/systemd/system/dns-of-tests.service <<'X'
[Service]
ExecStart=/usr/bin/pebble-challtestsrv -dns01 127.0.0.1:8053 -http01 "" -https01 "" -tlsalpn01 "" \\
    -management 127.0.0.1:8055 -defaultIPv4 127.0.0.1 -defaultIPv6 ""
X
    """,
)

# The same with name servers: Pebble asks a resolver that knows the zones of the secondary alone.
PROOFS = Recipe(
    "proofs",
    "10.48.0.51",
    ("knot", "knot-dnsutils", "knot-dnssecutils", "python3-dnspython", "unbound"),
    """
    install -d -o knot -g knot -m 750 /var/lib/knot/bastide /var/lib/knot/bastide/zones
    install -d -o knot -g knot -m 750 /var/lib/knot2
    : > /etc/knot/bastide-zones.conf
    sed -i s/127.0.0.1:8053/127.0.0.1:53/ /etc/systemd/system/pebble.service
    cat > /etc/systemd/system/knot-secondary.service <<'X'
[Service]
User=knot
RuntimeDirectory=knot2
ExecStart=/usr/sbin/knotd -c /etc/knot/secondary.conf
X
    cat > /etc/unbound/unbound.conf <<'X'
server:
    interface: 127.0.0.1
    do-not-query-localhost: no
    # As the lab's resolver (role resolver).
    module-config: "iterator"
    qname-minimisation: no
    cache-max-ttl: 1
    cache-max-negative-ttl: 1
    infra-host-ttl: 1
    infra-keep-probing: yes
forward-zone:
    name: "."
    forward-addr: 127.0.0.1@5302
X
    """,
    TLS,
)


def podman(*argv, text=None, check=True):
    """Run podman; with runc where there is one, since crun refuses hybrid cgroups."""
    runtime = ["--runtime", "runc"] if shutil.which("runc") else []
    done = subprocess.run(
        ["podman", *runtime, *argv], input=text, capture_output=True, text=True, check=False
    )
    if check and done.returncode != 0:
        raise AssertionError(f"podman {argv}: {done.stderr}{done.stdout}")
    return done


def _exists(kind, name):
    return podman(kind, "exists", name, check=False).returncode == 0


def _boot(recipe, image):
    if not _exists("network", NETWORK):
        podman("network", "create", NETWORK, "--subnet", SUBNET)
    # Twice: the first only finds out that a container was killed together with its monitor.
    for _ in range(2):
        podman("rm", "-f", "-t", "0", recipe.name, check=False)
    limits = ["--ulimit", "nofile=20000:20000", "--ulimit", "nproc=32768:32768"]
    where = ["--network", NETWORK, "--ip", recipe.address]
    # A small file system of its own, so that a full disk can be had.
    small = ["--tmpfs", "/var/lib/bastide:rw,size=64m,mode=755"]
    argv = ["run", "-d", "--name", recipe.name, "--systemd=always", *limits, *where, *small]
    podman(*argv, image, "/sbin/init")
    deadline = time.monotonic() + 60
    state = ""
    while time.monotonic() < deadline and state not in ("running", "degraded"):
        done = podman("exec", recipe.name, "systemctl", "is-system-running", check=False)
        state = done.stdout.strip()
        time.sleep(0.2)  # systemd offers no wait before its bus is there
    assert state in ("running", "degraded"), f"{recipe.name} does not boot: {state}"


def build(recipe):
    """Make the image of `recipe` when it is not there."""
    if _exists("image", recipe.image):
        return
    if recipe.parent:
        build(recipe.parent)
    _boot(recipe, recipe.parent.image if recipe.parent else base())
    podman("exec", "-i", recipe.name, "sh", text=installing(recipe.packages) + recipe.setup)
    podman("exec", recipe.name, "systemctl", "poweroff", check=False)
    podman("wait", recipe.name)
    podman("commit", recipe.name, recipe.image)
    podman("rm", "-f", recipe.name)


def start(recipe):
    """A freshly booted container of `recipe`; returns its name."""
    build(recipe)
    _boot(recipe, recipe.image)
    return recipe.name


def stop(recipe):
    """Remove the container; the network goes with the last one."""
    podman("rm", "-f", "-t", "0", recipe.name, check=False)
    podman("network", "rm", NETWORK, check=False)


class Host:
    """A container as the tests see it: commands, files, and modules run by Ansible.

    `name` is any container with the servers of its kind, so that the same tests run in
    the lab.
    """

    def __init__(self, name, scratch):
        self.name = name
        self.scratch = scratch
        # Ansible's local connection with the container's Python at its end: modules go
        # in by pipelining, as they do over SSH.
        self.python = scratch / f"python-in-{name}"
        runtime = "--runtime runc " if shutil.which("runc") else ""
        exec_it = f'exec podman {runtime}exec -i {name} /usr/bin/python3 "$@"'
        self.python.write_text(f"#!/bin/sh\n{exec_it}\n")
        self.python.chmod(0o755)

    def sh(self, script, *, check=True):
        """Run a shell script in the container; its standard output."""
        done = podman("exec", "-i", self.name, "bash", "-eu", text=script, check=False)
        assert not check or done.returncode == 0, f"{script}: {done.stdout}{done.stderr}"
        return done.stdout

    def read(self, path):
        return self.sh(f"cat {path}")

    def put(self, path, text):
        podman("exec", "-i", self.name, "sh", "-c", f"mkdir -p $(dirname {path}); cat > {path}")
        podman("exec", "-i", self.name, "sh", "-c", f"cat > {path}", text=text)

    def payload(self, module, args, *, check_mode=False, diff=False):
        """What Ansible would send to the container's Python for this module."""
        given = {**args, "_ansible_check_mode": check_mode, "_ansible_diff": diff}
        built = modify_module(
            module_name=module,
            module_path=str(ROOT / "plugins" / "modules" / f"{module}.py"),
            module_args=given,
            templar=Templar(loader=DataLoader()),
            task_vars={"ansible_python_interpreter": "/usr/bin/python3"},
        )
        return built.b_module_data.decode()

    def module(self, module, args, *, check_mode=False, diff=False):
        """Run a module as Ansible does, without starting the command; its result."""
        text = self.payload(module, args, check_mode=check_mode, diff=diff)
        done = podman("exec", "-i", self.name, "/usr/bin/python3", "-", text=text, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        result = {"failed": False} | json.loads(done.stdout)
        assert "exception" not in result, result["exception"]
        return result

    def by_ansible(self, module, args, *, check_mode=False):
        """Run a module by the command `ansible`, options and output included."""
        inventory = self.scratch / f"{self.name}.yml"
        hosts = {self.name: {"ansible_python_interpreter": str(self.python)}}
        inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
        argv = ["ansible", self.name, "-i", str(inventory), "-c", "local", "-m", module]
        argv += ["-a", json.dumps(args), "--diff", *(["--check"] if check_mode else [])]
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
        return done.stdout
