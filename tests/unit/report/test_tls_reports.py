# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports on encryption (RFC 8460) are summed beside those of DMARC; strangers stop nothing."""

from __future__ import annotations

import gzip
import json
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bastide.diagnostics import Diagnostic
from bastide.report.received import as_json, as_text, summarise
from bastide.report.received.aggregate import Aggregate, Row
from bastide.report.received.document import read_document
from bastide.report.received.encryption import TlsReport, read_tls
from bastide.report.received.known import MOST_ROWS, Known, slim
from bastide.report.received.mailbox import mailboxes_behind
from bastide.report.received.summary import MOST_FAULTS
from bastide.report.received.tls_sum import MOST_FAILURES
from bastide.targets.inboxes import Message


def policy(domain="ville.fr", kind="sts", good=10, bad=0, failures=()):
    return {
        "policy": {"policy-type": kind, "policy-domain": domain, "mx-host": ["mx.ville.fr"]},
        "summary": {"total-successful-session-count": good, "total-failure-session-count": bad},
        "failure-details": [
            {
                "result-type": way,
                "sending-mta-ip": "2001:db8::1",
                "receiving-mx-hostname": host,
                "failed-session-count": count,
            }
            for way, host, count in failures
        ],
    }


def report(*policies, identity="1", sender="Company-X"):
    return {
        "organization-name": sender,
        "date-range": {
            "start-datetime": "2026-04-01T00:00:00Z",
            "end-datetime": "2026-04-01T23:59:59Z",
        },
        "contact-info": "sts@company-x.example",
        "report-id": identity,
        "policies": list(policies),
    }


FAILED = [
    ("certificate-expired", "MX1.ville.fr.", 100),
    ("certificate-expired", "mx1.ville.fr", 1),
    ("starttls-not-supported", "mx2.ville.fr", 200),
]
GOOD = json.dumps(report(policy(good=5326, bad=301, failures=FAILED))).encode()


def message(content, subtype="tlsrpt+gzip"):
    made = EmailMessage()
    made["Subject"] = "Report Domain: ville.fr Submitter: company-x.example"
    made.set_content("{This is no report.}")
    made.add_attachment(content, maintype="application", subtype=subtype)
    return made.as_bytes()


def ours(domain):
    return domain == "ville.fr"


def found_in(content):
    return [o.code if isinstance(o, Diagnostic) else o for o in read_document("f", content)]


def changed(*path, value):
    """The good report as JSON, with one field changed."""
    data = json.loads(GOOD)
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    "content",
    [GOOD, b"\n " + GOOD, gzip.compress(GOOD), message(gzip.compress(GOOD)), message(GOOD, "json")],
    ids=["json", "blank", "gz", "mail-gz", "mail"],
)
def test_a_report_is_read_in_every_form_that_senders_use(content):
    found = [one for one in found_in(content) if isinstance(one, TlsReport)]
    [one] = found
    assert (one.sender, one.identity, one.end - one.begin) == ("Company-X", "1", 86399)
    [seen] = one.policies
    assert (seen.domain, seen.kind, seen.succeeded, seen.failed) == ("ville.fr", "sts", 5326, 301)
    assert {(f.kind, f.host, f.count) for f in seen.failures} == {
        ("certificate-expired", "mx1.ville.fr", 101),
        ("starttls-not-supported", "mx2.ville.fr", 200),
    }


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{" * 100_000, "C838"),
        (b'{"a":' * 100_000, "C838"),
        (b'{"policies":' + b"[" * 100_000, "C838"),
        (GOOD[:-30], "C838"),
        (GOOD.replace(b"5326", b"9" * 5000), "C838"),
        (GOOD.replace(b"Company-X", b"\xff\xfe"), "C838"),
        (b"{}", "C839"),
        (changed("policies", value=[]), "C839"),
        (changed("policies", value=[{}] * 1001), "C839"),
        (changed("policies", value=[[]]), "C839"),
        (changed("policies", 0, "policy", "policy-domain", value="no domain"), "C839"),
        (changed("policies", 0, "policy", "policy-domain", value=7), "C839"),
        (changed("policies", 0, "policy", "policy-type", value="other"), "C839"),
        (changed("policies", 0, "policy", "policy-type", value=["sts"]), "C839"),
        (changed("policies", 0, "summary", "total-failure-session-count", value=-1), "C839"),
        (changed("policies", 0, "summary", "total-failure-session-count", value=True), "C839"),
        (changed("policies", 0, "summary", "total-failure-session-count", value=1e300), "C839"),
        (changed("policies", 0, "summary", "total-failure-session-count", value=10**13), "C839"),
        (changed("policies", 0, "failure-details", 0, "result-type", value="\x1b[31m"), "C839"),
        (changed("date-range", "start-datetime", value="yesterday"), "C839"),
        (changed("date-range", "start-datetime", value="0001-01-01T00:00:00+14:00"), None),
        (b'{"a":"' + b"x" * 5_000_001 + b'"}', "C833"),
        (gzip.compress(b"{" + b" " * 30_000_000), "C833"),
    ],
)
def test_what_is_hostile_or_broken_is_told_by_its_code(content, code):
    found = found_in(content)
    assert len(found) == 1
    assert isinstance(found[0], TlsReport) if code is None else found == [code]


@given(st.binary(max_size=500).map(lambda tail: b"{" + tail))
@example(GOOD)
def test_no_bytes_give_a_traceback(content):
    list(read_document("f", content))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("policies", "policy", "summary", "policy-domain", "policy-type"),
                    *("date-range", "start-datetime", "end-datetime", "failure-details"),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(st.data())
def test_no_field_of_another_form_gives_a_traceback(data):
    """Any value at any place of a report that is good otherwise."""
    whole = json.loads(GOOD)
    place = whole
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else [0]))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(JSON)
    found = read_tls("f", json.dumps(whole).encode())
    summary = summarise([found], ours)
    json.loads(as_json(summary))
    assert all(c.isprintable() or c == "\n" for c in as_text(summary, "fr"))


def read(*documents):
    return [read_tls("f", json.dumps(one).encode()) for one in documents]


def test_sums_are_those_of_the_reports_and_a_repeated_one_counts_once():
    first = report(policy(good=5, bad=3, failures=[("validation-failure", "mx.ville.fr", 3)]))
    both = report(policy(good=2), policy(kind="tlsa", good=4), identity="2", sender="Other")
    foreign = report(policy("elsewhere.org"), policy(good=1), identity="3")
    summary = summarise(read(first, first, both, foreign), ours)
    total = json.loads(as_json(summary))["tls"]["ville.fr"]
    assert total["policies"] == {
        "sts": {"succeeded": 8, "failed": 3},
        "tlsa": {"succeeded": 4, "failed": 0},
    }
    assert total["failures"] == [
        {"host": "mx.ville.fr", "kind": "validation-failure", "sessions": 3}
    ]
    assert (total["reports"], total["senders"]) == (3, ["Company-X", "Other"])
    assert summary.repeated == 1
    assert [fault.code for fault in summary.faults] == ["C837"]
    assert "elsewhere.org" not in summary.tls
    english, french = as_text(summary, "en"), as_text(summary, "fr")
    assert "MTA-STS: 8 sessions, 3 failed" in english
    assert "mx.ville.fr: 3 failed, validation-failure" in english
    assert "chiffrement : 3 rapports, du 2026-04-01 au 2026-04-01" in french
    assert "mx.ville.fr : 3 en échec, validation-failure" in french


def test_what_is_made_up_without_end_is_counted_but_not_told_apart():
    many = [("validation-failure", f"mx{n}.ville.fr", 1) for n in range(MOST_FAILURES)]
    more = [("validation-failure", f"mx{n}.ville.org", 1) for n in range(MOST_FAILURES)]
    documents = [report(policy(failures=many)), report(policy(failures=more), identity="2")]
    total = summarise(read(*documents), ours).tls["ville.fr"]
    assert len(total.failures) == MOST_FAILURES + 1
    assert total.failures.total() == 2 * MOST_FAILURES
    strangers = [report(policy(f"a{n}.org")) for n in range(MOST_FAULTS + 50)]
    summary = summarise(read(*strangers), ours)
    assert (len(summary.faults), summary.untold) == (MOST_FAULTS, 50)


def test_what_was_read_is_known_again_and_half_a_line_of_a_killed_run_harms_nothing(tmp_path):
    path = tmp_path / "state" / "reports.jsonl"
    rows = (Row("192.0.2.1", 4, "none", dkim=True, spf=False),)
    dmarc = Aggregate("Example", "7", "ville.fr", 0, 86400, rows)
    [tls] = read(report(policy(failures=FAILED)))
    known = Known(path)
    assert list(known.reports()) == []
    known.note("a@ville.fr", [(Message("INBOX", 5, 1, b""), [dmarc])])
    with path.open("a", encoding="utf-8") as file:
        file.write('{"address": "a@ville.fr", "folder": "INB')
    known.note(
        "a@ville.fr",
        [
            (Message("INBOX", 5, 9, b""), [tls]),
            (Message("Junk", 6, 3, None), []),
            (Message("INBOX", 5, 8, b""), []),
        ],
    )
    assert list(Known(path).reports()) == [dmarc, tls]
    assert known.positions("a@ville.fr") == {"INBOX": (5, 9), "Junk": (6, 3)}
    assert known.positions("b@ville.fr") == {}
    known.note("a@ville.fr", [(Message("INBOX", 77, 2, b""), [])])
    assert known.positions("a@ville.fr")["INBOX"] == (77, 2)


def test_of_a_report_with_many_sources_the_largest_are_kept_and_nothing_is_lost():
    rows = tuple(
        Row(f"10.0.{n // 256}.{n % 256}", n, "none", dkim=True, spf=True)
        for n in range(MOST_ROWS + 100)
    )
    kept = slim(Aggregate("Example", "7", "ville.fr", 0, 1, rows)).rows
    assert len(kept) == MOST_ROWS + 1
    assert sum(row.count for row in kept) == sum(row.count for row in rows)
    assert min(row.count for row in kept if row.source != "-") == 100


def test_the_mailboxes_behind_an_address_are_found_through_aliases_and_circles():
    lines = {
        "a@ville.fr": ("alias", ["b+tag@ville.fr", "x@elsewhere.org", "c@ville.fr"]),
        "b@ville.fr": ("account", []),
        "c@ville.fr": ("alias", ["a@ville.fr", "d@ville.fr"]),
        "d@ville.fr": ("account", []),
    }

    class Index:
        def kind_of_address(self, address):
            return lines.get(address, (None,))[0]

        def holders_of_address(self, _):
            return ["46/ville"]

        def facts(self, _):
            return SimpleNamespace(targets={name: one[1] for name, one in lines.items()})

    assert mailboxes_behind(Index(), "A@Ville.fr") == {"b@ville.fr", "d@ville.fr"}
    assert mailboxes_behind(Index(), "x@elsewhere.org") == set()
