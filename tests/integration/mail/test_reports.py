# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of others, read from the mailbox that they are sent to, which stays as it was."""

from __future__ import annotations

import base64
import gzip
import json
import smtplib
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

import pytest

from integration.town import charter

ALBAS = "214600017"
FLAGS = "mailbox uid flags date.received size.physical"


def dmarc(domain, identity, count):
    return f"""\
<?xml version="1.0"?><feedback>
 <report_metadata><org_name>Example</org_name><report_id>{identity}</report_id>
  <date_range><begin>1790000000</begin><end>1790086399</end></date_range></report_metadata>
 <policy_published><domain>{domain}</domain></policy_published>
 <record><row><source_ip>192.0.2.25</source_ip><count>{count}</count><policy_evaluated>
  <disposition>none</disposition><dkim>pass</dkim><spf>pass</spf></policy_evaluated></row></record>
</feedback>""".encode()


def tls(domain):
    policy = {
        "policy": {"policy-type": "no-policy-found", "policy-domain": domain},
        "summary": {"total-successful-session-count": 7, "total-failure-session-count": 2},
        "failure-details": [
            {
                "result-type": "certificate-expired",
                "receiving-mx-hostname": "mail.info46.com",
                "failed-session-count": 2,
            }
        ],
    }
    moments = {"start-datetime": "2026-11-01T00:00:00Z", "end-datetime": "2026-11-01T23:59:59Z"}
    head = {"organization-name": "Example", "report-id": "t1", "date-range": moments}
    return json.dumps({**head, "policies": [policy]}).encode()


def message(box, content):
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "reports@example.org", box, "Report Domain"
    made["Date"], made["Message-ID"] = formatdate(), make_msgid(domain="example.org")
    made.set_content("In the attachment.")
    made.add_attachment(gzip.compress(content), maintype="application", subtype="gzip")
    return made


@pytest.fixture
def box(town):
    """A town whose reports go, by an alias, to a mailbox of Albas; `box` is its address."""
    address = f"rapports@{town.albas}"
    platform = town.root / "inventory" / "lab" / "platform.yml"
    text = platform.read_text("utf-8")
    for one in ("dmarc@info46.com", "tls@info46.com"):
        assert one in text
        text = text.replace(one, f"dmarc@{town.albas}")
    platform.write_text(text, "utf-8")
    mail = f"    {address}:\n  aliases:\n    dmarc@{town.albas}: [{address}]\n"
    town.write("46/albas", charter(ALBAS, town.albas, mail=mail))
    town.commit()
    town.apply()
    return address


def save(town, box, folder, content):
    """Put a message into a folder of the box, as if it had come long ago."""
    text = base64.b64encode(message(box, content).as_bytes()).decode()
    script = f"printf %s {text} | base64 -d | doveadm save -u {box} -m {folder}"
    town.podman("mail", "sh", "-c", script)


def flags(town, box):
    return town.podman("mail", "doveadm", "-f", "tab", "fetch", "-u", box, FLAGS, "ALL")


def summed(town):
    return json.loads(town.run("report", "mail", "--format", "json").stdout)


def test_reports_are_read_once_from_the_mailbox_and_nothing_in_it_changes(town, box, eventually):
    with smtplib.SMTP(town.addresses["mail"], 25, timeout=20) as client:
        # To the address that the DNS names, an alias of the box.
        client.send_message(message(f"dmarc@{town.albas}", dmarc(town.albas, "1", 10)))
    save(town, box, "INBOX", dmarc(town.albas, "2", 5))
    save(town, box, "INBOX", dmarc(town.albas, "2", 5))
    save(town, box, "INBOX", dmarc("elsewhere.org", "3", 5))
    save(town, box, "INBOX", dmarc(town.albas, "4", "-1"))
    save(town, box, "Junk", tls(town.albas))
    eventually(lambda: town.messages(box) == 6, "the report sent by SMTP")
    before = flags(town, box)
    found = summed(town)
    assert flags(town, box) == before
    assert "\\Seen" not in before
    total = found["domains"][town.albas]
    assert (total["messages"], total["reports"], found["repeated"]) == (15, 2, 1)
    assert found["tls"][town.albas]["policies"] == {
        "no-policy-found": {"succeeded": 7, "failed": 2}
    }
    assert sorted(fault["code"] for fault in found["diagnostics"]) == ["C836", "C837"]
    assert any(fault["file"].startswith(f"{box}/INBOX/") for fault in found["diagnostics"])
    # The operator clears the box: what was read is known, and what comes is added.
    town.podman("mail", "doveadm", "expunge", "-u", box, "mailbox", "INBOX", "ALL")
    save(town, box, "INBOX", dmarc(town.albas, "5", 100))
    again = summed(town)
    assert again["domains"][town.albas]["messages"] == 115
    assert [fault["code"] for fault in again["diagnostics"]] == ["C837"]
    lines = (town.state / "reports.jsonl").read_text("utf-8").split("\n")
    assert len([line for line in lines if line]) == 7
    assert "mail.info46.com: 2 failed, certificate-expired" in town.run("report", "mail").stdout


def test_a_mail_host_that_is_off_is_told(town, box):
    with town.stopped("mail", "dovecot"):
        done = town.run("report", "mail", code=1)
    assert "A555" in done.stderr
