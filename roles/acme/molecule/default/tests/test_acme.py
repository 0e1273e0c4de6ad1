# SPDX-License-Identifier: GPL-3.0-or-later
"""The timer waits for its hour, and its program runs on what Debian has."""

FOLDER = "/etc/bastide/tls"
STATE = "/var/lib/bastide/tls/state.json"


def test_the_timer_comes_back_after_a_boot(host):
    assert host.service("bastide-certificates.timer").is_running
    assert host.service("bastide-certificates.timer").is_enabled


def test_with_nothing_to_do_the_program_does_nothing_and_says_nothing(host):
    program = "/usr/local/lib/bastide/certificates/keep_certificates.py"
    assert host.run(f"python3 -I {program}").stdout == ""
    assert not host.file(f"{FOLDER}/acme-account.pem").exists


def test_an_authority_that_is_not_there_is_told_and_leaves_no_traceback(host):
    state = '{"wanted": {"cahors.fr": {"siren": "214600421", "names": ["cahors.fr"]}}}'
    host.check_output("install -d /var/lib/bastide/tls && printf %s %s > %s", "%s", state, STATE)
    done = host.run("python3 -I /usr/local/lib/bastide/certificates/keep_certificates.py")
    assert (done.rc, done.stderr) == (0, "")
    assert done.stdout.startswith("<4>cahors.fr: no answer from the authority")
    host.check_output("rm %s", STATE)


def test_a_host_without_a_certificate_shows_one_of_its_own(host):
    certified = host.check_output(f"openssl x509 -in {FOLDER}/certificate.pem -noout -pubkey")
    assert certified == host.check_output(f"openssl pkey -in {FOLDER}/key.pem -pubout")
    assert host.file(f"{FOLDER}/key.pem").mode == 0o600
