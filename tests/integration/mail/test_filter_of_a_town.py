# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters, with what a charter declares and an apply brings."""

import smtplib

from integration.mail.postbox import answer_to, message
from integration.town import charter


def test_mail_forged_in_the_name_of_a_domain_that_forbids_it_is_refused(town):
    """A commune's domain without mail publishes that nobody may write in its name."""
    text = charter("214600017", town.albas)
    silent = f"muet-{town.token}.fr"
    text = text.replace("mail:\n", f"  {silent}:\n    registration: {{mode: managed}}\nmail:\n", 1)
    town.write("46/albas", text)
    town.commit()
    town.apply()
    with smtplib.SMTP(town.addresses["mail"], 25, timeout=60) as smtp:
        code, said = answer_to(smtp, message(f"maire@{silent}", f"mairie@{town.albas}"))
        assert code == 554, said
        honest = message("maire@example.com", f"mairie@{town.albas}")
        assert answer_to(smtp, honest)[0] == 250, "one that publishes nothing is heard"


def test_apply_tells_when_a_filter_has_turned_itself_off(town):
    town.write("46/albas", charter("214600017", town.albas))
    town.commit()
    with town.stopped("mail", "redis-server"):
        done = town.apply(code=1)
    assert "A527" in done.stdout
    assert "the limit of outgoing mail" in done.stdout
    assert f"mairie@{town.albas}" in town.mailboxes(), "what was declared is applied"
    town.converge()
