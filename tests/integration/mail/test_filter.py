# SPDX-License-Identifier: GPL-3.0-or-later
"""What the filters refuse and put aside, and what becomes of mail while one of them is down."""

import hashlib
import io
import smtplib
import tarfile
import zipfile
from pathlib import Path

import pytest

from bastide.lab import read_sink
from integration.mail.postbox import ANNE, BRUNO, PASSWORD, ZOE, answer_to, message

STRANGER = "someone@example.com"
# Put together here, so that no scanner takes this file for what it is about.
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-" + "STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
# Rspamd's own pattern for what is to be marked (enable_test_patterns, in the lab alone).
MARKED = "YJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-" + "STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
TESTFILES = Path("/usr/share/clamav-testfiles")

pytestmark = pytest.mark.usefixtures("accounts")


def zipped(text):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("facture.com", text)
    return packed.getvalue()


def tarred_twice(text):
    packed = io.BytesIO()
    inner = zipped(text)
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("dossier/facture.zip")
        entry.size = len(inner)
        archive.addfile(entry, io.BytesIO(inner))
    return packed.getvalue()


def with_file(sender, recipient, data):
    one = message(sender, recipient)
    one.add_attachment(data, maintype="application", subtype="octet-stream", filename="facture")
    return one


def reload_signatures(mail):
    """clamd(8), RELOAD: it goes on with the old ones until the new are read."""
    ask = (
        "s=__import__('socket').socket(1);s.connect('/run/clamav/clamd.ctl');s.send(b'nRELOAD\\n')"
    )
    mail.check_output("python3 -c %s", f"{ask};print(s.recv(99))")


@pytest.fixture
def incoming(address):
    """incoming() opens port 25, as the world does."""
    return lambda: smtplib.SMTP(address("mail"), 25, timeout=60)


@pytest.mark.parametrize(
    "wrap",
    [lambda text: text.encode(), zipped, tarred_twice],
    ids=["plain", "in a zip", "in a zip in a tar.gz"],
)
def test_a_virus_is_refused_while_the_sender_listens(incoming, machine, wrap):
    one = with_file(STRANGER, BRUNO, wrap(EICAR))
    with incoming() as smtp:
        code, text = answer_to(smtp, one)
    assert code == 554, text
    assert "virus" in text
    assert "Eicar" in text
    found = machine("mail").run("doveadm search -u %s SUBJECT %s", BRUNO, one["Subject"]).stdout
    assert found == "", "nothing of it is stored"


def test_a_virus_in_the_text_is_refused(incoming):
    one = message(STRANGER, BRUNO)
    one.set_content(EICAR)
    with incoming() as smtp:
        assert answer_to(smtp, one)[0] == 554


def test_a_virus_that_a_user_sends_does_not_leave(lab, submission):
    one = with_file(ANNE, "prefecture@example.org", zipped(EICAR))
    with submission() as smtp:
        smtp.login(ANNE, PASSWORD)
        assert answer_to(smtp, one)[0] == 554
    caught = read_sink(lab.root, "prefecture@example.org")
    assert one["Subject"] not in [caught_one.message["Subject"] for caught_one in caught]


@pytest.mark.skipif(not TESTFILES.is_dir(), reason="needs Debian's package clamav-testfiles")
def test_one_signature_is_found_in_whatever_it_is_packed(incoming, machine, eventually):
    """Debian's 44 files hold one program in 44 wrappings; one wrapping is encrypted in a way of
    its own, and needs the official signatures."""
    mail = machine("mail")
    program = (TESTFILES / "clam.exe").read_bytes()
    digest = hashlib.md5(program, usedforsecurity=False).hexdigest()
    signatures = "/var/lib/clamav/essai.hdb"
    mail.check_output("echo %s > %s", f"{digest}:{len(program)}:Clam-Test", signatures)
    reload_signatures(mail)

    def refused(name):
        with incoming() as smtp:
            return answer_to(smtp, with_file(STRANGER, BRUNO, (TESTFILES / name).read_bytes()))

    try:
        eventually(lambda: refused("clam.exe")[0] == 554, "the new signature")
        names = sorted(file.name for file in TESTFILES.iterdir())
        passed = [name for name in names if refused(name)[0] != 554]
    finally:
        mail.check_output("rm %s", signatures)
        reload_signatures(mail)
    assert len(passed) <= 1, passed


def test_spam_is_refused_while_the_sender_listens(incoming):
    one = message(STRANGER, BRUNO)
    one.set_content(GTUBE)
    with incoming() as smtp:
        assert answer_to(smtp, one)[0] == 554


def test_what_may_be_spam_is_marked_and_put_into_junk(incoming, inbox):
    one = message(STRANGER, BRUNO)
    one.set_content(MARKED)
    with incoming() as smtp:
        assert answer_to(smtp, one)[0] == 250
    got = inbox(BRUNO, one["Subject"], "Junk")
    assert got["X-Spam"] == "Yes"


def test_a_login_that_sends_without_end_is_slowed_down(machine, submission):
    limit = int(machine("mail").check_output("sed -n 's/.*burst = \\([0-9]*\\);/\\1/p' %s",
                                             "/etc/rspamd/rspamd.conf.override"))  # fmt: skip
    with submission() as smtp:
        smtp.login(ZOE, PASSWORD)
        # The bucket leaks while it fills, so a slow machine passes a few more; not twice as many.
        answers = []
        while len(answers) < 2 * limit and (not answers or answers[-1][0] == 250):
            answers.append(answer_to(smtp, message(ZOE, BRUNO)))
    assert len(answers) >= limit
    assert answers[-1][0] == 451, f"{len(answers)} messages went through"
    assert "Ratelimit" in answers[-1][1]
    with submission() as smtp:
        smtp.login(ANNE, PASSWORD)
        assert answer_to(smtp, message(ANNE, BRUNO))[0] == 250, "the others go on"


@pytest.mark.parametrize("service", ["clamav-daemon", "rspamd", "dovecot"])
def test_while_a_filter_or_the_store_is_down_mail_waits_with_its_sender(
    town, incoming, eventually, service
):
    one = message(STRANGER, BRUNO)
    with town.stopped("mail", service):
        if service == "clamav-daemon":
            town.podman("mail", "systemctl", "stop", "clamav-daemon.socket", code=None)
        with incoming() as smtp:
            code, text = answer_to(smtp, one)
    assert 400 <= code < 500, text

    def taken():
        with incoming() as smtp:
            return answer_to(smtp, message(STRANGER, BRUNO))[0] == 250

    eventually(taken, "the end of the outage")
