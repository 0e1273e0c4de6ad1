# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes points at the line that takes it away, or at the place where it used to stand."""

import pytest

from bastide.desired import Origin
from bastide.plan.compute import nearest_origin, retirement_of

FILE = "collectivities/46/albas.yml"


def at(line, reason):
    return Origin(FILE, line, reason)


ORIGINS = {
    "zone:albas.fr": at(14, "zone"),
    "mailbox:mairie@albas.fr": at(18, "account"),
    "mailbox:ecole@albas.fr": at(19, "account"),
    "retired:ancien.fr": at(16, "retired"),
}


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("rrset:www.ancien.fr./A", 16),
        ("zone:ancien.fr", 16),
        ("mailbox:x@ancien.fr", 16),
        ("rrset:www.albas.fr./A", None),
        ("mailbox:x@albas.fr", None),
    ],
)
def test_what_is_retired_points_at_the_line_that_says_so(address, line):
    found = retirement_of(address, ORIGINS)
    assert (found and found.line) == line


def test_in_a_retired_file_everything_points_at_its_state():
    origins = {"retired:": at(6, "retired")}
    assert retirement_of("mailbox:mairie@albas.fr", origins) == at(6, "retired")
    assert retirement_of("page:www.albas.fr", origins) == at(6, "retired")


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("mailbox:gone@albas.fr", 18),
        ("rrset:gone.albas.fr./A", 14),
        ("page:gone.albas.fr", 14),
        ("zone:gone.fr", None),
    ],
)
def test_what_left_the_file_points_at_its_neighbours(address, line):
    found = nearest_origin(address, ORIGINS)
    assert (found and found.line) == line
