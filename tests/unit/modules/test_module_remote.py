# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mail host does about mailboxes that another one holds."""

import pytest
from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_postmaps as postmaps
from ansible.module_utils import bastide_remote as remote

ALBAS = "214600017"
WAY = {"to": "mail2.x.fr", "state": "active", "delivery": "keep"}
BOX = {"quota": 1, "state": "active", "delivery": "keep"}
ROW = ("mailbox:a@x.fr", ALBAS, 1, "active", "keep", 1)
ELSEWHERE = ("remote:a@x.fr", ALBAS, "mail2.x.fr", "active", "keep", 1)


@pytest.mark.parametrize(
    ("body", "good"),
    [
        (WAY, True),
        ({**WAY, "renamed_from": "b@x.fr"}, True),
        ({**WAY, "to": "not a host"}, False),
        ({**WAY, "state": "asleep"}, False),
        ({**WAY, "quota": 1}, False),
        ({"to": "mail2.x.fr"}, False),
    ],
)
def test_a_way_is_whole_or_refused(body, good):
    assert (remote.check_remote("a@x.fr", body) is None) == good


def test_mail_for_a_mailbox_elsewhere_is_taken_in_and_sent_as_from_here():
    rows = directory.Rows([("maildomain:x.fr", ALBAS, "s")], remotes=[ELSEWHERE])
    found = postmaps.tables(rows)
    assert found["mailboxes"] == {"a@x.fr": "OK"}
    assert found["routes"] == {"a@x.fr": "sibling:[mail2.x.fr]:10026"}
    assert found["senders"] == {"a@x.fr": "a@x.fr"}


def test_one_that_bounces_there_bounces_here():
    row = (*ELSEWHERE[:3], "suspended", "bounce", 1)
    found = postmaps.tables(directory.Rows([("maildomain:x.fr", ALBAS, "s")], remotes=[row]))
    assert found["suspended"].keys() == {"a@x.fr"}
    assert not found["routes"]
    assert not found["senders"]


def test_what_lies_here_counts_before_what_is_said_to_lie_elsewhere():
    found = postmaps.tables(
        directory.Rows([("maildomain:x.fr", ALBAS, "s")], [ROW], remotes=[ELSEWHERE])
    )
    assert not found["routes"]


@pytest.mark.parametrize(
    ("desired", "boxes", "ways", "held", "astray"),
    [
        ({"remote:a@x.fr": WAY}, [], [], {}, False),
        ({"mailbox:a@x.fr": BOX}, [ROW], [], {}, False),
        ({"remote:a@x.fr": WAY}, [ROW], [], {}, True),
        ({"mailbox:a@x.fr": BOX}, [], [ELSEWHERE], {}, True),
        ({"mailbox:a@x.fr": BOX}, [], [], {"mail2": [ALBAS]}, True),
        ({"mailbox:a@x.fr": BOX}, [], [], {"mail2": ["214600421"]}, False),
        ({"remote:a@x.fr": WAY}, [("mailbox:u@former.invalid", *ROW[1:])], [], {}, False),
    ],
)
def test_nothing_is_made_where_the_mail_does_not_lie(desired, boxes, ways, held, astray):
    share = {address: (ALBAS, body) for address, body in desired.items()}
    assert (ALBAS in remote.misplaced(share, boxes, ways, held)) == astray


def test_the_row_is_what_the_share_says():
    row = directory.row_of("remote:a@x.fr", ALBAS, WAY)
    assert row == ELSEWHERE
    assert directory.resource_of(row) == (ALBAS, WAY)
