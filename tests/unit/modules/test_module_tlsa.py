# SPDX-License-Identifier: GPL-3.0-or-later
"""TLSA records of a mail host, from certificates that openssl has made."""

import hashlib
import json
import subprocess

import pytest
from ansible.module_utils import bastide_tlsa as tlsa
from ansible.module_utils.bastide_bulk import Survey
from ansible.module_utils.bastide_files import run
from ansible.module_utils.bastide_share import Share


def openssl(*argv, text=None):
    done = subprocess.run(["openssl", *argv], input=text, capture_output=True, check=True)
    return done.stdout


class MailHost:
    """A host whose Postfix says what main.cf holds."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self.share = folder / "mail.jsonl"
        self.share.write_text(json.dumps({"format": 1, "dane": True}) + "\n")
        self.chains = f"{folder}/key.pem, {folder}/certificate.pem"
        monkeypatch.setattr(tlsa, "NEXT", folder / "tls" / "next-key.pem")
        monkeypatch.setattr(tlsa, "run", self._run)

    def _run(self, argv, text=b""):
        if argv[0] != "postconf":
            return run(argv, text)
        said = f"Mail.info46.com\n{self.chains}\n\n".encode()
        return subprocess.CompletedProcess(argv, 0, said, b"")

    def certify(self, name="", key=None, kind="EC"):
        """A certificate for a key, a new one unless given; the digest of the key."""
        option = "ec_paramgen_curve:P-256" if kind == "EC" else "rsa_keygen_bits:1024"
        made = key or openssl("genpkey", "-algorithm", kind, "-pkeyopt", option)
        (self.folder / f"{name}key.pem").write_bytes(made)
        where = [
            "-key",
            f"{self.folder}/{name}key.pem",
            "-out",
            f"{self.folder}/{name}certificate.pem",
        ]
        openssl("req", "-x509", "-subj", "/CN=mail.info46.com", *where)
        der = openssl("pkey", "-pubout", "-outform", "DER", text=made)
        return "3 1 1 " + hashlib.sha256(der).hexdigest()

    def call(self, step):
        found = Survey(share=Share(), source=self.share)
        step(found)
        return found

    def look(self):
        return self.call(tlsa.survey)

    def records(self, found):
        return set(found.gives["tlsa:mail.info46.com"].split(", "))


@pytest.fixture
def host(tmp_path, monkeypatch):
    return MailHost(tmp_path, monkeypatch)


def test_nothing_is_given_where_nothing_is_asked_for(host):
    host.share.write_text('{"format": 1}\n')
    for step in (tlsa.survey, tlsa.converge):
        assert host.call(step).gives == {}
    assert not tlsa.NEXT.exists()


def test_the_key_in_use_and_the_next_one_are_given(host):
    used = host.certify()
    before = host.look()
    assert (host.records(before), before.repaired) == ({used}, [str(tlsa.NEXT)])
    after = host.records(host.call(tlsa.converge))
    assert len(after) == 2
    assert used in after
    again = host.look()
    assert (host.records(again), again.repaired) == (after, [])
    assert tlsa.NEXT.stat().st_mode & 0o777 == 0o600


def test_a_certificate_with_the_next_key_is_known_before_it_is_shown(host):
    host.certify()
    published = host.records(host.call(tlsa.converge))
    used = host.certify(key=tlsa.NEXT.read_bytes())
    assert used in published
    # Another next key is made, and the one in use stays.
    after = host.records(host.call(tlsa.converge))
    assert used in after
    assert len(after) == 2
    assert after != published


def test_a_certificate_renewed_with_the_same_key_changes_nothing(host):
    host.certify()
    before = host.records(host.call(tlsa.converge))
    host.certify(key=(host.folder / "key.pem").read_bytes())
    assert host.records(host.call(tlsa.converge)) == before


def test_each_chain_that_postfix_has_is_given(host):
    used = {host.certify(), host.certify("rsa-", kind="RSA")}
    host.chains += f", {host.folder}/rsa-key.pem, {host.folder}/rsa-certificate.pem"
    assert host.records(host.look()) == used


@pytest.mark.parametrize("chains", ["", "/nowhere/key.pem, /nowhere/certificate.pem"])
def test_a_host_without_a_certificate_says_so_and_goes_on(host, chains):
    host.chains = chains
    for step in (tlsa.survey, tlsa.converge):
        found = host.call(step)
        assert found.gives == {}
        assert "no TLSA record" in found.warnings[0]
