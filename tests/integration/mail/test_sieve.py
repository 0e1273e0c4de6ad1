# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters that users write themselves: out-of-office, forwarding, and who may not."""

import uuid

import pytest

from bastide.lab import read_sink
from integration.mail.postbox import ANNE, BRUNO, KEPT, PASSWORD, message
from integration.mail.sieve import Sieve, SieveError

pytestmark = pytest.mark.usefixtures("accounts")

VACATION = """\
require ["vacation"];
vacation :days 1 :subject "Absence de la mairie" "La mairie est fermée jusqu'à lundi.";
"""


@pytest.fixture
def manage(address, trust):
    """manage(user, script) makes `script` the filter of `user`, until the test ends."""
    users = []

    def connect(user):
        sieve = Sieve(address("mail"), trust)
        sieve.log_in(user, PASSWORD)
        return sieve

    def put(user, script):
        users.append(user)
        with connect(user) as sieve:
            sieve.put("essai", script)
            sieve.activate("essai")
            assert sieve.scripts()["essai"] is True

    yield put
    for user in users:
        with connect(user) as sieve:
            sieve.activate("")
            sieve.delete("essai")


@pytest.fixture
def write_in(drop, inbox):
    """write_in(sender, recipient) sends and waits until it is stored."""

    def write(sender, recipient):
        one = message(sender, recipient)
        drop(one)
        inbox(recipient, one["Subject"])
        return one

    return write


def stranger():
    return f"habitant-{uuid.uuid4().hex[:8]}@example.com"


def test_a_vacation_answers_a_stranger_once(lab, manage, write_in, eventually):
    manage(BRUNO, VACATION)
    first, second = stranger(), stranger()
    write_in(first, BRUNO)
    answer = eventually(lambda: read_sink(lab.root, first), "the answer")[0]
    assert answer.message["Subject"] == "Absence de la mairie"
    assert answer.message["Auto-Submitted"].startswith("auto-replied")
    assert "fermée jusqu'à lundi" in answer.message.get_content()
    assert answer.sender in {"", "<>"}, "nobody shall answer the answer"
    write_in(first, BRUNO)
    write_in(second, BRUNO)
    # What comes after it has been answered: an answer to the one between would be here.
    eventually(lambda: read_sink(lab.root, second), "the answer to the other")
    assert len(read_sink(lab.root, first)) == 1


def test_a_vacation_does_not_answer_a_list(lab, manage, drop, inbox, write_in, eventually):
    manage(BRUNO, VACATION)
    reader, other = stranger(), stranger()
    one = message(reader, BRUNO)
    one["List-Id"] = "<lettre.example.com>"
    one["Precedence"] = "list"
    drop(one)
    inbox(BRUNO, one["Subject"])
    write_in(other, BRUNO)
    eventually(lambda: read_sink(lab.root, other), "the answer to somebody")
    assert read_sink(lab.root, reader) == []


def test_a_redirection_leaves_in_the_name_of_who_made_it(lab, manage, write_in, eventually):
    """The sender's own SPF would not cover this host, and a bounce goes to who redirected."""
    home = f"bruno-{uuid.uuid4().hex[:8]}@example.org"
    manage(BRUNO, f'require ["copy"];\nredirect :copy "{home}";\n')
    sent = write_in(stranger(), BRUNO)
    caught = eventually(lambda: read_sink(lab.root, home), "the redirected message")[0]
    assert caught.sender == BRUNO
    assert caught.message["Subject"] == sent["Subject"]


def test_a_filter_that_is_wrong_is_refused_and_the_former_one_stays(address, trust, manage):
    manage(ANNE, VACATION)
    with Sieve(address("mail"), trust) as sieve:
        sieve.log_in(ANNE, PASSWORD)
        with pytest.raises(SieveError, match="error"):
            sieve.put("essai", "ceci n'est pas un filtre")
        assert sieve.scripts()["essai"] is True


def test_the_suspended_write_no_filters(address, trust):
    with (
        Sieve(address("mail"), trust) as sieve,
        pytest.raises(SieveError, match="Compte suspendu"),
    ):
        sieve.log_in(KEPT, PASSWORD)


def test_no_password_is_taken_before_tls(address, trust):
    with Sieve(address("mail"), trust) as sieve:
        assert '"SASL" ""' in sieve.greeting
        assert any("PLAIN" in line for line in sieve.capabilities)
