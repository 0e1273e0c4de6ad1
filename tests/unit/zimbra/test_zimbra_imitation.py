# SPDX-License-Identifier: GPL-3.0-or-later
"""The imitation refuses what a Zimbra refuses; otherwise the other tests would prove nothing."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from zimbra_fake import ADMIN, PASSWORD, USER, FakeZimbra
from zimbra_filter import BadFilter, matches
from zimbra_town import client_of

from bastide.targets.zimbra import Fault
from bastide.targets.zimbra.soap import add_attributes, request, selected


def made(kind, name, **attributes):
    body = request(f"Create{kind}Request", ("name", name))
    return add_attributes(body, attributes.items())


def identity(client, body):
    return client.call(body)[0].get("id")


def code(client, body):
    with pytest.raises(Fault) as fault:
        client.call(body)
    return fault.value.code


@pytest.fixture
def town(client):
    """Ids of a domain, an account with an alias, and a list."""
    client.call(made("Domain", "cahors.fr"))
    account = identity(client, made("Account", "maire@cahors.fr"))
    client.call(request("AddAccountAliasRequest", ("id", account), ("alias", "m@cahors.fr")))
    liste = identity(client, made("DistributionList", "conseil@cahors.fr"))
    return {"account": account, "list": liste}


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (request("DeleteAccountRequest", ("id", "x")), "service.UNKNOWN_DOCUMENT"),
        (request("GetAccountQuest"), "service.UNKNOWN_DOCUMENT"),
        (ET.Element("CreateAccountRequest"), "service.UNKNOWN_DOCUMENT"),
        (made("Account", ""), "service.INVALID_REQUEST"),
        (request("CreateAccountRequest", ("nom", "x@cahors.fr")), "service.INVALID_REQUEST"),
        (made("Account", "x@ailleurs.fr"), "account.NO_SUCH_DOMAIN"),
        (made("Account", "a b@cahors.fr"), "service.INVALID_REQUEST"),
        (made("Account", "x@cahors.fr", zimbraQuota="1"), "account.INVALID_ATTR_NAME"),
        (made("Account", "x@cahors.fr", zimbraMailQuota="1 GB"), "account.INVALID_ATTR_VALUE"),
        (
            made("Account", "x@cahors.fr", zimbraAccountStatus="suspended"),
            "account.INVALID_ATTR_VALUE",
        ),
        (made("Account", "x@cahors.fr", zimbraNotes="x" * 1025), "account.INVALID_ATTR_VALUE"),
        (made("Account", "x@cahors.fr", zimbraCOSId="none"), "account.NO_SUCH_COS"),
        (made("Account", "maire@cahors.fr"), "account.ACCOUNT_EXISTS"),
        (made("Account", "m@cahors.fr"), "account.ACCOUNT_EXISTS"),
        (made("DistributionList", "m@cahors.fr"), "account.ACCOUNT_EXISTS"),
        (made("Domain", "cahors.fr"), "account.DOMAIN_EXISTS"),
        (made("CalendarResource", "r@cahors.fr"), "service.INVALID_REQUEST"),
        (
            made("CalendarResource", "r@cahors.fr", displayName="R", zimbraCalResType="Room"),
            "account.INVALID_ATTR_VALUE",
        ),
        (request("ModifyAccountRequest", ("id", "none")), "account.NO_SUCH_ACCOUNT"),
        (selected("DistributionList", "name", "x@cahors.fr"), "account.NO_SUCH_DISTRIBUTION_LIST"),
        (selected("Account", "uid", "x"), "service.INVALID_REQUEST"),
        (request("DeleteDistributionListRequest", id="x"), "account.NO_SUCH_DISTRIBUTION_LIST"),
        (
            request("SearchDirectoryRequest", ("query", "uid=*"), types="accounts"),
            "service.INVALID_REQUEST",
        ),
        (request("SearchDirectoryRequest", types="everything"), "service.INVALID_REQUEST"),
        (request("SearchDirectoryRequest", domain="x.fr"), "account.NO_SUCH_DOMAIN"),
        (request("SearchDirectoryRequest", page="2"), "service.INVALID_REQUEST"),
    ],
)
def test_what_is_refused(client, town, body, refused):
    assert code(client, body) == refused


def test_aliases_and_members_are_refused_like_the_real_ones(client, town):
    def alias(verb, name):
        return request(f"{verb}AccountAliasRequest", ("id", town["account"]), ("alias", name))

    def member(verb, *names):
        children = [("dlm", name) for name in names]
        return request(f"{verb}DistributionListMemberRequest", ("id", town["list"]), *children)

    assert code(client, alias("Add", "m@cahors.fr")) == "account.ACCOUNT_EXISTS"
    assert code(client, alias("Add", "conseil@cahors.fr")) == "account.ACCOUNT_EXISTS"
    assert code(client, alias("Remove", "autre@cahors.fr")) == "account.NO_SUCH_ALIAS"
    assert code(client, member("Add")) == "service.INVALID_REQUEST"
    assert code(client, member("Add", "conseil@cahors.fr")) == "service.INVALID_REQUEST"
    client.call(member("Add", "a@example.org", "b@example.org"))
    client.call(member("Add", "a@example.org"))
    assert code(client, member("Remove", "a@example.org", "c@example.org")) == (
        "account.NO_SUCH_MEMBER"
    )
    answer = client.call(selected("DistributionList", "id", town["list"]))
    assert [one.text for one in answer.iter(f"{ADMIN}dlm")] == ["a@example.org", "b@example.org"]


def test_a_stricter_release_refuses_members_that_are_there():
    client = client_of(FakeZimbra(strict_members=True))
    client.call(made("Domain", "cahors.fr"))
    liste = identity(client, made("DistributionList", "conseil@cahors.fr"))
    add = request("AddDistributionListMemberRequest", ("id", liste), ("dlm", "a@example.org"))
    client.call(add)
    assert code(client, add) == "account.MEMBER_EXISTS"


def test_closing_an_account_takes_it_out_of_every_list_and_pending_does_not(client, zimbra, town):
    add = request("AddDistributionListMemberRequest", ("id", town["list"]))
    ET.SubElement(add, f"{ADMIN}dlm").text = "maire@cahors.fr"
    client.call(add)
    for status, members in (("pending", ["maire@cahors.fr"]), ("closed", [])):
        change = request("ModifyAccountRequest", ("id", town["account"]))
        client.call(add_attributes(change, [("zimbraAccountStatus", status)]))
        entry = zimbra.directory.entries[town["list"]]
        assert entry["attributes"]["zimbraMailForwardingAddress"] == members


def test_a_suspended_domain_takes_no_change(client, zimbra, town):
    domain = zimbra.directory.named("domain", "cahors.fr")
    domain["attributes"]["zimbraDomainStatus"] = ["suspended"]
    change = request("ModifyAccountRequest", ("id", town["account"]))
    assert code(client, change) == "service.PERM_DENIED"
    assert code(client, made("Account", "x@cahors.fr")) == "service.PERM_DENIED"


def test_pages_and_the_cap_on_results(client, zimbra, town):
    for number in range(5):
        client.call(made("Account", f"u{number}@cahors.fr"))
    search = request("SearchDirectoryRequest", ("query", "(uid=u*)"), limit="2", offset="2")
    answer = client.call(search)
    assert [one.get("name") for one in answer] == ["u2@cahors.fr", "u3@cahors.fr"]
    # Without a session nothing is said of what comes after the page.
    assert (answer.get("more"), answer.get("searchTotal")) == ("0", "4")
    zimbra.cap = 4  # everything that matches counts, not the page
    assert code(client, search) == "account.TOO_MANY_SEARCH_RESULTS"


def test_a_session_is_told_that_there_is_more(client, zimbra, town):
    for number in range(5):
        client.call(made("Account", f"u{number}@cahors.fr"))

    def asked(context, body):
        return zimbra.answer(
            b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Header>'
            b'<context xmlns="urn:zimbra">%s</context></e:Header><e:Body>%s</e:Body></e:Envelope>'
            % (context, body)
        )

    login = request("AuthRequest", ("name", USER), ("password", PASSWORD))
    answered = ET.fromstring(asked(b"", ET.tostring(login))[1])
    token = b"<authToken>%s</authToken>" % answered.findtext(f".//{ADMIN}authToken").encode()
    search = request("SearchDirectoryRequest", ("query", "(uid=u*)"), limit="2", offset="2")
    status, answer = asked(token, ET.tostring(search))
    assert status == 200
    assert b'more="1"' in answer
    assert b'searchTotal="5"' in answer


def test_a_password_is_set_by_an_administrator_and_shown_to_nobody(client, zimbra, town):
    def shown():
        return {
            one.get("n"): one.text
            for one in client.call(selected("Account", "id", town["account"])).iter(f"{ADMIN}a")
        }

    assert "userPassword" not in shown()
    mark = request("ModifyAccountRequest", ("id", town["account"]))
    client.call(add_attributes(mark, [("zimbraPasswordMustChange", "TRUE")]))
    change = request("SetPasswordRequest", ("id", town["account"]), ("newPassword", "tres-secret"))
    client.call(change)
    assert shown()["userPassword"] == "VALUE-BLOCKED"
    assert "zimbraPasswordMustChange" not in shown()
    assert "tres-secret" not in str(shown())
    for body, refused in (
        (request("SetPasswordRequest", ("id", "x"), ("newPassword", "y")), "NO_SUCH_ACCOUNT"),
        (request("SetPasswordRequest", ("id", town["account"])), "INVALID_REQUEST"),
    ):
        assert code(client, body).endswith(refused)


def test_names_are_shown_with_their_accents(client):
    client.call(made("Domain", "xn--cr-fja.fr"))
    answer = client.call(made("Account", "mairie@xn--cr-fja.fr"))
    assert answer[0].get("name") == "mairie@crê.fr"


def test_a_batch_goes_on_after_a_fault_and_stops_when_asked_to(zimbra):
    client = client_of(zimbra)
    bodies = [made("Domain", "a.fr"), made("Domain", "a.fr"), made("Domain", "b.fr")]
    answers = client.batch(bodies)
    assert [isinstance(one, Fault) for one in answers] == [False, True, False]
    assert answers[1].code == "account.DOMAIN_EXISTS"
    assert zimbra.directory.named("domain", "b.fr")


def test_without_a_token_nothing_is_answered(zimbra):
    status, answer = zimbra.answer(
        b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>'
        b'<GetAllDomainsRequest xmlns="urn:zimbraAdmin"/></e:Body></e:Envelope>'
    )
    assert status == 500
    assert b"service.AUTH_REQUIRED" in answer
    assert b"service.PARSE_ERROR" in zimbra.answer(b"{}")[1]


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("(uid=*)", True),
        ("(uid=ma*)", True),
        ("(uid=MAIRE)", True),
        ("(uid=*ir*)", True),
        ("(uid=b*)", False),
        ("(&(uid=m*)(!(uid=mb*)))", True),
        ("(|(uid=b*)(mail=maire@cahors.fr))", True),
        ("(uid=m\\61ire)", True),
        ("(cn=*)", False),
        ("(!(cn=x))", False),  # neither true nor false
    ],
)
def test_filters(text, selected):
    assert matches(text, {"uid": ["maire"], "mail": ["maire@cahors.fr"]}) is selected


@pytest.mark.parametrize("text", ["uid=*", "(uid=*", "(uid=*))", "(&uid=*)", "()", "(uid>=1)"])
def test_broken_filters(text):
    with pytest.raises(BadFilter):
        matches(text, {})
