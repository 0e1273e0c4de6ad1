# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of the platform, from platform.yml to signatures that strangers verify.

Everything that leaves is caught by the sink and verified twice: by dkimpy, which asks the lab's
name server, and by Rspamd on a host that did not sign it.
"""

import email.message
import email.utils
import hashlib
import json
import re
import smtplib
import ssl
import subprocess
import uuid

import dkim
import pytest

from bastide.lab import read_sink
from integration.town import Town, charter

HERE, THERE = "214600017", "214600025"
OUTSIDE = "verifie@example.org"
NOTE = "/var/lib/bastide/mail/dkim/platform.json"
HOSTS = ("mail", "mail2")


class Platform:
    """A town whose mail the platform's own keys sign; `selector` is of this run alone."""

    def __init__(self, town):
        self.town = town
        self.selector = f"t{town.token}"
        self.box = f"mairie@{town.albas}"
        self.plain = (town.root / "inventory" / "lab" / "platform.yml").read_text("utf-8")
        town.write("46/albas", charter(HERE, town.albas))

    def declare(self, generation=1, *, own=True):
        text = self.plain
        lines = (
            f"  dkim: {{zone: info46.com, selector: {self.selector}, generation: {generation}}}\n"
        )
        lines += "  dane: true\n" + ("  dkim_selector: b2026\n" if own else "")
        text = re.sub(r"(?m)^  (dkim|dane|dkim_selector):.*\n", "", text)
        text = text.replace("mail:\n", f"mail:\n{lines}", 1)
        (self.town.root / "inventory" / "lab" / "platform.yml").write_text(text, "utf-8")
        self.town.commit(f"generation {generation}")

    def clean(self):
        """Leave the hosts without keys of this run."""
        # A third of a zone goes, which wants to be said.
        plain = self.plain.replace("  zone: {share: 0.3,", "  zone: {share: 1.0,")
        (self.town.root / "inventory" / "lab" / "platform.yml").write_text(plain, "utf-8")
        self.town.commit("as before")
        self.town.apply()

    def later(self, seconds):
        """As if so much time had passed on both mail hosts."""
        for host in HOSTS:
            note = json.loads(self.town.podman(host, "cat", NOTE))
            for one in note["generations"]:
                for step in ("made", "seen", "signs", "left"):
                    one[step] = one[step] - seconds if one[step] is not None else None
            script = f"cat > {NOTE} <<'X'\n{json.dumps(note)}\nX"
            self.town.podman(host, "sh", "-c", script)

    def selectors(self, place, host="mail"):
        beside = "" if host == "mail" else f"--{host}"
        return {f"{self.selector}-{kind}{place}{beside}" for kind in ("rsa", "ed")}


@pytest.fixture(scope="module")
def platform(lab, tmp_path_factory):
    root = tmp_path_factory.mktemp("keys") / "town"
    root.mkdir()
    made = Platform(Town(root.resolve(), lab))
    made.declare()
    made.town.apply()
    yield made
    made.clean()


@pytest.fixture(scope="module")
def password(platform):
    return platform.town.run("mail", "password", platform.box).stdout.strip()


@pytest.fixture
def leave(platform, password, lab, address, trust, eventually):
    """leave(host) sends a message through `host`; what the sink got, as bytes."""

    def submit(host="mail"):
        one = email.message.EmailMessage()
        one["From"], one["To"], one["Subject"] = platform.box, OUTSIDE, uuid.uuid4().hex
        one["Date"] = email.utils.formatdate(usegmt=True)
        one["Message-ID"] = email.utils.make_msgid(domain=platform.town.albas)
        one.set_content("Bonjour.\n")
        with smtplib.SMTP_SSL(address(host), 465, timeout=60, context=trust) as smtp:
            smtp.login(platform.box, password)
            smtp.send_message(one)

        def look():
            got = read_sink(lab.root, OUTSIDE)
            return next((c for c in got if c.message["Subject"] == one["Subject"]), None)

        return eventually(look, "the message in the sink").message.as_bytes()

    return submit


def signatures(raw):
    """Selector → algorithm of each signature of a message."""
    found = email.message_from_bytes(raw).get_all("DKIM-Signature") or []
    tags = [
        dict(t.strip().split("=", 1) for t in re.sub(r"\s+", "", one).strip(";").split(";"))
        for one in found
    ]
    return {one["s"]: one["a"] for one in tags}


def verified(town, raw):
    """Selector → whether dkimpy verifies that signature, by what the name server gives."""

    def ask(name, timeout=5):
        # As a resolver does: the CNAME of the town's domain is followed.
        owner = name.decode() if isinstance(name, bytes) else name
        for target in town.ask(owner, "CNAME"):
            owner = target
        texts = town.ask(owner, "TXT")
        return "".join(re.findall(r'"([^"]*)"', texts[0])).encode() if texts else None

    message = dkim.DKIM(raw)
    found = {}
    for number, selector in enumerate(signatures(raw)):
        try:
            found[selector] = message.verify(idx=number, dnsfunc=ask)
        except dkim.DKIMException:
            found[selector] = False
    return found


def by_rspamd(town, host, raw):
    """Selectors that Rspamd on `host` verifies, as for a message from outside."""
    done = subprocess.run(
        ["podman", "exec", "-i", town.containers[host], "rspamc", "--json", "-i", "192.0.2.9"],
        input=raw,
        capture_output=True,
        check=True,
    )
    found = json.loads(done.stdout[done.stdout.index(b"{") :])["symbols"]
    options = found.get("R_DKIM_ALLOW", {}).get("options", [])
    return {one.partition("s=")[2] for one in options}


@pytest.mark.parametrize("host", HOSTS)
def test_mail_leaves_with_three_signatures_that_strangers_verify(platform, leave, host):
    town, raw = platform.town, leave(host)
    own = "b2026" if host == "mail" else "b2026--mail2"
    wanted = {own, *platform.selectors(1, host)}
    assert signatures(raw).keys() == wanted
    assert set(signatures(raw).values()) == {"rsa-sha256", "ed25519-sha256"}
    assert verified(town, raw) == dict.fromkeys(wanted, True)
    other = next(one for one in HOSTS if one != host)
    assert by_rspamd(town, other, raw) == wanted


def test_a_changed_message_is_verified_by_nobody(platform, leave):
    raw = leave().replace(b"Bonjour.", b"Bonsoir.")
    assert set(verified(platform.town, raw).values()) == {False}
    assert by_rspamd(platform.town, "mail2", raw) == set()


def test_at_rest_a_plan_has_nothing_to_do(platform):
    plan = platform.town.plan()
    assert (plan["changes"], plan["repairs"]) == ([], [])
    shown = platform.town.run("mail", "keys").stdout
    assert shown.count("signs since") == len(HOSTS)
    assert platform.town.albas not in shown


def test_keys_change_without_a_message_that_cannot_be_verified(platform, leave):
    town = platform.town
    old, new = platform.selectors(1), platform.selectors(2)
    first = leave()
    platform.declare(generation=2)
    assert "keys of generation 1 → keys of generation 2" in town.run("plan").stdout
    town.apply()  # makes them
    plan = town.plan()
    changed = {one["address"] for one in plan["changes"]}
    assert {f"rrset:{name}._domainkey.info46.com./TXT" for name in new} <= changed
    assert all(one["address"].startswith("rrset:") for one in plan["changes"])
    town.apply()  # publishes them
    assert signatures(leave()).keys() == {"b2026", *old}
    platform.later(3600)
    assert set(town.plan()["repairs"]) == set(HOSTS)
    town.apply()  # lets them sign
    second = leave()
    assert signatures(second).keys() == {"b2026", *new}
    for raw in (first, second):
        assert set(verified(town, raw).values()) == {True}
    assert by_rspamd(town, "mail2", first) == {"b2026", *old}
    platform.later(7 * 86400)
    town.apply()  # lets the old ones go
    town.apply()  # takes them out of the zone
    assert town.plan()["changes"] == []
    for name in old:
        assert town.ask(f"{name}._domainkey.info46.com", "TXT") == ['"v=DKIM1; p="']
    assert verified(town, second) == dict.fromkeys({"b2026", *new}, True)
    assert verified(town, first) == {"b2026": True} | dict.fromkeys(old, False)


def test_a_domain_needs_no_key_of_its_own(platform, leave):
    town = platform.town
    platform.declare(generation=2, own=False)
    town.apply()
    plan = town.plan()
    assert (plan["changes"], plan["repairs"]) == ([], [])
    assert town.ask(f"b2026._domainkey.{town.albas}", "TXT") == []
    raw = leave()
    assert verified(town, raw) == dict.fromkeys(platform.selectors(2), True)
    done = town.run("verify", "albas", code=None)
    assert "dns" in done.stdout


@pytest.mark.parametrize("host", HOSTS)
def test_the_certificate_on_port_25_is_the_one_that_dane_names(platform, address, host):
    town, name = platform.town, f"{host}.info46.com"
    records = town.ask(f"_25._tcp.{name}", "TLSA")
    assert len(records) == 2
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with smtplib.SMTP(address(host), 25, timeout=20) as smtp:
        smtp.starttls(context=context)
        shown = smtp.sock.getpeercert(binary_form=True)
    public = _openssl("x509", "-inform", "DER", "-noout", "-pubkey", text=shown)
    der = _openssl("pkey", "-pubin", "-outform", "DER", text=public)
    assert f"3 1 1 {hashlib.sha256(der).hexdigest()}" in records
    # OpenSSL's own DANE: nothing but the record vouches for the certificate.
    for record, verdict in ((records, b"Verification: OK"), (["3 1 1 " + "0" * 64], b"error")):
        argv = ["s_client", "-starttls", "smtp", "-connect", f"{address(host)}:25", "-brief"]
        argv += ["-dane_tlsa_domain", name]
        for one in record:
            argv += ["-dane_tlsa_rrdata", one]
        done = subprocess.run(["openssl", *argv], input=b"QUIT\n", capture_output=True, check=False)
        assert verdict in done.stdout + done.stderr


def _openssl(*argv, text):
    return subprocess.run(["openssl", *argv], input=text, capture_output=True, check=True).stdout
