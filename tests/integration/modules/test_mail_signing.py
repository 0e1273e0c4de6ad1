# SPDX-License-Identifier: GPL-3.0-or-later
"""bastide_mail_signing with real keys, asking a real Knot over the network."""

import base64
import json

import pytest
from containers import NS
from shares import CAHORS, OPERATOR, collectivity, rrset, share, zone

pytestmark = pytest.mark.lab

SHARE = "/root/share.jsonl"
KEYS = "/var/lib/bastide/mail/dkim"
SELECTORS = {"rsa": ["b-rsa1", "b-rsa2"], "ed25519": ["b-ed1", "b-ed2"]}
NAMES = sorted(name for pair in SELECTORS.values() for name in pair)
REVOKED = '"v=DKIM1; p="'


class Platform:
    """A mail host and a name server, converged one after the other as a run does."""

    def __init__(self, mail, ns):
        self.mail, self.ns = mail, ns
        self.generation = 1
        self.linked = False
        self.servers = [NS.address]
        mail.sh(f"echo nameserver {NS.address} > /etc/resolv.conf")

    def header(self):
        signing = {
            "zone": "info46.com",
            "operator": OPERATOR,
            "generation": self.generation,
            "selectors": SELECTORS,
            "servers": self.servers,
            "wait": 3600,
            "grace": 86400,
        }
        return {"signing": signing, "dane": True}

    def directory(self, *, check_mode=False):
        lines = [
            collectivity(OPERATOR, ["info46.com"], {"maildomain:info46.com": {}}),
            collectivity(CAHORS, ["cahors.fr"], {"maildomain:cahors.fr": {}}),
        ]
        head, *rest = share("mail", *lines).splitlines(keepends=True)
        text = json.dumps({**json.loads(head), **self.header()}) + "\n" + "".join(rest)
        self.mail.put(SHARE, text)
        result = self.mail.module("bastide_mail_directory", {"share": SHARE}, check_mode=check_mode)
        assert not result["failed"], result
        return result

    def zones(self, values):
        keys = [
            {"name": f"{n}._domainkey.info46.com.", "type": "TXT", "ttl": 60}
            | {"pending": f"dkim:{n}.info46.com"}
            for n in NAMES
        ]
        name = next((v for v in values if v.startswith("tlsa:")), "tlsa:mail.info46.com")
        tlsa = {"name": "_25._tcp.mail.info46.com.", "type": "TLSA", "ttl": 60, "pending": name}
        link = [
            rrset(f"{n}._domainkey.cahors.fr.", "CNAME", f"{n}._domainkey.info46.com.")
            for n in NAMES
            if self.linked
        ]
        ns_of = {
            one: rrset(f"{one}.", "NS", "ns1.lab.test.") for one in ("info46.com", "cahors.fr")
        }
        lines = [
            collectivity(
                OPERATOR,
                ["info46.com"],
                {"zone:info46.com": zone(ns_of["info46.com"], tlsa, *keys)},
            ),
            collectivity(
                CAHORS, ["cahors.fr"], {"zone:cahors.fr": zone(ns_of["cahors.fr"], *link)}
            ),
        ]
        self.ns.put(SHARE, share("dns", *lines))
        result = self.ns.module("bastide_zones", {"share": SHARE, "values": values})
        assert (result["failed"], result["failed_changes"]) == (False, []), result
        return result

    def go_on(self):
        result = self.mail.module("bastide_mail_signing", {})
        assert not result["failed"], result
        return result

    def run(self):
        self.zones(self.directory()["values"])
        return self.go_on()

    def later(self, seconds):
        """As if so much time had passed: the note is put back by it."""
        note = json.loads(self.mail.read(f"{KEYS}/platform.json"))
        for one in note["generations"]:
            for step in ("made", "seen", "signs", "left"):
                one[step] = one[step] - seconds if one[step] is not None else None
        note["looked"] -= seconds
        self.mail.put(f"{KEYS}/platform.json", json.dumps(note))

    def signs(self):
        text = self.mail.sh("cat /var/lib/bastide/mail/maps/signing.map 2>/dev/null || true")
        return {line.split()[0]: line.split()[1] for line in text.splitlines()}

    def asked(self, name, rtype="TXT"):
        return self.ns.sh(f"kdig +short @127.0.0.1 {name} {rtype}").splitlines()


@pytest.fixture
def platform(mail, ns):
    mail.sh("rm -rf /var/lib/bastide/mail; install -d -m 755 /var/lib/bastide/mail")
    return Platform(mail, ns)


def test_the_first_keys_are_published_and_sign_in_one_run(platform):
    platform.linked = True
    assert platform.run()["signing"] == 1
    assert platform.signs() == dict.fromkeys(["cahors.fr", "info46.com"], "b-rsa1,b-ed1")
    # What anybody gets who asks for the key of the town's domain, is the public half.
    for selector, kind in (("b-rsa1", "rsa"), ("b-ed1", "ed25519")):
        [target] = platform.asked(f"{selector}._domainkey.cahors.fr", "CNAME")
        said = "".join(platform.asked(target)).replace('" "', "")
        public = platform.mail.read(f"{KEYS}/platform.{selector}.pub").strip()
        assert f"v=DKIM1; k={kind}; p={public}" in said
    assert platform.asked("b-rsa2._domainkey.info46.com") == [REVOKED]
    seed = platform.mail.read(f"{KEYS}/platform.b-ed1.key")
    assert len(base64.b64decode(seed, validate=True)) == 32
    owner = platform.mail.sh(f"stat -c '%U:%G %a' {KEYS}/platform.*.key").split("\n")[:-1]
    assert owner == ["root:_rspamd 640"] * 2
    again = platform.directory(check_mode=True)
    assert (again["changes"], again["repaired"]) == ([], [])
    assert platform.go_on()["changed"] is False


def test_a_domain_without_its_cnames_is_not_signed_for_until_they_are_there(platform):
    platform.linked = False
    result = platform.run()
    assert (result["waiting"], platform.signs()) == (["cahors.fr"], {"info46.com": "b-rsa1,b-ed1"})
    platform.linked = True
    platform.later(21 * 3600)
    assert platform.directory(check_mode=True)["repaired"]
    assert platform.run()["waiting"] == []
    assert set(platform.signs()) == {"cahors.fr", "info46.com"}


def test_a_name_server_that_does_not_answer_keeps_the_old_key_signing(platform):
    platform.linked = True
    platform.run()
    platform.generation = 2
    platform.servers = [NS.address, "10.48.0.99"]
    for _ in range(3):
        platform.run()
        platform.later(4000)
    assert set(platform.signs().values()) == {"b-rsa1,b-ed1"}
    platform.servers = [NS.address]
    platform.run()
    platform.later(4000)
    platform.run()
    assert set(platform.signs().values()) == {"b-rsa2,b-ed2"}


def test_a_rotation_never_signs_with_what_the_name_server_does_not_give(platform):
    platform.linked = True
    platform.run()
    platform.generation = 2
    seen = []
    for passed in (0, 0, 3000, 700, 86000, 500, 0, 0):
        platform.later(passed)
        before = platform.directory(check_mode=True)
        after = platform.directory()
        assert before["digest"] == after["digest"]
        assert before["values"] == after["values"]
        platform.zones(after["values"])
        platform.go_on()
        signs = platform.signs()["cahors.fr"]
        for selector in signs.split(","):
            said = "".join(platform.asked(f"{selector}._domainkey.info46.com")).replace('" "', "")
            assert platform.mail.read(f"{KEYS}/platform.{selector}.pub").strip() in said
        seen.append(signs)
    assert seen == ["b-rsa1,b-ed1"] * 3 + ["b-rsa2,b-ed2"] * 5
    assert platform.asked("b-rsa1._domainkey.info46.com") == [REVOKED]
    assert sorted(platform.mail.sh(f"ls {KEYS}/*.key").split()) == [
        f"{KEYS}/platform.b-ed2.key",
        f"{KEYS}/platform.b-rsa2.key",
    ]


def test_the_tlsa_records_are_those_of_the_certificate_of_postfix_and_of_the_next_key(platform):
    mail = platform.mail
    mail.sh(
        "install -d /etc/bastide/tls; cd /etc/bastide/tls; rm -f next-key.pem\n"
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem"
        " -subj /CN=mail.info46.com 2>/dev/null\n"
        "postconf -e myhostname=mail.info46.com"
        " 'smtpd_tls_chain_files=/etc/bastide/tls/key.pem, /etc/bastide/tls/certificate.pem'"
    )
    platform.run()
    wanted = [
        mail.sh(
            f"openssl pkey -in /etc/bastide/tls/{name} -pubout -outform DER | sha256sum"
        ).split()[0]
        for name in ("key.pem", "next-key.pem")
    ]
    found = {
        one.replace(" ", "").lower() for one in platform.asked("_25._tcp.mail.info46.com", "TLSA")
    }
    assert found == {f"311{one}" for one in wanted}
    # The certificate is replaced by one with the next key: it is known already.
    mail.sh(
        "cd /etc/bastide/tls; cp next-key.pem key.pem\n"
        "openssl req -x509 -key key.pem -out certificate.pem -subj /CN=mail.info46.com"
    )
    assert platform.directory(check_mode=True)["repaired"] == ["/etc/bastide/tls/next-key.pem"]
    platform.run()
    after = {
        one.replace(" ", "").lower() for one in platform.asked("_25._tcp.mail.info46.com", "TLSA")
    }
    assert len(after) == 2
    assert f"311{wanted[1]}" in after
