"""What people and robots type into staff forms: a clear error, and nothing lost.

The catalogue is by number; the customers' pages have theirs beside their own tests.
"""

import time
import unicodedata
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import Customer, FollowUp, Interaction
from tests.committed import outbox_in, uncommitted_rows
from tests.journeys.support import everything_stored, shown, small_shop

pytestmark = pytest.mark.django_db

TYPED = "Typed with care: <b>½</b> & “quotes” שלום 你好"
LINKS = {"s": "survey", "r": "review", "u": "stop", "p": "preferences"}
# form: its address, its free-text field, and what else makes it complete.
FORMS = {
    "new customer": ("/customers/new/", "family_name", {"given_name": "Zoe"}),
    "edit customer": ("/customers/{customer}/edit/", "family_name", {}),
    "organisation": ("/customers/new/", "organisation", {"given_name": "Zoe"}),
    "log subject": (
        "/customers/{customer}/interactions/",
        "subject",
        {"channel": "call", "body": TYPED},
    ),
    "correct": ("/interactions/{interaction}/edit/", "subject", {"body": TYPED}),
    "follow-up": ("/customers/{customer}/follow-ups/new/", "why", {}),
    "shop": ("/settings/shop/", "from_name", {}),
}
# 1, 16, 22: one line of text holds none of these.
NO_LINE = {
    "nul": "a\x00b",
    "header": "Dana\r\nBcc: all@example.org",
    "newline": "two\nlines",
    "tab": "a\tb",
    "escape": "\x1b[31mred",
    "line separator": "a\u2028b",
}
# 17, 18, 20, 21, 23 and some of 8 to 13: text like any other.
TEXTS = {
    "script": '"><script>alert(1)</script>',
    "image": "<img src=x onerror=alert(1)>",
    "svg": "</textarea></title><svg/onload=alert(1)>",
    "address": "javascript:alert(1)",
    "template": "{{7*7}}{% debug %}",
    "format": "{settings.SECRET_KEY}%(x)s{0.__class__}",
    "formula": "=cmd|' /C calc'!A0",
    "path": "../../etc/passwd",
    "quotes": 'O\'Hara, "Dana" <dana@x.org>: 50%',
    "emoji": "👩‍👩‍👧‍👦🇮🇱",
    "override": "abc\u202edef",
    "zalgo": "e" + "\u0301" * 20,
}


@pytest.fixture(scope="module")
def shop(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("journal")
    with outbox_in(folder), uncommitted_rows(django_db_blocker):
        yield small_shop(timezone.now())


@pytest.fixture
def owner(shop):
    client = Client(raise_request_exception=False)
    client.force_login(shop.owner)
    return client


def filled(owner, shop, form, text):
    """The form as a browser sends it: what stands in it, and the text in its field."""
    path, field, more = FORMS[form]
    path = path.format(**shop.pks)
    fields = owner.get(path).context["form"]
    values = {
        bound.html_name: "" if bound.value() is None else bound.value()
        for bound in fields
    }
    for bound in fields:
        if bound.field.show_hidden_initial:
            values[bound.html_initial_name] = values[bound.html_name]
    return path, {**values, **more, field: text}


def assert_no_trace(answer):
    assert answer.status_code < 500
    page = answer.content.decode(errors="replace")
    assert "Traceback" not in page
    assert "psycopg" not in page


def value_in(answer, field):
    """What stands in this field of the form that came back."""
    return answer.context["form"][field].value()


# --- Text that cannot be kept --------------------------------------------------------


@pytest.mark.parametrize("bad", NO_LINE)
@pytest.mark.parametrize("form", FORMS)
def test_what_is_no_line_of_text_is_refused_and_nothing_is_lost(owner, shop, form, bad):
    path, data = filled(owner, shop, form, NO_LINE[bad])
    before = everything_stored()

    answer = owner.post(path, data)

    assert answer.status_code == 422
    assert_no_trace(answer)
    page = unescape(answer.content.decode())
    assert "Error:" in page
    assert everything_stored() == before
    for name, value in FORMS[form][2].items():
        assert value_in(answer, name) == value
        assert value in page


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/customers/{customer}/interactions/", "body"),
        ("/customers/new/", "notes"),
    ],
)
def test_a_nul_is_refused_in_long_text_too(owner, shop, path, field):
    before = everything_stored()

    answer = owner.post(
        path.format(**shop.pks),
        {"channel": "note", "given_name": "Zoe", field: "a\x00b"},
    )

    assert answer.status_code == 422
    assert_no_trace(answer)
    assert everything_stored() == before


@pytest.mark.parametrize("blank", ["", "   ", "\u200b\u200b", "\u00a0\ufeff"])
@pytest.mark.parametrize("form", ["new customer", "follow-up"])
def test_nothing_but_blanks_is_required(owner, shop, form, blank):
    path, data = filled(owner, shop, form, blank)
    data |= {"given_name": blank} if form == "new customer" else {}

    answer = owner.post(path, data)

    assert answer.status_code == 422
    assert "Enter" in shown(answer) or "Write" in shown(answer)


@pytest.mark.parametrize("raw", [b"%ED%A0%80", b"%FF%FE", b"%C0%AF", b"%F8%88"])
def test_bytes_that_are_no_text_do_not_break_a_form(owner, raw):
    """4, 5, 6: what a browser would never send."""
    answer = owner.post(
        "/customers/new/",
        b"given_name=" + raw,
        content_type="application/x-www-form-urlencoded",
    )

    assert_no_trace(answer)


def test_ten_megabytes_are_refused_before_they_are_read(owner, shop):
    path, data = filled(owner, shop, "new customer", "x" * 10_000_000)

    answer = owner.post(path, data)

    assert answer.status_code in (400, 413)
    assert_no_trace(answer)


def test_a_text_longer_than_its_column_says_so_and_stays(owner, shop):
    path, data = filled(owner, shop, "follow-up", "x" * 301)

    answer = owner.post(path, data)

    assert answer.status_code == 422
    assert value_in(answer, "why") == "x" * 301


def test_thousands_of_fields_are_refused(owner):
    answer = owner.post("/customers/new/", {f"f{number}": "" for number in range(5000)})

    assert answer.status_code in (400, 413)
    assert_no_trace(answer)


def test_another_content_type_is_an_empty_form(owner):
    answer = owner.post(
        "/customers/new/", '{"given_name": "Zoe"}', content_type="application/json"
    )

    assert answer.status_code == 422
    assert not Customer.objects.filter(given_name="Zoe").exists()


# --- Text that is kept as it is ------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS)
def test_any_other_text_is_kept_and_shown_as_text(owner, shop, text):
    typed = unicodedata.normalize("NFC", TEXTS[text])
    asked = shop.pks["customer"]
    owner.post("/customers/new/", {"given_name": typed, "notes": typed})
    owner.post(
        f"/customers/{asked}/interactions/",
        {"channel": "note", "body": typed, "subject": typed},
    )
    path, data = filled(owner, shop, "follow-up", typed)
    owner.post(path, data)
    made = Customer.objects.latest("pk")

    assert (made.given_name, made.notes) == (typed, typed)
    assert Interaction.objects.latest("pk").body == typed
    assert FollowUp.objects.latest("pk").why == typed
    for url in (
        f"/customers/{made.pk}/",
        f"/customers/{made.pk}/edit/",
        f"/customers/{asked}/",
        "/customers/",
        "/follow-ups/",
        "/",
    ):
        answer = owner.get(url)
        assert_no_trace(answer)
        page = answer.content.decode()
        assert typed in unescape(page) or url in ("/", "/customers/")
        for live in ("<script>alert", "<img src=x", "<svg/onload"):
            assert live not in page
        assert "49" not in page or "{{7*7}}" not in typed or "{{7*7}}" in page


# --- Search --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["\x00", "a\x00b", "' OR 1=1--", "%", "_", "\\", "%%", "{{7*7}}", "<script>"],
)
def test_a_search_takes_every_letter_as_a_letter(owner, typed):
    answer = owner.get("/customers/", {"q": typed})

    assert answer.status_code == 200
    assert_no_trace(answer)
    assert "Lea Brandt" not in shown(answer)
    assert '<script>"' not in answer.content.decode()


@pytest.mark.parametrize(
    "typed", ["a" * 60_000, "a " * 20_000, "\u0301" * 20_000, "明" * 20_000]
)
def test_no_search_takes_long(owner, typed):
    begin = time.monotonic()

    answer = owner.get("/customers/", {"q": typed})

    assert answer.status_code in (200, 400, 414)
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize(
    "query",
    [
        "after=%00",
        "after=9999-99-99~1",
        "older=x",
        "newer=x",
        "older=1~2~3",
        "older=99999999999999999999~1",
        "page=-1",
        "show=x%00",
        "tab=x",
        "kind=%00",
        "kind=x",
        "score=x",
        "language=xx",
        "sort=password",
        "q=1&q=2",
        "act=%00&lang=%00&state=%00&view=%00&tab=held",
        "product=%00",
        "product=999999999999999999999",
        "older=%00~1&newer=%00~1",
        "older=2026-11-22T00:00:00~%00",
        "owner=%00",
        "owner=999999999999999999999",
    ],
)
def test_no_query_breaks_a_page(owner, shop, query):
    for url in (
        *(shop.links[name] for name in LINKS.values()),
        "/",
        "/customers/",
        "/customers/{customer}/",
        "/follow-ups/",
        "/outbox/",
        "/surveys/{survey}/answers/",
        "/reviews/",
        "/automations/{automation}/",
        "/public/reviews/",
    ):
        answer = owner.get(f"{url.format(**shop.pks)}?{query}")
        assert answer.status_code in (200, 400, 404), url
        assert_no_trace(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/customers/0/",
        "/customers/99999999999999999999999/",
        "/customers/%00/",
        "/customers/1%00/",
        "/customers/%ff%fe/",
        "/outbox/99999999999999999999999/",
        "/follow-ups/99999999999999999999999/",
        "/messages/99999999999999999999999/why/",
        "/surveys/99999999999999999999999/",
        "/automations/99999999999999999999999/",
        "/nothing/here/",
    ],
)
def test_an_address_of_nothing_is_not_found(owner, path):
    answer = owner.get(path)

    assert answer.status_code == 404
    assert_no_trace(answer)


# --- Links ---------------------------------------------------------------------------


def test_a_token_opens_only_the_page_it_was_made_for(shop):
    stranger = Client(raise_request_exception=False)
    tokens = {name: shop.links[name].split("/")[2] for name in LINKS.values()}
    before = everything_stored()

    for prefix, own in LINKS.items():
        for name, token in tokens.items():
            for method in (stranger.get, stranger.post):
                answer = method(f"/{prefix}/{token}/")
                assert_no_trace(answer)
                if name != own:
                    assert answer.status_code == 404, (prefix, name)
                    assert "no longer works" in shown(answer)

    assert everything_stored() == before


@pytest.mark.parametrize(
    "token", ["%00", "a%00b", "%ff", "x" * 5_000, "..%2F..", "'--"]
)
@pytest.mark.parametrize("prefix", LINKS)
def test_any_other_token_gets_a_friendly_page(shop, prefix, token):
    answer = Client(raise_request_exception=False).get(f"/{prefix}/{token}/")

    assert answer.status_code == 404
    assert_no_trace(answer)


# --- Where a form leads --------------------------------------------------------------


@pytest.mark.parametrize(
    "next_url",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
    ],
)
def test_no_form_leads_to_another_site(owner, shop, next_url):
    answer = owner.post(
        f"/follow-ups/{shop.pks['follow_up']}/done/", {"next": next_url}
    )

    assert answer.status_code == 303
    assert answer["Location"].startswith("/")
    assert "evil" not in answer["Location"]


@pytest.mark.parametrize(
    "query",
    ["due_on=2026-13-45", "due_on=%00", "due_at=2026-13-45T99:99", "due_on=9999-12-31"],
)
def test_no_address_of_an_undo_breaks(owner, shop, query):
    answer = owner.post(f"/follow-ups/{shop.pks['follow_up']}/snooze/?{query}")

    assert_no_trace(answer)
