# SPDX-License-Identifier: GPL-3.0-or-later
"""Aggregate reports are summed, and nothing that strangers send stops the next one."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import subprocess
import sys
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bastide.diagnostics import Diagnostic, InvalidInput
from bastide.report.received import as_json, as_text, read_folder, summarise
from bastide.report.received.aggregate import Aggregate, read_aggregate
from bastide.report.received.unpack import reports_in

ROOT = Path(__file__).parents[3]


def row(source, count, disposition="none", dkim="pass", spf="pass"):
    return f"""\
 <record><row><source_ip>{source}</source_ip><count>{count}</count>
  <policy_evaluated><disposition>{disposition}</disposition><dkim>{dkim}</dkim><spf>{spf}</spf>
  </policy_evaluated></row>
  <identifiers><header_from>ville.fr</header_from></identifiers>
  <auth_results><dkim><domain>ville.fr</domain><result>pass</result></dkim></auth_results>
 </record>
"""


def report(*rows, identity="1", domain="ville.fr", root="feedback", head="", sender="Example"):
    return f"""\
<?xml version="1.0" encoding="UTF-8"?>{head}
<{root}>
 <report_metadata><org_name>{sender}</org_name><email>dmarc@example.org</email>
  <report_id>{identity}</report_id>
  <date_range><begin>1790000000</begin><end>1790086399</end></date_range></report_metadata>
 <policy_published><domain>{domain}</domain><p>quarantine</p></policy_published>
{"".join(rows)}</{root.partition(" ")[0]}>
""".encode()


GOOD = report(row("192.0.2.25", 10), row("2001:DB8::7", 3, "quarantine", "fail", "fail"))
BOMB = report(
    row("192.0.2.1", "&c;"),
    head='<!DOCTYPE feedback [<!ENTITY a "1111111111"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
)
FILE_READER = report(
    row("192.0.2.1", "&f;"), head='<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
)


def zipped(*documents):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, document in enumerate(documents):
            archive.writestr(f"{number}.xml", document)
    return stream.getvalue()


def message(*attachments):
    made = EmailMessage()
    made["Subject"] = "Report Domain: ville.fr"
    made.set_content("In the attachment.")
    for content in attachments:
        made.add_attachment(content, maintype="application", subtype="octet-stream")
    return made.as_bytes()


def found_in(content):
    """What one file gives: reports, or codes."""
    found = []
    for one in reports_in("f", content):
        read = one if isinstance(one, Diagnostic) else read_aggregate("f", one)
        found.append(read.code if isinstance(read, Diagnostic) else read)
    return found


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        gzip.compress(GOOD),
        zipped(GOOD),
        message(GOOD),
        message(gzip.compress(GOOD)),
        message(zipped(GOOD)),
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        GOOD.replace(b"<feedback>", b'<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">'),
    ],
    ids=["xml", "gz", "zip", "mail", "mail-gz", "mail-zip", "mark", "utf-16", "namespace"],
)
def test_a_report_is_read_in_every_form_that_senders_use(content):
    [found] = found_in(content)
    assert isinstance(found, Aggregate)
    assert (found.domain, found.sender, found.begin) == ("ville.fr", "Example", 1790000000)
    assert [(r.source, r.count, r.dkim, r.disposition) for r in found.rows] == [
        ("192.0.2.25", 10, True, "none"),
        ("2001:db8::7", 3, False, "quarantine"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (BOMB, "C835"),
        (FILE_READER, "C835"),
        (GOOD[:-30], "C835"),
        (GOOD.replace(b"Example", b"Ville d'Alb\xe9"), "C835"),
        (GOOD.replace(b"UTF-8", b"x-nobodys"), "C835"),
        (GOOD.replace(b"UTF-8", b"utf-7"), "C835"),
        (b"<html><body>Hello</body></html>", "C836"),
        (b"<feedback>" + b"<a>" * 100_000, "C836"),
        (report(row("192.0.2.1", "-1")), "C836"),
        (report(row("192.0.2.1", "9" * 5000)), "C836"),
        (report(row("192.0.2.1", "\u0661")), "C836"),
        (report(row("here", 1)), "C836"),
        (report(row("192.0.2.1", 1, "delete")), "C836"),
        (report(row("192.0.2.1", 1), domain="no domain"), "C836"),
        (report(row("192.0.2.1", 1), domain=""), "C836"),
        (gzip.compress(b"<feedback>" + b" " * 30_000_000), "C833"),
        (zipped(b"<feedback>" + b" " * 30_000_000), "C833"),
        (zipped(*[b"<feedback/>"] * 21), "C833"),
        (message(gzip.compress(b"\0" * 30_000_000)), "C833"),
        (b"<" * 20_000_001, "C833"),
        (gzip.compress(GOOD)[:-20], "C834"),
        (b"\x1f\x8b" + b"nonsense", "C834"),
        (b"PK\x03\x04" + b"nonsense", "C834"),
        (message(), "C832"),
        (b"", "C832"),
        (b"\xff" * 1000, "C832"),
        (b'Content-Type: multipart/mixed; boundary="a"\n\n' + b"--a\n" * 50, "C832"),
    ],
)
def test_what_is_hostile_or_broken_is_told_by_its_code(content, code):
    found = found_in(content)
    assert code in found
    assert all(isinstance(one, str) for one in found)


def test_messages_nested_without_end_are_no_report():
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3000)
    )
    assert found_in(deep) == ["C832"]


def test_a_zip_with_several_reports_gives_the_good_ones_too():
    bad, good = found_in(zipped(BOMB, GOOD))
    assert bad == "C835"
    assert isinstance(good, Aggregate)


def test_a_long_name_of_a_sender_cannot_paint_the_terminal():
    [found] = found_in(report(row("192.0.2.1", 1), sender="\u202ered\u0085" + "x" * 5000))
    assert found.sender.isprintable()
    assert len(found.sender) <= 100


@given(st.binary(max_size=2000))
@example(GOOD)
@example(zipped(GOOD))
def test_no_bytes_give_a_traceback(content):
    for one in reports_in("f", content):
        if isinstance(one, bytes):
            read_aggregate("f", one)


@given(st.sampled_from([GOOD, gzip.compress(GOOD), zipped(GOOD), message(zipped(GOOD))]), st.data())
def test_no_spoiled_report_gives_a_traceback(content, data):
    place = data.draw(st.integers(0, len(content)))
    length = data.draw(st.integers(0, 20))
    spoiled = content[:place] + data.draw(st.binary(max_size=20)) + content[place + length :]
    for one in reports_in("f", spoiled):
        if isinstance(one, bytes):
            read_aggregate("f", one)


def test_sums_are_those_of_the_reports_and_a_repeated_one_counts_once(tmp_path):
    folder = tmp_path / "Maildir" / "cur"
    folder.mkdir(parents=True)
    (folder / "1:2,S").write_bytes(message(zipped(GOOD)))
    (folder / "2:2,S").write_bytes(message(gzip.compress(GOOD)))
    more = report(row("192.0.2.25", 5, spf="fail"), identity="2", sender="Other")
    (folder / "3").write_bytes(more)
    (folder / "4").write_bytes(report(row("192.0.2.9", 1), identity="3", domain="elsewhere.org"))
    (folder / "5").write_bytes(BOMB)
    (folder / ".hidden").write_bytes(b"x")
    summary = summarise(read_folder(tmp_path), lambda domain: domain == "ville.fr")
    total = summary.domains["ville.fr"]
    assert (total.messages, total.passed, total.dkim, total.spf) == (18, 15, 15, 10)
    assert total.dispositions == {"none": 15, "quarantine": 3}
    assert [fault.code for fault in summary.faults] == ["C835", "C837"]
    shown = json.loads(as_json(summary))["domains"]["ville.fr"]
    assert shown["sources"] == [
        {"address": "2001:db8::7", "messages": 3, "passed": 0},
        {"address": "192.0.2.25", "messages": 15, "passed": 15},
    ]
    assert shown["senders"] == ["Example", "Other"]
    assert "conformes : 15 (83.3 %) ; DKIM aligné 15, SPF aligné 10" in as_text(summary, "fr")
    assert "pass: 15 (83.3 %); DKIM aligned 15, SPF aligned 10" in as_text(summary, "en")
    assert summary.repeated == 1


def test_a_folder_that_is_not_there_is_told():
    with pytest.raises(InvalidInput, match="no such folder"):
        list(read_folder(Path("/nowhere")))


@pytest.mark.parametrize(
    ("locale", "word"), [("C.UTF-8", "no report"), ("fr_FR.UTF-8", "aucun rapport")]
)
def test_the_command_tells_what_it_left_out_and_ends_well(tmp_path, locale, word):
    for name in ("schemas", "inventory"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "collectivities").mkdir()
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "a.eml").write_bytes(message(BOMB))
    done = subprocess.run(
        [sys.executable, "-m", "bastide", "report", "mail", "reports"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": locale},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0
    assert word in done.stdout
    assert "a.eml" in done.stderr
    assert "C835" in done.stderr
