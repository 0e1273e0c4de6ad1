# SPDX-License-Identifier: GPL-3.0-or-later
"""The webmail by HTTP: who gets in, what is shown, and what is closed."""

import http.client
import re

import pytest

from integration.mail.postbox import ANNE, BRUNO, KEPT, PASSWORD, message
from integration.mail.webmail import NAME, Webmail
from integration.town import charter

pytestmark = pytest.mark.usefixtures("accounts")


@pytest.fixture
def visitor(address, trust):
    """Somebody with an empty jar of cookies."""
    return Webmail(address("mail"), trust)


def test_a_user_logs_in_and_finds_the_message_that_came(visitor, submission, inbox):
    sent = message(BRUNO, ANNE)
    with submission() as smtp:
        smtp.login(BRUNO, PASSWORD)
        smtp.send_message(sent)
    inbox(ANNE, sent["Subject"])
    answer, _ = visitor.log_in(ANNE, PASSWORD)
    assert answer.status == 302
    assert sent["Subject"] in visitor.listed()


def test_a_wrong_password_is_refused_without_saying_more(visitor):
    answer, text = visitor.log_in(BRUNO, "autre chose")
    assert answer.status == 401
    assert "suspendu" not in text
    assert "task-login" in text


def test_the_suspended_are_refused_with_the_reason(visitor):
    answer, text = visitor.log_in(KEPT, PASSWORD)
    assert answer.status == 401
    assert "Compte suspendu" in text.encode().decode("unicode_escape") or "Compte suspendu" in text


def test_the_reason_is_told_to_the_holder_of_the_password_alone(visitor):
    answer, text = visitor.log_in(KEPT, "autre chose")
    assert answer.status == 401
    assert "Compte suspendu" not in text


def test_the_login_page_is_french_and_bears_the_operators_name(visitor):
    answer, text = visitor.get("/")
    assert answer.status == 200
    assert re.search(r'<html lang="fr"', text)
    assert "Mot de passe" in text
    assert "<title>CDG 46 ::" in text


def test_what_a_page_needs_is_served(visitor):
    _, text = visitor.get("/")
    wanted = re.findall(r'(?:src|href)="(/?(?:program|skins|plugins)/[^"?]+)', text)
    assert len(wanted) > 5
    for path in wanted:
        assert visitor.get("/" + path.lstrip("/"))[0].status == 200, path
    elsewhere = re.findall(r'(?:src|href|action)="((?:https?:)?//[^"]+)', text)
    assert elsewhere == [], "nothing is asked of anybody else"


@pytest.mark.parametrize(
    "path",
    [
        "/config/config.inc.php",
        "/config/",
        "/logs/errors.log",
        "/temp/",
        "/installer/",
        "/installer/index.php",
        "/SQL/sqlite.initial.sql",
        "/bin/update.sh",
        "/composer.json",
        "/.htaccess",
        "/program/include/rcmail.php",
        "/program/lib/Roundcube/bootstrap.php",
        "/plugins/managesieve/config.inc.php",
        "/plugins/bastide_reason/bastide_reason.php",
        "/plugins/managesieve/localization/fr_FR.inc",
        "/skins/elastic/meta.json",
        "/skins/elastic/templates/login.html",
        "/index.php/../config/config.inc.php",
        "/program/..%2f..%2fconfig/config.inc.php",
        "/../../../../etc/roundcube/des.key",
    ],
)
def test_no_program_setting_or_log_is_served(visitor, path):
    answer, text = visitor.get(path)
    assert answer.status in {400, 403, 404}, text[:200]
    assert "des_key" not in text


def test_headers_and_cookies_keep_to_this_site(visitor):
    answer, _ = visitor.get("/")
    headers = answer.headers
    assert "max-age=31536000" in headers["Strict-Transport-Security"]
    assert headers.get_all("Referrer-Policy") == ["no-referrer"]
    assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert headers.get_all("X-Frame-Options") == ["SAMEORIGIN"]
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'")
    assert "frame-ancestors 'self'" in policy
    assert "X-Powered-By" not in headers
    assert headers["Server"] == "nginx"
    cookies = headers.get_all("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert {"secure", "httponly", "samesite=strict"} <= {
            word.strip().lower() for word in cookie.split(";")
        }, cookie


def test_without_tls_one_is_sent_to_tls(address):
    connection = http.client.HTTPConnection(address("mail"), 80, timeout=10)
    connection.request("GET", "/?_task=mail", headers={"Host": NAME})
    answer = connection.getresponse()
    connection.close()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/")


def test_a_mail_host_that_does_not_prove_its_name_is_not_spoken_to(machine, visitor):
    """Another name is expected of it for a moment: nobody gets in, with the right password too."""
    mail, file = machine("mail"), "/etc/roundcube/config.inc.php"
    # PHP goes on with what it has compiled for two seconds more.
    again = "systemctl restart php8.2-fpm"
    mail.check_output("sed -i.orig \"s/'mail.info46.com'/'autre.info46.com'/\" %s", file)
    mail.check_output(again)
    try:
        assert visitor.log_in(ANNE, PASSWORD)[0].status != 302
    finally:
        mail.check_output("mv %s.orig %s", file, file)
        mail.check_output(again)
    assert visitor.log_in(ANNE, PASSWORD)[0].status == 302


def test_the_key_of_the_sessions_outlives_a_run_of_the_platform(second_run, machine, visitor):
    mail = machine("mail")
    key = mail.file("/etc/roundcube/des.key")
    before = key.sha256sum
    assert (key.mode, key.user, key.group, key.size) == (0o640, "root", "www-data", 33)
    assert visitor.log_in(ANNE, PASSWORD)[0].status == 302
    second_run("mail")
    assert mail.file("/etc/roundcube/des.key").sha256sum == before
    assert "add_message_row" in visitor.listed() or "set_rowcount" in visitor.listed()


def test_uploads_go_as_far_as_postfix_takes_messages(machine):
    mail = machine("mail")
    limit = int(mail.check_output("postconf -h message_size_limit"))
    pool = mail.file("/etc/php/8.2/fpm/pool.d/roundcube.conf").content_string
    assert f"upload_max_filesize] = {limit}\n" in pool
    settings = mail.file("/etc/roundcube/config.inc.php").content_string
    assert f"$config['max_message_size'] = {limit};" in settings
    served = mail.file("/etc/nginx/bastide/sites/webmail.conf").content_string
    assert int(re.search(r"client_max_body_size (\d+)", served)[1]) >= limit


def test_a_town_that_asks_for_it_has_its_own_name_for_the_webmail(town):
    text = charter("214600017", town.albas).replace("mail:\n", "mail:\n  webmail: true\n", 1)
    town.write("46/albas", text)
    town.commit()
    town.apply()
    connection = http.client.HTTPConnection(town.addresses["web"], 80, timeout=10)
    connection.request("GET", "/", headers={"Host": f"webmail.{town.albas}"})
    answer = connection.getresponse()
    connection.close()
    assert (answer.status, answer.headers["Location"]) == (302, f"https://{NAME}/")
    assert town.ask(f"webmail.{town.albas}", "A") == [town.addresses["web"]]
    assert town.ask(NAME, "A") == [town.addresses["mail"]]
