"""Requests: bodies, headers, queries, links and methods that no browser sends."""

from io import BytesIO

import pytest
from django.core.exceptions import BadRequest
from django.test import Client, RequestFactory

from config.wsgi import Utf8Request
from crm.models import Customer
from crm.rules.network import client_ip
from tests.bad_inputs.support import (
    CUSTOMERS,
    assert_no_trace,
    post,
)
from tests.journeys.reading import everything_stored
from web.middleware import RequestValidationMiddleware

pytestmark = pytest.mark.django_db

PLAIN = "application/x-www-form-urlencoded"
MEGABYTES = b"given_name=" + b"x" * 10_000_000
PART = (
    b'--b\r\nContent-Disposition: form-data; name="comment"\r\n\r\n'
    b"+2AA-\\ud800\r\n--b--"
)


# --- Bodies --------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [b"%ED%A0%80", b"%FF%FE", b"%C0%AF", b"\xff\xfea\x00"])
def test_bytes_that_are_no_text_do_not_break_a_form(owner, raw):
    answer = owner.post("/customers/new/", b"given_name=" + raw, content_type=PLAIN)

    assert_no_trace(answer)


@pytest.mark.parametrize("is_file", [False, True], ids=["text", "file"])
@pytest.mark.parametrize(
    "place", ["/customers/new/", "survey", "preferences", CUSTOMERS]
)
def test_a_body_beyond_the_limit_is_413_and_reports_it(owner, shop, place, is_file):
    body = {"file": BytesIO(MEGABYTES)} if is_file else MEGABYTES
    kind = {} if is_file else {"content_type": PLAIN}
    before = everything_stored()

    answer = owner.post(shop.links.get(place, place), body, **kind)

    assert answer.status_code == 413
    assert "large" in answer.content.decode()
    assert everything_stored() == before


@pytest.mark.parametrize("length", ["-1", "x", "٣", "9" * 5000])
def test_a_length_that_is_none_is_refused(stranger, shop, length):
    answer = stranger.post(
        shop.links["survey"], b"score=9", content_type=PLAIN, CONTENT_LENGTH=length
    )

    assert answer.status_code in (400, 413)
    assert_no_trace(answer)


@pytest.mark.parametrize(
    "body",
    [
        {f"f{number}": "" for number in range(5000)},
        {f"f{number}": BytesIO(b"x") for number in range(20)},
    ],
    ids=["fields", "files"],
)
def test_thousands_of_fields_are_refused(owner, body):
    answer = owner.post("/customers/new/", body)

    assert answer.status_code == 400
    assert_no_trace(answer)


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "unicode_escape", "?"])
def test_no_charset_of_the_senders_choice_is_read(owner, shop, charset):
    """4, 6: they decode into half characters, or into no text at all."""
    many = f"multipart/form-data; boundary=b; charset={charset}"
    plain = f"{PLAIN}; charset={charset}"
    for answer in (
        owner.generic("POST", shop.links["survey"], PART, content_type=many),
        owner.generic("POST", "/customers/new/", PART, content_type=many),
        owner.generic("POST", CUSTOMERS, b"{}", content_type=plain),
        owner.generic("GET", "/customers/?q=%2B2AA-", b"-", content_type=plain),
    ):
        assert answer.status_code == 400
        assert_no_trace(answer)


@pytest.mark.parametrize("charset", ["base64", "rot13", "idna", "utf-7", "?"])
def test_a_codec_that_reads_no_text_is_refused_and_not_a_fault(charset):
    """Django reads the query before any middleware: only the web worker can help."""
    request = RequestFactory().get("/login/?q=a%2B2AA-")
    request.environ["CONTENT_TYPE"] = f"{PLAIN}; charset={charset}"

    made = Utf8Request(request.environ)

    assert made.GET["q"] == "a+2AA-"
    assert made.encoding is None
    with pytest.raises(BadRequest):
        RequestValidationMiddleware(lambda request: None)(made)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"given_name": "Zoe"}', "application/json"),
        (b"x", "multipart/form-data; boundary=b"),
        (b"given_name=Zoe", "text/plain"),
    ],
)
def test_another_content_type_is_an_empty_form(owner, body, kind):
    answer = owner.post("/customers/new/", body, content_type=kind)

    assert answer.status_code in (400, 422)
    assert not Customer.objects.filter(given_name="Zoe").exists()


def test_a_multipart_body_without_its_boundary_is_refused(owner):
    answer = owner.post("/customers/new/", b"x", content_type="multipart/form-data")

    assert answer.status_code == 400


def test_many_unknown_names_get_a_short_answer(api):
    answer = post(api, CUSTOMERS, {f"k{number}": 1 for number in range(50_000)})

    assert answer.status_code == 400
    assert len(answer.content) < 5_000


# --- Headers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cookie",
    ['"\\000aaaaaaaaaaaa"', "a\x00aaaaaaaaa", "x" * 50_000, "\xff" * 40, '"\\r\\n"'],
)
@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "messages"])
def test_no_cookie_breaks_a_page(shop, name, cookie):
    for path in ("/customers/", "/login/", shop.links["survey"]):
        answer = Client(raise_request_exception=False).get(
            path, HTTP_COOKIE=f"{name}={cookie}"
        )
        assert_no_trace(answer)
        assert answer.status_code in (200, 302, 400)


@pytest.mark.parametrize(
    "host", ["evil.example", "[", "", "user@testserver", "testserver:80:80", "a" * 300]
)
@pytest.mark.parametrize("path", ["/login/", CUSTOMERS])
def test_another_host_is_refused(stranger, path, host):
    answer = stranger.get(path, headers={"Host": host})

    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()


def test_what_proxies_say_counts_only_from_declared_ones(stranger, shop):
    output = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}

    answer = stranger.get("/customers/", headers=output)

    assert answer["Location"] == "/login/?next=/customers/"
    assert not answer.wsgi_request.is_secure()
    assert answer.wsgi_request.get_host() == "testserver"
    assert client_ip("1.2.3.4", "6.6.6.6", 0) == "1.2.3.4"
    assert client_ip("1.2.3.4", "6.6.6.6, 5.5.5.5", 1) == "5.5.5.5"


@pytest.mark.parametrize(
    "header",
    [
        {"Accept-Language": "x" * 20_000},
        {"Accept-Language": ";q=,,*;q=zz"},
        {"Range": "bytes=0-1"},
        {"Origin": "http://["},
        {"Referer": "http://["},
        {"HX-Request": "true", "HX-Current-URL": "http://["},
        {"Sec-Fetch-Site": "junk"},
        {"If-Match": '"x"', "If-Modified-Since": "junk"},
        {"Idempotency-Key": "x" * 300},
        {"Authorization": "Bearer a b"},
        {"X-Forwarded-For": "<script>"},
    ],
    ids=lambda header: " ".join(header),
)
def test_no_header_breaks_a_page(owner, shop, header):
    assert owner.get("/customers/").status_code == 200
    assert owner.get(shop.links["survey"]).status_code == 200
    for path in ("/customers/", shop.links["survey"], CUSTOMERS):
        for method in (owner.get, owner.post):
            assert_no_trace(method(path, headers=header))


def test_a_method_is_what_it_claims(api, shop):
    path = f"{CUSTOMERS}{shop.pks['customer']}/"

    hidden = api.get(path, headers={"X-HTTP-Method-Override": "DELETE"})
    assert hidden.json()["id"] == shop.pks["customer"]
    for method in (api.put, api.delete, api.trace):
        assert method(path).status_code in (403, 405)
        assert method(CUSTOMERS).status_code in (403, 405)
