# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept how long, what a person may ask for, and that nothing stays of what goes."""

import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from integration.desk.forms import PNG


@pytest.fixture
def closed(cahors, fill_in, last_request, enter, scope, raw):
    """A closed request with a file and messages."""
    from guichet.requests.acting import citizen_writes

    fill_in(cahors, photo=SimpleUploadedFile("a.png", PNG))
    found, _ = last_request(cahors)
    with scope(cahors):
        citizen_writes(found, "Merci", ())
    agent = enter(cahors, "gestion")
    for to in ("taken", "accepted", "closed"):
        agent.post(f"/agents/demandes/{found.number}/etat", {"to": to})
    return last_request(cahors)[0]


def close_long_ago(scope, town, request, months):
    """As if it had been closed so many months ago."""
    from guichet.models import Request

    with scope(town):
        one = Request.objects.get(pk=request.pk)
        year, month = divmod(one.closed_at.year * 12 + one.closed_at.month - 1 - months, 12)
        one.closed_at = one.closed_at.replace(year=year, month=month + 1, day=1)
        one.save(update_fields=["closed_at"])


def left_of(scope, town, request):
    """Rows of each kind that belong to a request."""
    from guichet.models import Event, File, Mail, Message, Request

    with scope(town):
        counts = [Request.objects.filter(pk=request.pk).count()]
        counts += [
            model.objects.filter(request=request.pk).count()
            for model in (Event, Message, File, Mail)
        ]
    return counts


def test_a_request_goes_when_its_retention_is_over_and_not_before(cahors, closed, command, scope):
    close_long_ago(scope, cahors, closed, 11)
    assert closed.number not in command("retention", "--apply", owner=True)
    assert all(left_of(scope, cahors, closed))
    close_long_ago(scope, cahors, closed, 1)
    shown = command("retention", owner=True)
    assert f"{cahors.siren} over: {closed.number}" in shown
    assert "Nothing was removed" in shown
    assert all(left_of(scope, cahors, closed))
    command("retention", "--apply", owner=True)
    assert left_of(scope, cahors, closed) == [0] * 5


def test_a_line_without_a_person_stays(cahors, closed, command, scope, raw):
    from guichet.models import PurgedRequest

    close_long_ago(scope, cahors, closed, 13)
    command("retention", "--apply", owner=True)
    with scope(cahors):
        row = PurgedRequest.objects.get(number=closed.number)
    assert (row.procedure_slug, row.state, row.why) == (
        *("intervention-services", "closed", "retention"),
    )


def test_nothing_of_a_purged_request_is_left_in_any_table(cahors, fill_in, command, raw, scope):
    email = "effacee@exemple.fr"
    fill_in(cahors, email=email)
    link = raw()
    tables = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'guichet_%'"

    def holding():
        link.execute("SELECT set_config('guichet.tenant', %s, true)", [cahors.siren])
        found = []
        for (name,) in link.execute(tables).fetchall():
            rows = link.execute(f"SELECT * FROM {name}").fetchall()
            if email in str(rows):
                found.append(name)
        link.commit()
        return found

    assert set(holding()) == {"guichet_request", "guichet_mail"}
    said = command("rgpd_erase", cahors.host, email.upper(), owner=True)
    assert "received" in said
    assert "Nothing was removed" in said
    assert holding()
    command("rgpd_erase", cahors.host, email, "--apply", owner=True)
    assert holding() == []


def test_erasing_in_one_town_takes_nothing_from_another(
    cahors, figeac, fill_in, command, scope, last_request
):
    for town in (cahors, figeac):
        fill_in(town, email="deux@exemple.fr")
    command("rgpd_erase", cahors.host, "deux@exemple.fr", "--apply", owner=True)
    assert left_of(scope, figeac, last_request(figeac)[0])[0] == 1


def test_a_person_gets_a_copy_of_everything(cahors, fill_in, command, tmp_path, last_request):
    email = "copie@exemple.fr"
    fill_in(cahors, email=email, photo=SimpleUploadedFile("a.png", PNG))
    number = last_request(cahors)[0].number
    file = tmp_path / "copie.zip"
    assert "1 requests" in command("rgpd_export", cahors.host, email, file, owner=True)
    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
        names = archive.namelist()
        facts = json.loads(archive.read(f"{number}/demande.json"))
        (picture,) = [name for name in names if name.endswith("a.png")]
        assert archive.read(picture) == PNG
    assert facts["answers"]["name"] == {"given": "Jeanne", "family": "Essai"}
    assert f"{number}/demande.pdf" in names


def test_a_copy_overwrites_no_file(cahors, configuration, tmp_path):
    from integration.desk.towns import run

    file = tmp_path / "there"
    file.write_text("x")
    done = run(configuration, "rgpd_export", cahors.host, "x@exemple.fr", file, owner=True)
    assert done.returncode != 0
    assert file.read_text() == "x"


def test_a_copy_that_cannot_be_printed_is_told_and_leaves_no_file(
    cahors, fill_in, monkeypatch, tmp_path
):
    from guichet import printing

    fill_in(cahors, email="papier@exemple.fr")
    monkeypatch.setattr(printing, "_PATIENCE", -0.99)
    file = tmp_path / "copie.zip"
    with pytest.raises(CommandError, match=r"could not be printed \(not done after"):
        call_command("rgpd_export", cahors.host, "papier@exemple.fr", file)
    assert not file.exists()


def test_a_request_that_nobody_closes_is_told_and_kept(
    cahors, fill_in, command, last_request, scope
):
    from guichet.models import Request

    fill_in(cahors)
    found, _ = last_request(cahors)
    with scope(cahors):
        long_ago = found.changed_at.replace(year=found.changed_at.year - 3, day=1)
        Request.objects.filter(pk=found.pk).update(changed_at=long_ago)
    said = command("retention", "--apply", owner=True)
    assert f"{cahors.siren} never closed, kept: {found.number}" in said
    assert left_of(scope, cahors, found)[0] == 1


def test_a_form_that_is_never_sent_is_gone_after_a_day(cahors, browse, command, scope, desk):
    import datetime as dt

    from django.utils import timezone

    from guichet.models import Draft, File

    visitor = browse(cahors)
    visitor.post("/demarches/intervention-services/commencer")
    with scope(cahors):
        draft = Draft.objects.order_by("pk").last()
        File.objects.create(
            tenant_id=cahors.siren,
            key=draft.key,
            draft=draft,
            name="a.png",
            type="png",
            size=1,
            sha256="0" * 64,
            content=b"x",
            scanned_at=timezone.now(),
        )
    command("retention", "--apply", owner=True)
    with scope(cahors):
        assert Draft.objects.filter(pk=draft.pk).exists()
        old = timezone.now() - dt.timedelta(hours=25)
        Draft.objects.filter(pk=draft.pk).update(begun_at=old)
    command("retention", "--apply", owner=True)
    with scope(cahors):
        assert not Draft.objects.filter(pk=draft.pk).exists()
        assert not File.objects.filter(key=draft.key).exists()


def test_the_application_cannot_erase(cahors, fill_in, configuration):
    from integration.desk.towns import run

    fill_in(cahors, email="reste@exemple.fr")
    done = run(configuration, "rgpd_erase", cahors.host, "reste@exemple.fr", "--apply")
    assert done.returncode != 0
    assert "permission denied" in done.stderr


def test_an_invitation_is_sent_by_a_command_that_shows_no_link(cahors, command, scope):
    from guichet.models import Mail

    said = command("invite", cahors.host, f"elus@{cahors.domain}")
    assert "https" not in said
    with scope(cahors):
        assert Mail.objects.filter(recipient=f"elus@{cahors.domain}").exists()
