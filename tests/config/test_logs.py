"""A real web server that logs all it can: no line holds what opens something."""

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from crm.access import SCOPES
from crm.services import api_tokens
from tests.committed import outbox_in
from tests.config.web import running_web
from tests.factories import UserFactory
from tests.journeys.support import small_shop

pytestmark = pytest.mark.django_db(transaction=True)

# All that an operator may switch on, with the headers of each request.
EVERYTHING = (
    *("--log-level", "debug", "--access-logfile", "-"),
    *("--access-logformat", "%(r)s %(U)s %(q)s %(s)s %(f)s %({authorization}i)s"),
)
RESET = "cs4x2g-0123456789abcdef0123456789abcdef"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def shop(tmp_path):
    with outbox_in(tmp_path / "journal"):
        return small_shop(timezone.now())


@pytest.fixture
def key(db):
    _, key = api_tokens.issue(name="shop", scopes=list(SCOPES), now=timezone.now())
    return key


def ask_everything(web, links, key):
    """Each way a token can come, and each way to be refused; the statuses seen."""
    seen = set()

    def ask(method, target, headers=None, body=None):
        seen.add(web.ask(method, target, headers, body).status)

    for path in links:
        for method in ("GET", "PUT", "DELETE", "TRACE", "BREW"):
            ask(method, path)
        ask("POST", path, {"Origin": "https://evil.example", **FORM}, "score=3")
        ask("POST", path, {"Sec-Fetch-Site": "cross-site", **FORM}, "choice=stop")
        ask("GET", path, {"Host": "evil.example"})
        ask("POST", path, {"Content-Type": "text/plain; charset=rot13"}, "x")
        for broken in (
            *(path.rstrip("/"), f"{path}x/", f"/{path}", path.upper(), f"{path}%0A"),
            *(f"{path}?x=%ED%A0", f"/login/?next={path}", f"/nowhere{path}"),
            f"http://127.0.0.1{path}",
        ):
            ask("GET", broken)
        ask("GET", "/login/", {"Referer": f"{web.url}{path}"})
        ask("POST", f"/login/?next={path}", FORM, "username=a&password=b")
    bearer = {"Authorization": f"Bearer {key}"}
    ask("GET", "/api/v1/customers/", bearer)
    ask("DELETE", "/api/v1/customers/", bearer)
    ask("GET", f"/api/v1/nowhere/{key}?key={key}", bearer)
    ask("GET", f"/accounts/password/reset/key/1-{RESET}/")
    return seen


def ask_while_broken(web, links):
    """Every page behind a link fails, with a traceback for each."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE crm_customer RENAME TO away")
    try:
        return {web.ask("GET", path).status for path in links}
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO crm_customer")


@pytest.mark.slow
def test_no_log_of_the_web_server_holds_a_live_token(shop, key, tmp_path):
    links = [path for path in shop.links.values() if path.count("/") == 3]
    links = [path for path in links if len(path) > 20]

    with running_web(tmp_path, *EVERYTHING, LOG_LEVEL="DEBUG") as web:
        seen = ask_everything(web, links, key)
        broken = ask_while_broken(web, links)
        log = web.log.read_text()

    assert {200, 400, 403, 404, 405} <= seen
    assert broken == {500}
    assert len(links) > 8
    for expected in (
        "Method Not Allowed",
        "Not Found",
        "Traceback",
        "TRACE /s/***",
        "***",
    ):
        assert expected in log, expected
    for secret in (*(path.split("/")[2] for path in links), key, RESET):
        # Half of one would be enough to look for it, and nearly to guess it.
        assert secret[-20:] not in log


@pytest.mark.slow
def test_a_refusal_is_one_line_without_a_trace(shop, tmp_path):
    agent = Client()
    agent.force_login(UserFactory(role="agent"))
    cookie = {"Cookie": f"sessionid={agent.cookies['sessionid'].value}"}

    with running_web(tmp_path) as web:
        refused = web.ask("GET", "/settings/shop/", cookie)
        elsewhere = web.ask("GET", "/login/", {"Host": "evil.example"})
        log = web.log.read_text()

    assert (refused.status, elsewhere.status) == (403, 400)
    assert "/settings/shop/" in log
    assert "evil.example" in log
    assert "Traceback" not in log


@pytest.mark.slow
def test_what_somebody_typed_into_an_address_stays_out_of_the_log(shop, tmp_path):
    owner = Client()
    owner.force_login(UserFactory(role="owner"))
    cookie = {"Cookie": f"sessionid={owner.cookies['sessionid'].value}"}

    with running_web(tmp_path) as web:
        seen = [
            web.ask("GET", path, cookie).status
            for path in (
                "/customers/Zanzibar/",
                "/zanzibar",
                "/customers/999999/?q=Zanzibar",
                "/api/v1/customers/zanzibar%40example.org/",
            )
        ]
        log = web.log.read_text()

    assert seen == [404] * 4
    assert "zanzibar" not in log.lower()
    assert "/customers/999999/" in log
