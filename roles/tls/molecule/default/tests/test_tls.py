# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate and its key lie where servers look, and the key is secret."""

FOLDER = "/etc/bastide/tls"


def test_the_key_is_for_root_alone(host):
    key = host.file(f"{FOLDER}/key.pem")
    assert (key.user, key.mode) == ("root", 0o600)


def test_certificate_and_key_belong_together(host):
    certified = host.check_output(f"openssl x509 -in {FOLDER}/certificate.pem -noout -pubkey")
    assert certified == host.check_output(f"openssl pkey -in {FOLDER}/key.pem -pubout")
