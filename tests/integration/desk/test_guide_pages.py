# SPDX-License-Identifier: GPL-3.0-or-later
"""The national guide on the desk: real sheets, towns that say different things beside them."""

import dataclasses
import json
import re
import signal

import pyotp
import pytest
from django.urls import reverse

from integration.desk import place
from integration.desk.addresses import patterns
from integration.desk.forms import PASSWORD
from integration.desk.nation import INSEE, ORIGIN, Nation
from integration.desk.towns import Share, Town, run

BOTH = ["particuliers", "professionnels"]
PAGES = (
    *("/guide/", "/guide/part", "/guide/pro", "/guide/part/F1427", "/guide/part/R1406"),
    *("/guide/part/N359", "/guide/part/glossaire", "/guide/recherche?q=adresse"),
    *("/guide/nouveautes", "/guide/part/F34680?c=1", "/guide/part/F2122?r=T11657,-T11658"),
    *("/guide/part/accueil", "/guide/pro/F22387"),
)


@pytest.fixture(scope="module")
def nation(tmp_path_factory):
    made = Nation(tmp_path_factory.mktemp("nation"))
    made.fill_directory()
    return made


@pytest.fixture(scope="module")
def configured(desk, configuration, nation, tmp_path_factory):
    """The configuration of a host that has a guide: a file for commands, and this process."""
    facts = json.loads(configuration.read_text("utf-8"))
    file = tmp_path_factory.mktemp("configured") / "guichet.json"
    guide = {"folder": str(nation.folder)}
    file.write_text(json.dumps({**facts, "guide": guide}), "utf-8")
    before = desk.CONFIGURATION
    desk.CONFIGURATION = dataclasses.replace(before, guide=guide)
    yield file
    desk.CONFIGURATION = before


@pytest.fixture(scope="module")
def share(tmp_path_factory, configured):
    return Share(tmp_path_factory.mktemp("share"), configured)


class Readers(Town):
    """A town that shows the guide."""

    def __init__(self, slug, **guide):
        super().__init__(slug)
        self.body["site"] = f"https://www.{self.domain}/"
        self.body["guide"] = {"audiences": BOTH, **guide}
        self.more = []

    def all(self):
        return (*super().all(), *self.more)


def declared(share, town):
    share.declare(town, *town.all())
    result = share.converge()
    assert result["failed_changes"] == []
    return result


@pytest.fixture(scope="module")
def fontaine(share):
    """A commune that the directory has, with words of its own on two sheets."""
    town = Readers(
        "fontaine",
        insee=INSEE,
        pivots={"mairie": {"note": "<p>Entrée par le quai.</p>"}},
        enrichments={
            "F1427": {"before": "Deux jours suffisent à Fontaine.", "procedure": "acte-naissance"},
            "F31682": {"after": "Parlez-en à la mairie."},
        },
    )
    sheet = {"type": "sheet", "title": "Livret de famille", "sheet": "F18910"}
    town.more = [town.procedure("livret", definition=sheet)]
    declared(share, town)
    return town


@pytest.fixture(scope="module")
def gourdon(share):
    """A commune that the directory does not have, which shows one audience only."""
    town = Readers(
        "gourdon",
        insee="46127",
        audiences=["particuliers"],
        pivots={"mairie": {"name": "Mairie de Gourdon", "phone": "05 65 27 01 10"}},
    )
    declared(share, town)
    return town


def test_two_towns_show_one_sheet_with_their_own_town_hall_and_words(browse, fontaine, gourdon):
    ours = browse(fontaine).get("/guide/part/F1427").text
    theirs = browse(gourdon).get("/guide/part/F1427").text
    for own in ("Mairie - Fontaine-le-Port", "Entrée par le quai.", "Deux jours suffisent"):
        assert own in ours
        assert own not in theirs
    assert "Mairie de Gourdon" in theirs
    assert "05 65 27 01 10" in theirs
    assert "Gourdon" not in ours
    # What the nation says is the same in both.
    for text in (ours, theirs):
        assert "vous pouvez demander une copie intégrale ou un extrait avec filiation" in text


def test_without_pivots_and_directory_the_town_hall_is_the_one_of_the_charter(share, browse):
    town = Readers("albas", insee="46001")
    declared(share, town)
    page = browse(town).get("/guide/part/F24345").text
    assert f"mairie@{town.domain}" in page


def test_every_page_names_source_file_and_date_and_sets_no_cookie(browse, fontaine, nation):
    visitor = browse(fontaine)
    day = f"{nation.day:%Y}"
    for at in PAGES:
        answer = visitor.get(at)
        assert answer.status_code == 200, at
        mention = re.findall(r'<p class="mention">.*?</p>', answer.text, re.DOTALL)
        assert mention, at
        audience = "pro" if "/pro" in at else "part"
        assert ORIGIN.format(audience) in "".join(mention), at
        assert "vosdroits-latest.zip, " in "".join(mention)
        assert day in "".join(mention), at
        assert "Licence Ouverte 2.0" in "".join(mention)
        assert not answer.cookies, at
        assert "Cookie" not in answer.headers.get("Vary", ""), at
        assert '<html lang="fr">' in answer.text
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "<script" not in answer.text
        assert "<!--slot" not in answer.text
        assert "guide:/" not in answer.text


def test_the_guide_is_english_around_sheets_that_are_marked_as_french(
    browse, fontaine, enter, english
):
    visitor = browse(fontaine)
    for at in PAGES:
        english(visitor.get(f"/en{at}"))
        english(visitor.get(f"/en{at}".replace("/guide/", "/guide/cadre/")))
    home = english(visitor.get("/en/guide/"))
    assert ("Individuals", "en") in home.texts
    assert ("Papiers - Citoyenneté - Élections", "fr") in home.texts
    sheet = visitor.get("/en/guide/part/F1427")
    assert ("Deux jours suffisent à Fontaine.", "fr") in english(sheet).texts
    assert 'href="/en/guide/part"' in sheet.text
    assert 'href="/en/demarches/acte-naissance/"' in sheet.text
    none = english(visitor.get("/en/guide/recherche?q=xylophonique"))
    assert ("No sheet answers “xylophonique”", "en") in none.texts
    english(visitor.get("/en/guide/part/F0"), 404)
    procedure = english(visitor.get("/en/demarches/acte-naissance/"))
    assert any(
        text.startswith("Acte de naissance") for text, lang in procedure.texts if lang == "fr"
    )
    agents = english(enter(fontaine, "gestion").get("/en/agents/guide/"))
    assert ("Sheets with your texts", "en") in agents.texts


def test_a_sheet_names_the_original_and_its_parts_are_not_to_be_found(browse, fontaine):
    visitor = browse(fontaine)
    whole = visitor.get("/guide/part/F2122").text
    original = "https://www.service-public.fr/particuliers/vosdroits/F2122"
    assert f'<link rel="canonical" href="{original}">' in whole
    assert 'name="robots"' not in whole
    assert 'content="noindex"' in visitor.get("/guide/part/F2122?r=T11657,-T11658").text


def test_who_has_a_page_is_answered_without_rendering_until_something_changes(
    browse, fontaine, gourdon, share, nation
):
    visitor = browse(fontaine)
    for at in PAGES:
        whole = visitor.get(at)
        tag = whole.headers["ETag"]
        assert whole.headers["Cache-Control"] == "public, no-cache"
        again = visitor.get(at, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b""), at
        head = visitor.head(at)
        assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", tag)
        assert visitor.post(at).status_code == 405
    at = "/guide/part/F1427"
    tag = visitor.get(at).headers["ETag"]
    assert browse(gourdon).get(at).headers["ETag"] != tag
    fontaine.body["contact"]["phone"] = "01 60 00 00 00"
    declared(share, fontaine)
    changed = visitor.get(at, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    tag = changed.headers["ETag"]
    nation.change("F1432")
    assert visitor.get(at, headers={"If-None-Match": tag}).status_code == 200


def test_a_release_switched_while_the_desk_runs_is_served_by_the_next_request(
    browse, fontaine, nation
):
    visitor = browse(fontaine)
    assert "Une phrase de ce matin" not in visitor.get("/guide/part/F24345").text
    nation.change("F24345", "Une phrase de ce matin.")
    assert "Une phrase de ce matin." in visitor.get("/guide/part/F24345").text
    news = visitor.get("/guide/nouveautes").text
    assert "fiche modifiée" in news
    assert '<a href="/guide/part/F24345">Buvette ou bar tenu par une association</a>' in news
    assert "centresDeContact" not in news


def test_the_change_of_address_comes_first_for_changement_adresse(browse, fontaine):
    for asked in ("changement adresse", "Changement d'adresse", "CHANGEMENT D’ADRESSE"):
        page = browse(fontaine).get("/guide/recherche", {"q": asked}).text
        first = re.search(r'<ol class="hits".*?<a href="(.*?)">(.*?)</a>', page, re.DOTALL)
        assert first[1] == "/guide/part/R11193", asked
        assert first[2].startswith("Changement d&#x27;adresse en ligne")


def test_words_that_nobody_has_and_words_that_are_code_are_answered_plainly(browse, fontaine):
    visitor = browse(fontaine)
    none = visitor.get("/guide/recherche", {"q": "xylophonique"}).text
    assert "Aucune fiche ne répond à « xylophonique »" in none
    for asked in ('"><script>alert(1)</script>', "'; DROP TABLE page; --", 'a AND (b OR "c', "%00"):
        answer = visitor.get("/guide/recherche", {"q": asked})
        assert answer.status_code == 200
        assert "<script" not in answer.text
    assert visitor.get("/guide/recherche", {"q": "é" * 5000}).status_code == 200
    assert "Aucune fiche" not in visitor.get("/guide/recherche").text


@pytest.mark.parametrize(
    ("at", "to"),
    [
        ("/guide/part/F31682", "/guide/part/N13511"),
        ("/guide/asso/F1427", "/guide/part/F1427"),
        ("/guide/?xml=F1427", "/guide/part/F1427"),
        ("/guide/?xml=F1427.xml&pivot=mairie", "/guide/part/F1427"),
        ("/guide/?xml=F31682", "/guide/part/N13511"),
        ("/guide/?xml=F22387", "/guide/pro/F22387"),
        ("/guide/part/F22387", "/guide/pro/F22387"),
        ("/guide/cadre/?xml=F31682", "/guide/cadre/part/N13511"),
    ],
)
def test_former_identifiers_and_addresses_of_old_plugins_lead_on(browse, fontaine, at, to):
    answer = browse(fontaine).get(at)
    assert (answer.status_code, answer.headers["Location"]) == (301, to)


def test_what_became_another_site_leads_there(browse, fontaine):
    answer = browse(fontaine).get("/guide/part/F11150")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "https://www.recevoirlatnt.fr/particuliers/"


@pytest.mark.parametrize(
    "at",
    [
        *("/guide/part/F0", "/guide/part/F1427.xml", "/guide/part/../F1427", "/guide/autre"),
        *("/guide/part/%00", "/guide/part/F1427%00", "/guide/part/%27%20OR%201=1", "/guide/PART"),
        *("/guide/?xml=../../etc/passwd", "/guide/?xml=", "/guide/?xml=%0d%0aX:1"),
        *("/guide/part/" + "F1" * 400, "/guide/part/%F0%9F%98%80", "/guide/part/%ff"),
    ],
)
def test_unknown_and_hostile_identifiers_are_not_found(browse, fontaine, at):
    answer = browse(fontaine).get(at)
    assert answer.status_code == 404
    assert "X" not in answer.headers
    assert "root:" not in answer.text  # the address itself is in the link of the other language


def test_hostile_answers_and_steps_show_the_whole_page(browse, fontaine):
    visitor = browse(fontaine)
    for at in ("/guide/part/F2122?r=<script>", "/guide/part/F34680?c=9.9.9.9", "/guide/part?r=1"):
        answer = visitor.get(at)
        assert answer.status_code == 200
        assert "<script" not in answer.text


def test_guided_searches_and_questions_are_followed_by_links_alone(browse, fontaine):
    visitor = browse(fontaine)
    page = visitor.get("/guide/part/F34680").text
    step = re.search(r'href="(/guide/part/F34680\?c=1)#', page)[1]
    assert visitor.get(step).text != page
    asked = visitor.get("/guide/part/F2122").text
    answer = re.search(r'href="(/guide/part/F2122\?r=[^"#]*)#', asked)[1]
    assert "Cette page tient compte de vos réponses" in visitor.get(answer).text


def test_an_audience_that_the_town_does_not_show_is_read_at_service_public(browse, gourdon):
    visitor = browse(gourdon)
    away = visitor.get("/guide/part/F22387")
    assert away.status_code == 302
    assert away.headers["Location"].startswith("https://www.service-public.fr/professionnels")
    assert visitor.get("/guide/pro").status_code == 404
    assert "Professionnels" not in visitor.get("/guide/").text


def test_a_sheet_leads_to_the_towns_own_procedure_and_the_procedure_back(browse, fontaine, gourdon):
    visitor = browse(fontaine)
    # The charter names it, and the procedure names the sheet: one link.
    assert visitor.get("/guide/part/F1427").text.count('href="/demarches/acte-naissance/"') == 1
    # By the procedure alone, whose library names both sheets.
    assert 'href="/demarches/acte-naissance/"' in browse(gourdon).get("/guide/part/R1406").text
    page = visitor.get("/demarches/acte-naissance/").text
    assert '<a href="/guide/part/F1427">Acte de naissance' in page
    assert '<a href="/guide/part/R1406">' in page
    away = visitor.get("/demarches/livret/")
    assert (away.status_code, away.headers["Location"]) == (302, "/guide/part/F18910")


def test_a_frame_has_the_sheet_alone_for_the_towns_own_site_alone(browse, fontaine, share):
    visitor = browse(fontaine)
    for at in PAGES:
        answer = visitor.get(at.replace("/guide/", "/guide/cadre/"))
        assert answer.status_code == 200, at
        policy = answer.headers["Content-Security-Policy"]
        site = fontaine.body["site"].rstrip("/")
        assert re.search(r"frame-ancestors ([^;]*)", policy)[1] == f"'self' {site}"
        assert "X-Frame-Options" not in answer.headers
        assert "<header" not in answer.text
        assert "<footer" not in answer.text
        assert 'class="mention"' in answer.text
        assert not answer.cookies
        for link in re.findall(r"<a [^>]*>", answer.text):
            inside = re.search(r'href="(#|/guide/cadre/)', link) is not None
            assert inside != ('target="_top"' in link), (at, link)
        assert not re.search(r'href="/guide/(?!cadre/)', answer.text), at
    assert 'action="/guide/cadre/recherche"' in visitor.get("/guide/cadre/").text
    lost = visitor.get("/guide/cadre/part/F0")
    assert lost.status_code == 404
    assert "X-Frame-Options" not in lost.headers
    alone = Readers("sans-site")
    del alone.body["site"]
    declared(share, alone)
    assert browse(alone).get("/guide/cadre/").status_code == 404
    assert browse(alone).get("/guide/").status_code == 200


def test_words_of_the_grouping_reach_its_communes_and_change_with_its_charter(share, browse):
    grouping = Readers(
        "cc-du-lot",
        level="epci",
        covers=["46201", "46202"],
        enrichments={"F24345": {"after": "Le pays prête des gobelets.", "procedure": "gobelets"}},
        pivots={"mairie": {"hours": ["Le jeudi"]}},
    )
    link = {"type": "link", "title": "Emprunter des gobelets", "url": "https://exemple.fr/"}
    grouping.more = [grouping.procedure("gobelets", definition=link)]
    town = Readers("montcuq", insee="46201", enrichments={"F24345": {"before": "Dix jours avant."}})
    other = Readers("lalbenque", insee="46203")
    share.declare(grouping, *grouping.all())
    share.declare(other, *other.all())
    declared(share, town)
    page = browse(town).get("/guide/part/F24345").text
    for words in ("Le pays prête des gobelets.", "Dix jours avant.", "Le jeudi"):
        assert words in page
    assert f'href="https://{grouping.host}/demarches/gobelets/"' in page
    assert "gobelets" not in browse(other).get("/guide/part/F24345").text
    # Another word of the grouping is a change of its communes, and of nobody else.
    grouping.body["guide"]["enrichments"]["F24345"]["after"] = "Le pays n’en prête plus."
    changes = declared(share, grouping)["changes"]
    assert {one["address"] for one in changes} == {grouping.desk, town.desk}
    assert "Le pays n’en prête plus." in browse(town).get("/guide/part/F24345").text


def mailed_to_managers(configured, town, scope):
    """What the command puts into the outbox: why, and how many sheets a mail names."""
    from guichet.models import Mail

    with scope(town):
        Mail.objects.filter(occasion="guide").delete()
    done = run(configured, "guide_review")
    assert done.returncode == 0, done.stderr
    with scope(town):
        mails = list(Mail.objects.filter(occasion="guide"))
        assert {one.recipient for one in mails} <= {f"gestion@{town.domain}"}
        assert all(f"https://{town.host}/agents/guide/" in one.body for one in mails)
        found = [re.findall(r"^- .* \(F[0-9]+\) : (.*)$", one.body, re.MULTILINE) for one in mails]
    return [(lines[0].capitalize(), len(lines)) for lines in found]


def test_agents_are_told_which_sheets_changed_beside_their_words(
    configured, share, enter, nation, scope
):
    town = Readers("cajarc", enrichments={"F1349": {"after": "Ici."}, "F35936": {"before": "x"}})
    declared(share, town)
    clerk = enter(town, "voirie")
    at = "/agents/guide/"
    assert "À revérifier" not in clerk.get(at).text
    nation.change("F1349")
    page = clerk.get(at).text
    assert "La fiche nationale a changé." in page
    assert "Guide (1 à revérifier)" in clerk.get("/agents/demandes/").text
    digest = re.search(r'name="digest" value="(.*?)"', page)[1]
    assert mailed_to_managers(configured, town, scope) == [("La fiche nationale a changé", 1)]
    assert mailed_to_managers(configured, town, scope) == []
    # Meanwhile it changes once more: what was looked at is not what is there.
    nation.change("F1349", "Encore.")
    clerk.post(f"{at}F1349", {"digest": digest})
    assert "Guide (1 à revérifier)" in clerk.get(at).text
    digest = re.search(r'name="digest" value="(.*?)"', clerk.get(at).text)[1]
    assert clerk.post(f"{at}F1349", {"digest": digest}).headers["Location"] == at
    page = clerk.get(at).text
    assert "À revérifier" not in page
    assert f"voirie@{town.domain}" in page
    assert clerk.post(f"{at}F1427", {"digest": digest}).status_code == 404
    # A reader sees, and marks nothing.
    nation.change("F1349", "Toujours.")
    reader = enter(town, "elus")
    assert "Marquer comme vérifiée" not in reader.get(at).text
    assert reader.post(f"{at}F1349", {"digest": digest}).status_code == 403
    # Words written anew are written beside the sheet of today.
    town.body["guide"]["enrichments"]["F1349"] = {"after": "Ici, depuis peu."}
    declared(share, town)
    assert "À revérifier" not in reader.get(at).text


def test_words_go_along_with_a_sheet_that_moved_and_agents_are_told(browse, fontaine, enter):
    assert "Parlez-en à la mairie." in browse(fontaine).get("/guide/part/N13511").text
    page = enter(fontaine, "gestion").get("/agents/guide/").text
    assert "La fiche est devenue N13511" in page


def test_a_stale_guide_and_broken_links_are_told_to_agents(fontaine, enter, nation):
    clerk = enter(fontaine, "gestion")
    assert "n’ont pas encore été contrôlés" in clerk.get("/agents/guide/").text
    row = {"status": 404, "why": "Not Found", "since": "2026-11-20T04:00:00+00:00"}
    rows = [
        {"url": "https://a.exemple.fr/autre", "pages": ["part/N359"], **row},
        {"url": "https://b.exemple.fr/<b>", "pages": ["part/F1427"], **row},
    ]
    report = {"checked": "2026-11-22T04:00:00+00:00", "links": 17432, "broken": rows}
    (nation.folder / "links.json").write_text(json.dumps(report), "utf-8")
    page = clerk.get("/agents/guide/").text
    assert "17432 adresses contrôlées le 22 novembre 2026 ; 2 rompues" in page
    # The one of a sheet with words of the town comes first.
    assert page.index("https://b.exemple.fr/&lt;b&gt;") < page.index("https://a.exemple.fr/autre")
    assert "plus à jour" not in page
    state = nation.folder / "state.json"
    before = state.read_text("utf-8")
    try:
        old = {**json.loads(before), "succeeded": "2026-01-01T00:00:00+00:00"}
        state.write_text(json.dumps(old), "utf-8")
        assert "Le guide n’est plus à jour" in clerk.get("/agents/guide/").text
    finally:
        state.write_text(before, "utf-8")
        (nation.folder / "links.json").unlink()


def test_without_a_release_pages_say_so_and_the_rest_of_the_desk_works(
    desk, browse, fontaine, enter, tmp_path, monkeypatch
):
    clerk = enter(fontaine, "gestion")
    for guide in ({}, {"folder": str(tmp_path / "nothing")}):
        known = dataclasses.replace(desk.CONFIGURATION, guide=guide)
        monkeypatch.setattr(desk, "CONFIGURATION", known)
        visitor = browse(fontaine)
        for at in PAGES:
            answer = visitor.get(at)
            assert answer.status_code == 503
            assert answer.headers["Retry-After"]
            assert "Le guide n’est pas encore là" in answer.text
        assert "service-public.gouv.fr" in visitor.get("/demarches/acte-naissance/").text
        assert visitor.get("/demarches/livret/").status_code == 200
        assert "pas encore là" in clerk.get("/agents/guide/").text
        assert clerk.get("/agents/demandes/").status_code == 200


def test_a_town_without_a_guide_has_none_of_its_pages(share, browse, enter):
    town = Town("sans-guide")
    declared(share, town)
    visitor = browse(town)
    for at in (*PAGES, "/guide/cadre/"):
        assert visitor.get(at).status_code == 404
    assert "Droits et démarches" not in visitor.get("/").text
    assert enter(town, "gestion").get("/agents/guide/").status_code == 404


def come_in(browser, secret):
    browser.go(f"/agents/invitation/{secret}/")
    key = browser.one(".secret").text.replace(" ", "")
    for field, text in (("password", PASSWORD), ("again", PASSWORD)):
        browser.type(f"#{field}", text)
    browser.type("#code", pyotp.TOTP(key).now())
    browser.press("Enregistrer")


def test_pages_of_the_guide_have_no_fault_that_axe_finds(
    configured, fontaine, nation, tmp_path, desk, scope
):
    """On the desk, framed, and for agents; everything unfolded; 320 pixels are wide enough."""
    pytest.importorskip("selenium")
    from guichet.agents.entry import invite
    from guichet.models import Agent
    from integration.desk.browser import Browser, Served, axe, templates

    unfold = "document.querySelectorAll('details').forEach(one => { one.open = true; })"
    source, faults, seen = axe(), {}, set()
    served = Served(tmp_path, configured)
    browser = Browser(tmp_path / "chromium", served, fontaine)
    try:

        def judge(at, name):
            browser.go(at)
            browser.driver.execute_script(unfold)
            faults[at] = browser.faults(source)
            seen.add(f"guide/{name}.html")

        judge("/guide/", "home")
        judge("/guide/part", "audience")
        for sheet in ("F1427", "N13511", "R1406", "F34680?c=1", "F2122?r=T11657,-T11658"):
            judge(f"/guide/part/{sheet}", "sheet")
        judge("/guide/pro/F22387", "sheet")
        judge("/guide/part/glossaire", "glossary")
        judge("/guide/recherche?q=adresse", "search")
        judge("/guide/recherche?q=xylophonique", "search")
        nation.change("F1427", "Un paragraphe du jour.")
        judge("/guide/nouveautes", "news")
        judge("/guide/part/F0", "missing")
        for at in ("", "part", "part/F1427", "recherche?q=adresse"):
            judge(f"/guide/cadre/{at}", "frame")
        with scope(fontaine):
            secret = invite(Agent.objects.get(email=f"gestion@{fontaine.domain}"))
        come_in(browser, secret)
        judge("/agents/guide/", "agents")
        assert "À revérifier" in browser.text
        browser.press("Marquer comme vérifiée")
        assert "La fiche nationale a changé." not in browser.text
        # The process that serves goes on without a guide.
        away = nation.folder.rename(nation.beside / "away")
        try:
            served.process.send_signal(signal.SIGHUP)
            place.wait(lambda: browser.go("/guide/") or "pas encore là" in browser.text, "503")
            judge("/guide/", "away")
        finally:
            away.rename(nation.folder)
    finally:
        browser.driver.quit()
        served.stop()
    assert {at: found for at, found in faults.items() if found} == {}
    assert "Traceback" not in served.log.read_text()
    assert seen == templates("guide/")


def test_no_page_of_the_guide_shows_anything_of_another_town(browse, fontaine, gourdon):
    """Each address of the guide, with the identifiers that carry fontaine's words."""
    names = {one.name for one in patterns() if (one.name or "").startswith("guide")}
    assert len(names) == 12
    given = {"audience": ["part"], "glossary": ["part"], "sheet": ["part", "F1427"]}
    for name in sorted(names):
        at = reverse(name, args=given.get(name.rpartition("-")[2], []))
        for asked in (at, f"{at}?q=naissance", f"{at}?xml=F1427", at.replace("F1427", "N13511")):
            page = browse(gourdon).get(asked, follow=True).text
            assert "ontaine" not in page
            assert "Deux jours" not in page
            assert "Parlez-en" not in page
            assert fontaine.domain not in page
