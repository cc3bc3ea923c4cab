"""Links that everybody may open: made by staff, answered by nobody we know."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client

from crm.models import AttemptCounter, AuditEntry, FollowUp
from surveys.models import Response, ShareLink, Survey
from surveys.services import share_links
from tests.factories import NOW, CustomerFactory, SurveyFactory, UserFactory
from tests.pages import tight
from tests.surveys.conftest import everything_stored
from tests.surveys.test_pages import ALL, KEYS, WHOLE, now_shown, words
from web.errors import InvalidValue

PUBLIC = {**ALL, "confidential": False}
READ = timedelta(seconds=4)


@pytest.fixture
def link(shop, time_machine):
    time_machine.move_to(NOW, tick=False)

    def make(content=PUBLIC, **kwargs):
        values = {"name": "Till", "declared": {}, "embed_origins": [], **kwargs}
        survey = SurveyFactory(kind="own", content=content)
        return share_links.make(survey, by=UserFactory(), now=NOW, **values)

    return make


@pytest.fixture
def later(time_machine):
    def move(span=READ):
        time_machine.move_to(NOW + span, tick=False)

    return move


def page(response):
    return tight(response.content.decode())


def opened(link, query="", client=None, **headers):
    """Where the page sends what is answered on it."""
    response = (client or Client()).get(f"/a/{link.token}/{query}", **headers)
    _, _, rest = response.content.decode().partition('<form method="post" action="')
    return rest.partition('"')[0].replace("&amp;", "&")


def send(url, client=None, **changes):
    sent = {**WHOLE, "shown": KEYS, "complete": "1", **changes}
    return (client or Client(enforce_csrf_checks=True)).post(url, sent)


# --- Answering -----------------------------------------------------------------------


def test_looking_stores_nothing_and_sets_no_cookie(link):
    made = link()
    before = everything_stored()
    client = Client()
    response = client.get(f"/a/{made.token}/")

    assert "Nobody learns who you are" in page(response)
    assert not response.cookies
    assert everything_stored() == before


def test_where_nobody_is_known_no_confidence_is_promised_with_a_name(link):
    made = link({**ALL, "confidential": True})

    shown = page(Client().get(f"/a/{made.token}/"))

    assert "Nobody learns who you are" in shown
    assert "with your name" not in shown


def test_an_answer_has_no_customer_and_nobody_is_called(link, later):
    made = link()
    url = opened(made)
    later()
    sent = send(url)

    assert sent.status_code == 302
    answer = Response.objects.get()
    assert (answer.channel, answer.link, answer.customer) == ("link", made, None)
    assert (answer.score, answer.declared) == (2, {})
    assert not FollowUp.objects.exists()
    thanks = page(Client().get(sent["Location"]))
    assert "Thank you" in thanks
    assert "writes to you" not in thanks
    assert "Somebody else answers" in thanks


def test_sending_twice_is_one_answer_and_changes_it(link, later):
    url = opened(link())
    later()
    send(url)
    send(url)
    send(url, **{"a.score": "5"})

    answer = Response.objects.get()
    assert (answer.score, answer.version) == (5, 2)


def test_next_after_next_is_one_answer(link, later):
    url = opened(link())
    later()
    client = Client()
    first = client.post(url, {"a.score": "4", "shown": KEYS, "next": "score"})
    assert now_shown(client.get(first["Location"])) == ["easy"]
    send(url)

    assert Response.objects.get().completed_at is not None


def test_a_question_recalls_the_score_before_it(link, later):
    score = {"key": "score", "kind": "score", "scale": "csat"}
    why = {"key": "why", "kind": "short", "texts": words("Why {score|this}?")}
    url = opened(link({"questions": [score, why]}))
    later()
    client = Client()
    assert "Why this?" in page(client.get(url))

    sent = client.post(url, {"a.score": "4", "shown": ["score"], "next": "score"})

    assert "Why 4?" in page(client.get(sent["Location"]))


@pytest.mark.parametrize(
    ("query", "declared"),
    [
        ("?till=2", {"till": "2"}),
        ("?till=3", {}),
        ("?till=2&customer=7", {"till": "2"}),
        ("?till=1&till=2", {}),
        ("?till=" + quote("<script>"), {}),
    ],
)
def test_only_listed_values_are_kept_and_never_as_who_somebody_is(
    link, later, query, declared
):
    url = opened(link(declared={"till": ["1", "2"]}), query)
    later()
    send(url)

    answer = Response.objects.get()
    assert (answer.declared, answer.customer) == (declared, None)


@pytest.mark.parametrize("name", ["customer", "customer_id", "email"])
def test_nobody_becomes_somebody_by_what_the_address_says(link, later, name):
    """Not even where staff list it: the address is anybody's to write."""
    dana = CustomerFactory(external_id="C-1", email="dana@example.org")
    said = {"customer": str(dana.pk), "customer_id": "C-1", "email": dana.email}[name]
    made = link(declared={name: [said]})
    url = opened(made, f"?{name}={quote(said)}")
    later()
    send(url)

    answer = Response.objects.get()
    assert (answer.declared, answer.customer) == ({name: said}, None)
    assert not FollowUp.objects.exists()


# --- Programs ------------------------------------------------------------------------


def test_nobody_answers_in_a_second(link, later):
    url = opened(link())
    later(timedelta(seconds=2))
    refused = send(url)

    assert refused.status_code == 429
    assert "That was very quick" in page(refused)
    assert "The smell" in page(refused)
    assert not Response.objects.exists()
    later()
    assert send(url).status_code == 302


def test_a_page_of_last_week_asks_to_send_once_more(link, later, time_machine):
    url = opened(link())
    time_machine.move_to(NOW + timedelta(days=3), tick=False)
    old = send(url)

    assert old.status_code == 429
    assert "open for very long" in page(old)
    assert "The smell" in page(old)
    assert url.encode() not in old.content


def test_a_field_that_nobody_sees_stays_empty(link, later):
    url = opened(link())
    later()
    filled = send(url, website="https://spam.example")

    assert filled.status_code == 429
    assert not Response.objects.exists()


def test_a_ticket_is_of_one_link_and_of_ours(link, later):
    one, other = link(), link()
    ticket = opened(one).split("/")[3]
    later()

    for forged in (f"/a/{other.token}/{ticket}/", f"/a/{one.token}/x{ticket}/"):
        assert send(forged).status_code == 429
    assert not Response.objects.exists()


def test_one_address_gives_so_many_answers_an_hour(link, later, monkeypatch):
    few = share_links.Limit("few", 2, timedelta(hours=1))
    monkeypatch.setattr(share_links, "PER_ADDRESS", few)
    made = link()
    urls = [opened(made) for _ in range(3)]
    later()
    statuses = [send(url).status_code for url in urls]

    assert statuses == [302, 302, 429]
    # Who answered goes on.
    assert send(urls[0], **{"a.score": "3"}).status_code == 302
    assert Response.objects.count() == 2
    # Kept as a hash, and not with the answers.
    assert "127.0.0.1" not in str(list(AttemptCounter.objects.values_list("key")))


def test_one_network_gives_so_many_answers_an_hour(link, later, monkeypatch):
    few = share_links.Limit("few", 2, timedelta(hours=1))
    monkeypatch.setattr(share_links, "PER_NETWORK", few)
    made = link()
    urls = [opened(made) for _ in range(3)]
    later()
    found = [
        Client(REMOTE_ADDR=f"203.0.113.{host}").post(
            url, {**WHOLE, "shown": KEYS, "complete": "1"}
        )
        for host, url in enumerate(urls, 1)
    ]

    assert [response.status_code for response in found] == [302, 302, 429]
    assert "Many answers came from here" in page(found[2])


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_from_one_page_are_one_answer(link, later):
    url = opened(link())
    later()

    def press(_number):
        try:
            return send(url).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(press, range(50)))

    assert statuses == {302}
    assert Response.objects.count() == 1


# --- Open, closed, inside other pages ------------------------------------------------


def test_a_closed_link_says_so_and_who_answered_still_changes(link, later):
    made = link()
    url, late = opened(made), opened(made)
    later()
    send(url)
    assert share_links.close(made, now=NOW)
    assert not share_links.close(made, now=NOW)

    closed = Client().get(f"/a/{made.token}/")
    assert (closed.status_code, "This survey is over" in page(closed)) == (410, True)
    assert 'href="/contact/?lang=' in page(closed)
    assert send(late).status_code == 410
    assert send(url, **{"a.score": "5"}).status_code == 302
    assert share_links.reopen(made, now=NOW)
    assert Client().get(f"/a/{made.token}/").status_code == 200
    actions = AuditEntry.objects.values_list("action", flat=True)
    assert {"survey.link_closed", "survey.link_reopened"} <= set(actions)


def test_a_link_ends_on_its_day(link, later):
    made = link(closes_at=NOW + timedelta(hours=1))
    assert Client().get(f"/a/{made.token}/").status_code == 200
    later(timedelta(hours=1))
    assert Client().get(f"/a/{made.token}/").status_code == 410


def test_a_survey_that_has_ended_takes_no_new_answer_by_its_link(link, later):
    made = link()
    begun, late = opened(made), opened(made)
    later()
    send(begun)
    Survey.objects.update(ends_after=1)

    closed = Client().get(f"/a/{made.token}/", headers={"Accept-Language": "he"})

    assert (closed.status_code, send(late).status_code) == (410, 410)
    assert 'lang="he"' in closed.content.decode()
    assert send(begun, **{"a.score": "5"}).status_code == 302, "theirs stays theirs"
    assert Response.objects.get().score == 5


def test_other_sites_frame_it_only_where_they_are_named(link):
    framed = Client().get(f"/a/{link(embed_origins=['https://Shop.example/']).token}/")
    alone = Client().get(f"/a/{link().token}/")

    policy = framed["Content-Security-Policy"]
    assert "frame-ancestors https://shop.example" in policy
    assert "default-src 'self'" in policy
    assert "X-Frame-Options" not in framed
    assert "frame-ancestors 'none'" in alone["Content-Security-Policy"]
    assert alone["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("wanted", "browser", "own", "spoken"),
    [
        ("", "he-IL,he;q=0.9", "", "he"),
        ("", "zh-TW,zh;q=0.8", "", "zh-Hant"),
        ("", "zh", "", "zh-Hans"),
        ("", "fr, de", "", "en"),
        ("", "he", "zh-hans", "zh-Hans"),
        ("?lang=en", "he", "zh-hans", "en"),
    ],
)
def test_it_speaks_what_was_asked_for(link, wanted, browser, own, spoken):
    made = link(language=own)
    shown = Client().get(f"/a/{made.token}/{wanted}", HTTP_ACCEPT_LANGUAGE=browser)
    assert f'<html lang="{spoken}"' in page(shown)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("declared", {"till": []}),
        ("declared", {"lang": ["he"]}),
        ("declared", {"Till 1": ["1"]}),
        ("declared", {f"n{number}": ["1"] for number in range(6)}),
        ("declared", {"till": ["x" * 41]}),
        ("embed_origins", ["http://shop.example"]),
        ("embed_origins", ["https://shop.example/page"]),
        ("embed_origins", ["https://*.example"]),
        ("embed_origins", ["https://a.example; script-src *"]),
        ("language", "xx"),
        ("closes_at", NOW),
    ],
)
def test_what_cannot_be_kept_is_refused(link, field, value):
    with pytest.raises(InvalidValue) as refused:
        link(**{field: value})
    assert list(refused.value.fields) == [field]
    assert not ShareLink.objects.exists()


# --- The pages of staff --------------------------------------------------------------


@pytest.fixture
def staff(shop, db):
    client = Client()
    client.force_login(UserFactory(role="manager"))
    return client


def test_staff_make_a_link_with_its_values(staff, link, time_machine):
    survey = link().survey
    time_machine.move_to(NOW, tick=False)
    form = {
        "name": "Parcel card",
        "declared": "till=1, 2\nshop=north",
        "language": "he",
        "closes_on": "2026-12-24",
        "embed_origins": "https://shop.example",
    }
    made = staff.post(f"/surveys/{survey.pk}/links/new/", form)

    found = ShareLink.objects.get(name="Parcel card")
    assert made["Location"] == f"/survey-links/{found.pk}/"
    assert found.declared == {"till": ["1", "2"], "shop": ["north"]}
    assert found.closes_at.isoformat().startswith("2026-12-25T00:00")
    shown = page(staff.get(made["Location"]))
    assert f"/a/{found.token}/?till=2" in shown
    assert "Parcel card" in page(staff.get(f"/surveys/{survey.pk}/links/"))


def test_what_staff_mistype_stays_and_is_said(staff, link):
    survey = link().survey
    form = {"name": "", "declared": "till", "embed_origins": "shop.example"}
    shown = staff.post(f"/surveys/{survey.pk}/links/new/", form)

    assert shown.status_code == 422
    assert "name=value" in page(shown)
    form |= {"name": "Till", "declared": "till=1"}
    assert "without a path" in page(
        staff.post(f"/surveys/{survey.pk}/links/new/", form)
    )


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant", "he"])
def test_a_printed_page_has_square_and_address_in_each_language(staff, link, language):
    made = link(declared={"till": ["1", "2"]})
    shown = page(staff.get(f"/survey-links/{made.pk}/print/?lang={language}&till=2"))

    assert f"/a/{made.token}/?till=2</bdi>" in shown
    assert '<path class="ink" d="M4 4h7v1h-7z' in shown
    assert ("Or type this address" in shown) == (language == "en")


def test_the_square_is_a_drawing_of_the_address(staff, link):
    made = link()
    drawing = staff.get(f"/survey-links/{made.pk}/square.svg")

    assert drawing["Content-Type"] == "image/svg+xml"
    assert drawing.content.startswith(b"<svg ")
    assert f"/a/{made.token}/</title>".encode() in drawing.content
    assert b"style" not in drawing.content
