# SPDX-License-Identifier: GPL-3.0-or-later
"""bastide_web_pages on a real nginx."""

import pytest
from shares import ALBAS, CAHORS, by_address, collectivity, share

pytestmark = pytest.mark.lab

SHARE = "/root/web.jsonl"


def page(title="Cahors", *lines):
    body = {"title": title, "kind": "holding", "language": "fr"}
    return body | {"lines": list(lines or ["Écrire : mairie@cahors.fr"])}


CAHORS_WEB = {
    "page:www.cahors.fr": page(),
    "redirect:cahors.fr": {"to": "https://www.cahors.fr/"},
    "redirect:ville-cahors.fr": {"to": "https://www.cahors.fr/ville?a=1&b=2#c"},
}
DOMAINS = ["cahors.fr", "ville-cahors.fr"]
CAHORS_NOW = collectivity(CAHORS, DOMAINS, CAHORS_WEB)
ALBAS_NOW = collectivity(ALBAS, ["albas.fr"], {"page:www.albas.fr": page("Albas")})


def cahors(more=(), less=(), **facts):
    resources = {**CAHORS_WEB, **dict(more)}
    for address in less:
        del resources[address]
    return collectivity(CAHORS, facts.pop("domains", DOMAINS), resources, **facts)


def converge(web, *lines, check_mode=False, **args):
    web.put(SHARE, share("web", *lines))
    return web.module("bastide_web_pages", {"share": SHARE, **args}, check_mode=check_mode)


def get(web, host):
    """Status, target of the redirect, and body, for a request to `host`."""
    form = r"%{http_code} %{redirect_url}\n"
    said = web.sh(f"curl -s -o /tmp/body -w '{form}' -H 'Host: {host}' http://127.0.0.1/")
    status, _, target = said.strip().partition(" ")
    return int(status), target, web.read("/tmp/body")


def is_served(web, host, text):
    """Polled: a reload of nginx returns before its new workers answer."""
    web.sh(
        f"for i in $(seq 100); do curl -s -D - -H 'Host: {host}' http://127.0.0.1/"
        f" | grep -qF '{text}' && exit 0; sleep 0.1; done; exit 1"
    )
    return True


@pytest.fixture
def two(web):
    result = converge(web, CAHORS_NOW, ALBAS_NOW)
    assert result["failed_changes"] == [], result
    return web


def test_first_run_creates_and_second_changes_nothing(web):
    plan = converge(web, CAHORS_NOW, ALBAS_NOW, check_mode=True)
    assert get(web, "www.cahors.fr")[0] == 404
    real = converge(web, CAHORS_NOW, ALBAS_NOW, expect=plan["digest"])
    assert real["failed_changes"] == []
    assert real["changes"] == plan["changes"]
    assert real["digest"] == plan["digest"]
    assert set(by_address(real).values()) == {"create"}
    assert is_served(web, "www.cahors.fr", "<h1>Cahors</h1>")
    _, _, html = get(web, "www.cahors.fr")
    assert "Écrire : mairie@cahors.fr" in html
    assert get(web, "cahors.fr")[:2] == (301, "https://www.cahors.fr/")
    assert get(web, "ville-cahors.fr")[1] == "https://www.cahors.fr/ville?a=1&b=2#c"
    again = converge(web, CAHORS_NOW, ALBAS_NOW)
    assert again["changed"] is False
    assert again["repaired"] == []
    assert again["totals"][CAHORS] == {"page": 1, "redirect": 2}


def test_the_ansible_command_runs_it_with_check_and_diff(two):
    changed = cahors({"page:www.cahors.fr": page("Cahors", "Bonjour")})
    two.put(SHARE, share("web", changed, ALBAS_NOW))
    for check_mode in (True, False):
        said = two.by_ansible("bastide_web_pages", {"share": SHARE}, check_mode=check_mode)
        assert "Bonjour" in said
    assert is_served(two, "www.cahors.fr", "<p>Bonjour</p>")


def test_update_of_page_and_redirect(two):
    changed = cahors(
        {
            "page:www.cahors.fr": page("Ville de Cahors"),
            "redirect:cahors.fr": {"to": "https://ville.example/"},
        }
    )
    result = converge(two, changed, ALBAS_NOW)
    assert by_address(result) == {"page:www.cahors.fr": "update", "redirect:cahors.fr": "update"}
    assert result["changes"][0]["before"] == page()
    assert is_served(two, "www.cahors.fr", "Ville de Cahors")
    assert is_served(two, "cahors.fr", "Location: https://ville.example/")


def test_text_is_escaped(two):
    hostile = page("<script>alert(1)</script>", "a & b", "$title ${title} \"q\" 'a'")
    converge(two, cahors({"page:www.cahors.fr": hostile}), ALBAS_NOW)
    assert is_served(two, "www.cahors.fr", "&lt;script&gt;")
    _, _, html = get(two, "www.cahors.fr")
    assert "<script" not in html
    assert "$title ${title} &quot;q&quot;" in html


@pytest.mark.parametrize(
    "host", ["../../etc", "a b.fr", "x.fr\n", "x.fr;", "localhost", "10.0.0.1"]
)
def test_share_with_a_hostile_name_is_refused_whole(two, host):
    result = converge(two, cahors({f"page:{host}": page()}), ALBAS_NOW)
    assert result["failed"] is True
    assert "refused" in result["msg"]


def test_bad_body_stops_its_address_only_and_what_stands_there_stays(two):
    targets = [
        'https://a.fr/"; return 200 "x',
        "https://a.fr/$request_uri",
        "javascript:alert(1)",
        "https://a.fr/\n",
    ]
    hostile = {f"redirect:x{n}.cahors.fr": {"to": to} for n, to in enumerate(targets)}
    hostile |= {
        "redirect:cahors.fr": {"to": "https://évêché.fr/"},
        "page:www.cahors.fr": page() | {"kind": "php"},
        "page:x.cahors.fr": page("line\nbreak"),
    }
    result = converge(two, cahors(hostile), ALBAS_NOW)
    assert result["changed"] is False
    assert {one["address"] for one in result["failed_changes"]} == hostile.keys()
    assert get(two, "cahors.fr")[1] == "https://www.cahors.fr/"
    assert "<h1>Cahors</h1>" in get(two, "www.cahors.fr")[2]


def test_foreign_edits_are_found_and_repaired(two):
    two.sh("""
    echo defaced > /srv/pages/www.cahors.fr/index.html
    echo 'cahors.fr "https://evil.example/";' > /etc/nginx/bastide/redirects.map
    """)
    plan = converge(two, CAHORS_NOW, ALBAS_NOW, check_mode=True)
    assert by_address(plan) == {
        "page:www.cahors.fr": "update",
        "redirect:cahors.fr": "update",
        "redirect:ville-cahors.fr": "create",
    }
    assert plan["changes"][0]["before"].keys() == {"content"}
    assert converge(two, CAHORS_NOW, ALBAS_NOW)["digest"] == plan["digest"]
    assert is_served(two, "www.cahors.fr", "<h1>Cahors</h1>")
    assert is_served(two, "cahors.fr", "Location: https://www.cahors.fr/")
    assert converge(two, CAHORS_NOW, ALBAS_NOW)["changed"] is False


def test_lost_map_is_repaired(two):
    two.sh("echo > /etc/nginx/bastide/pages.map; systemctl reload nginx")
    plan = converge(two, CAHORS_NOW, ALBAS_NOW, check_mode=True)
    assert plan["repaired"] == ["/etc/nginx/bastide/pages.map"]
    assert plan["changes"] == []
    assert converge(two, CAHORS_NOW, ALBAS_NOW)["changed"] is True
    assert is_served(two, "www.cahors.fr", "<h1>Cahors</h1>")


def test_state_file_lost_changes_nothing(two):
    two.sh("rm /var/lib/bastide/web/pages.json")
    result = converge(two, CAHORS_NOW, ALBAS_NOW)
    assert result["changes"] == []
    assert converge(two, CAHORS_NOW, ALBAS_NOW)["changed"] is False
    result = converge(two, cahors(less=["page:www.cahors.fr"]), ALBAS_NOW)
    assert by_address(result) == {"page:www.cahors.fr": "delete"}


def test_page_that_leaves_its_file_goes_and_retired_ones_too(two):
    result = converge(two, cahors(less=["page:www.cahors.fr", "redirect:cahors.fr"]), ALBAS_NOW)
    assert by_address(result) == {"page:www.cahors.fr": "delete", "redirect:cahors.fr": "delete"}
    assert "www.cahors.fr" not in two.sh("ls /srv/pages")
    result = converge(two, CAHORS_NOW, collectivity(ALBAS, ["albas.fr"], retired=True))
    assert by_address(result)["page:www.albas.fr"] == "delete"
    two.sh(
        "for i in $(seq 100); do test 404 = $(curl -s -o /dev/null -w '%{http_code}'"
        " -H 'Host: www.albas.fr' http://127.0.0.1/) && exit 0; sleep 0.1; done; exit 1"
    )


def test_the_folder_of_a_page_whose_removal_was_killed_goes_with_the_next_run(two):
    two.sh("rm /srv/pages/www.cahors.fr/index.html")
    left = cahors(less=["page:www.cahors.fr", "redirect:cahors.fr"])
    result = converge(two, left, ALBAS_NOW)
    assert result["repaired"][-1] == "/srv/pages/www.cahors.fr"
    assert "www.cahors.fr" not in two.sh("ls /srv/pages")
    assert not converge(two, left, ALBAS_NOW)["changed"]


def test_what_vanishes_is_left_alone_and_what_nobody_declared_is_not_touched(two):
    two.sh("""
    mkdir -p /srv/pages/foreign.example; echo x > /srv/pages/foreign.example/index.html
    echo 'other.example "https://example.org/";' >> /etc/nginx/bastide/redirects.map
    """)
    gone = collectivity(CAHORS, ["ville-cahors.fr"])
    converge(two, CAHORS_NOW, ALBAS_NOW)
    result = converge(two, gone)
    left = {one["address"]: one["why"] for one in result["left_alone"]}
    assert left == {
        "page:foreign.example": "undeclared",
        "redirect:other.example": "undeclared",
        "page:www.cahors.fr": "domain-gone",
        "redirect:cahors.fr": "domain-gone",
        "page:www.albas.fr": "collectivity-gone",
    }
    assert by_address(result) == {"redirect:ville-cahors.fr": "delete"}
    assert "other.example" in two.read("/etc/nginx/bastide/redirects.map")
    assert get(two, "www.cahors.fr")[0] == 200
    two.sh("rm -r /srv/pages/foreign.example; sed -i /other/d /etc/nginx/bastide/redirects.map")
    converge(two, CAHORS_NOW, ALBAS_NOW)


def test_scope_and_stale_plan(two):
    changed = cahors({"page:www.cahors.fr": page("X")})
    other = collectivity(ALBAS, ["albas.fr"], {"page:www.albas.fr": page("Y")})
    plan = converge(two, changed, other, check_mode=True, scope=[ALBAS])
    assert by_address(plan) == {"page:www.albas.fr": "update"}
    two.sh("echo defaced > /srv/pages/www.albas.fr/index.html")
    result = converge(two, changed, other, scope=[ALBAS], expect=plan["digest"])
    assert (result["stale"], result["changed"]) == (True, False)
    assert two.read("/srv/pages/www.albas.fr/index.html") == "defaced\n"
    result = converge(two, changed, other, scope=[ALBAS])
    assert by_address(result) == {"page:www.albas.fr": "update"}
    assert is_served(two, "www.cahors.fr", "<h1>Cahors</h1>")


def test_configuration_that_nginx_refuses_is_taken_back(two):
    two.sh("echo nonsense > /etc/nginx/conf.d/broken.conf")
    before = two.sh("cat /etc/nginx/bastide/*.map")
    changed = cahors({"page:neuf.cahors.fr": page("Neuf"), "page:www.cahors.fr": page("Z")})
    result = converge(two, changed, ALBAS_NOW)
    two.sh("rm /etc/nginx/conf.d/broken.conf")
    assert [one["address"] for one in result["failed_changes"]] == ["page:neuf.cahors.fr"]
    assert "broken.conf" in result["failed_changes"][0]["error"]
    assert by_address(result) == {"page:www.cahors.fr": "update"}
    assert two.sh("cat /etc/nginx/bastide/*.map") == before
    assert by_address(converge(two, changed, ALBAS_NOW)) == {"page:neuf.cahors.fr": "create"}
    assert is_served(two, "neuf.cahors.fr", "Neuf")
