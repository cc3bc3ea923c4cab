"""The page behind a review link: GET shows, POST acts, one link for everything."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from crm.models import AuditEntry, Customer
from feedback.models import Review, ReviewVersion
from messaging.kinds import LinkTo
from messaging.models import Link
from messaging.rules.choices import Purpose
from messaging.services import links
from tests.factories import (
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
    ReviewFactory,
    ReviewRequestFactory,
    UserFactory,
)
from tests.pages import read, tight

YEAR = timedelta(days=365)
LANGUAGES = ["en", "zh-hans", "zh-hant", "he"]
XSS = [
    '"><script>alert(1)</script>',
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "{{7*7}} {% debug %} {settings.SECRET_KEY} %(x)s {0.__class__}",
]


@pytest.fixture
def asked(db):
    """A request for an order of one product, whose time runs now."""
    line = OrderLineFactory(product=ProductFactory(name="Ethiopia 1 kg"))
    now = timezone.now()
    return ReviewRequestFactory(
        order=line.order, requested_at=now, expires_at=now + timedelta(days=90)
    )


def url_of(asked, **more):
    link = LinkTo(
        Purpose.REVIEW, asked.pk, "/r/{token}/", timezone.now() + YEAR, **more
    )
    token = links.make(link, customer_id=asked.customer_id, message_id=None)
    return f"/r/{token}/"


def page(client, url):
    response = client.get(url)
    html = tight(response.content.decode())
    assert "</html>" in html
    return response, html


def written(stars="4", **more):
    return {"stars": stars, "body": "Good coffee.", "name_shown": "Dana", **more}


# --- Looking -------------------------------------------------------------------------


def test_the_page_asks_about_what_was_bought(client, asked):
    response, html = page(client, url_of(asked))

    assert response.status_code == 200
    assert "How is<bdi>Ethiopia 1 kg</bdi>?" in html
    assert 'aria-label="4 of 5"' in html
    assert 'value="Dana"' in html


def test_the_star_pressed_in_the_mail_is_only_chosen(client, asked):
    _, html = page(client, url_of(asked) + "?stars=2")

    assert html.count(" checked") == 1
    assert 'value="2" checked' in html
    assert not Review.objects.exists()


@pytest.mark.parametrize("query", ["stars=9", "stars=", "stars=%00", "stars=1&stars=5"])
def test_a_star_that_is_none_chooses_nothing(client, asked, query):
    response, html = page(client, f"{url_of(asked)}?{query}")

    assert response.status_code == 200
    assert " checked" not in html


def test_looking_changes_nothing(client, asked):
    ReviewFactory(request=asked)
    url = url_of(asked)
    before = everything()

    for stars in range(7):
        read(client.get(f"{url}?stars={stars}&edit=1"), "Ethiopia 1 kg")
        client.head(url)

    assert everything() == before


def everything():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del"
            " FROM pg_stat_xact_user_tables ORDER BY relname"
        )
        return cursor.fetchall()


def test_the_page_is_not_kept_and_sends_no_referrer(client, asked):
    response, _ = page(client, url_of(asked))

    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_the_customers_language(client, asked, language):
    Customer.objects.filter(pk=asked.customer_id).update(language=language)

    _, html = page(client, url_of(asked))

    assert f'dir="{"rtl" if language == "he" else "ltr"}"' in html
    lang = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}.get(language, language)
    assert f'<html lang="{lang}"' in html


def test_several_products_are_a_choice_and_the_largest_comes_first(client, asked):
    grinder = OrderLineFactory(
        order=asked.order, amount=500, product=ProductFactory(name="Grinder")
    ).product

    _, html = page(client, url_of(asked))

    assert f'<option value="{grinder.pk}" selected>Grinder</option>' in html


# --- Sending -------------------------------------------------------------------------


def test_sending_stores_the_review_and_shows_it(client, asked):
    url = url_of(asked)

    response = client.post(url, written())

    assert response.status_code == 302
    assert response["Location"] == url
    review = Review.objects.get()
    assert (review.stars, review.body, review.state) == (4, "Good coffee.", "held")
    assert review.product.name == "Ethiopia 1 kg"
    assert "Thank you for your review" in page(client, url)[1]


def test_only_the_stars_are_needed(client, asked):
    client.post(url_of(asked), {"stars": "3"})

    assert Review.objects.get().name_shown == ""


def test_the_audit_names_the_customer(client, asked):
    client.post(url_of(asked), written())

    line = AuditEntry.objects.get(action="review.submitted")
    assert (line.actor_kind, line.actor_id) == ("customer", asked.customer_id)
    assert line.via == "public"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"stars": "0"},
        {"stars": "6"},
        {"stars": "4.5"},
        {"stars": "४"},
        {"stars": ["1", "5"]},
        {"stars": "4", "body": "a\x00b"},
        {"stars": "4", "body": "x" * 4001},
        {"stars": "4", "name_shown": "x" * 81},
        {"stars": "4", "name_shown": "a\u2028b"},
    ],
)
def test_what_cannot_be_kept_is_reported_and_nothing_is_lost(client, asked, data):
    response = client.post(url_of(asked), {"body": "Kept words", **data})

    html = response.content.decode()
    assert response.status_code == 422
    assert "There is a problem" in html
    assert "Traceback" not in html
    assert "Kept words" in html or "body" in data
    assert not Review.objects.exists()


def test_a_product_of_somebody_else_is_refused(client, asked):
    OrderLineFactory(order=asked.order)
    foreign = OrderLineFactory().product

    response = client.post(url_of(asked), written(product=foreign.pk))

    assert response.status_code == 422
    assert not Review.objects.exists()


def test_a_double_click_is_one_review(client, asked):
    url = url_of(asked)
    for _ in range(2):
        client.post(url, written())

    assert (Review.objects.count(), ReviewVersion.objects.count()) == (1, 0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_are_one_review():
    now = timezone.now()
    asked = ReviewRequestFactory(requested_at=now, expires_at=now + timedelta(days=9))
    url = url_of(asked)

    def send(_):
        try:
            return Client().post(url, written()).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        codes = set(pool.map(send, range(50)))

    assert codes == {302}
    assert (Review.objects.count(), ReviewVersion.objects.count()) == (1, 0)


def test_the_form_works_without_cookies(asked):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(url_of(asked), written()).status_code == 302


def test_a_form_of_another_site_is_refused(client, asked):
    response = client.post(url_of(asked), written(), HTTP_ORIGIN="https://evil.example")

    assert response.status_code == 403
    assert not Review.objects.exists()


def test_after_its_time_the_page_reports_it(client, asked):
    asked.requested_at = timezone.now() - timedelta(days=100)
    asked.expires_at = timezone.now() - timedelta(days=1)
    asked.save()

    for response in (client.get(url_of(asked)), client.post(url_of(asked), written())):
        assert response.status_code == 410
        assert "The time to write this review is over" in response.content.decode()
        assert 'href="/contact/' in response.content.decode()
    assert not Review.objects.exists()


# --- Changing and withdrawing --------------------------------------------------------


def test_the_same_link_changes_the_review(client, asked):
    url = url_of(asked)
    client.post(url, written())
    assert "Good coffee." in page(client, url + "?edit=1")[1]

    client.post(url, written("1", body="Not so good"))

    review = Review.objects.get()
    assert (review.stars, review.version) == (1, 2)


def test_changing_a_public_review_shows_that_it_is_read_again(client, asked):
    ReviewFactory(request=asked, state="published", published_at=timezone.now())

    _, html = page(client, url_of(asked) + "?edit=1")

    assert "a person reads it again first" in html


def test_the_same_link_withdraws_the_review(client, asked):
    url = url_of(asked)
    client.post(url, written())

    response = client.post(url + "withdraw/?lang=he")

    assert response["Location"] == url + "?lang=he"
    assert Review.objects.get().state == "withdrawn"
    assert "You withdrew your review" in page(client, url)[1]


def test_withdrawing_needs_a_press(client, asked):
    ReviewFactory(request=asked)

    assert client.get(url_of(asked) + "withdraw/").status_code == 405
    assert Review.objects.get().state == "held"


def test_the_writer_reads_why_a_review_was_rejected(client, asked):
    ReviewFactory(request=asked, state="rejected", moderation_note="Names a neighbour")

    assert "Names a neighbour" in page(client, url_of(asked))[1]


# --- Links that open nothing ---------------------------------------------------------


@pytest.mark.parametrize("junk", [".", ")", "=", "%20", "&utm_source=x"])
def test_junk_of_mail_programs_is_tolerated(client, asked, junk):
    url = url_of(asked)

    response, _ = page(client, url[:-1] + junk + "/")

    assert response.status_code == 200


def test_every_other_link_gets_one_and_the_same_page(client, asked):
    url = url_of(asked)
    token = url.split("/")[2]
    expired = url_of(asked)
    Link.objects.filter(token_hash=links.token_hash(expired.split("/")[2])).update(
        expires_at=timezone.now()
    )
    survey = links.make(
        LinkTo(Purpose.SURVEY, asked.pk, "/s/{token}/", timezone.now() + YEAR),
        customer_id=asked.customer_id,
        message_id=None,
    )
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    wrong = [expired, *(f"/r/{t}/" for t in (survey, changed, token[:-1], token * 2))]

    pages = {client.get(address).content for address in wrong}

    assert len(pages) == 1
    assert "This link no longer works" in pages.pop().decode()
    for address in wrong:
        assert client.post(address, written()).status_code == 404
        assert client.post(address + "withdraw/").status_code == 404
    assert not Review.objects.exists()


def test_the_link_of_an_erased_customer_opens_nothing(client, asked):
    url = url_of(asked)
    read(client.get(url), "Ethiopia 1 kg")
    Customer.objects.filter(pk=asked.customer_id).update(erased_at=timezone.now())

    assert client.get(url).status_code == 404


# --- What everybody reads ------------------------------------------------------------


def shown(stars=5, **more):
    more = {"published_at": datetime(2026, 11, 20, tzinfo=UTC), **more}
    return ReviewFactory(stars=stars, state="published", **more)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_public_page_needs_no_login_in_any_language(client, db, language):
    shown(body="Sehr gut")

    response, html = page(client, f"/public/reviews/?lang={language}")

    assert response.status_code == 200
    assert "Sehr gut" in html


def test_only_published_reviews_are_public(client, db):
    for state in ("held", "rejected", "withdrawn"):
        ReviewFactory(state=state, body=f"A {state} one")
    shown(body="A public one", stars=1)

    _, html = page(client, "/public/reviews/")

    assert "A public one" in html
    assert "one</blockquote>" in html
    assert html.count("<article") == 1


def test_a_few_reviews_have_no_average(client, db):
    shown(5)
    shown(1)

    _, html = page(client, "/public/reviews/")

    assert "2 reviews: not enough yet for an average." in html


def test_many_reviews_have_an_average_with_its_count(client, db):
    for stars in (5, 4, 3):
        for _ in range(10):
            shown(stars)

    _, html = page(client, "/public/reviews/")

    assert "4 of 5" in html
    assert "30 reviews" in html
    assert "Likely between" in html


def test_pages_go_on_where_the_last_one_ended(client, db):
    for n in range(45):
        shown(body=f"No {n}.", published_at=datetime(2026, 1, 1 + n // 9, tzinfo=UTC))

    pages, url = [], "/public/reviews/"
    while url:
        html = tight(client.get(url).content.decode())
        pages.append(re.findall(r">No (\d+)\.<", html))
        found = re.search(r'rel="next" href="([^"]+)"', html)
        url = "/public/reviews/" + found[1] if found else ""

    assert [len(numbers) for numbers in pages] == [20, 20, 5]
    assert sorted(int(n) for numbers in pages for n in numbers) == list(range(45))


@pytest.mark.parametrize(
    "query", ["older=x", "older=1~", "newer=%00", f"older={'9' * 17}~1"]
)
def test_a_cursor_that_was_never_made_is_as_none(client, db, query):
    shown()

    response, _ = page(client, f"/public/reviews/?{query}")

    assert response.status_code == 200


@pytest.mark.parametrize("product", ["x", "-1", "%00", "٣", "9" * 30, "424242"])
def test_a_product_that_is_none_is_not_found(client, db, product):
    answer = client.get(f"/public/reviews/?product={product}")

    read(answer, "There is nothing at this address", status=404)


def test_the_shop_as_a_whole_gives_no_stars_to_search_engines(client, db):
    for _ in range(12):
        shown(product=ProductFactory())

    html = read(client.get("/public/reviews/"), "12 reviews")
    assert "ld+json" not in html


def test_a_product_gives_its_stars_to_search_engines(client, db):
    product = ProductFactory(name="Tea </script><script>alert(1)</script>")
    for _ in range(12):
        shown(product=product, body="</script>")

    _, html = page(client, f"/public/reviews/?product={product.pk}")

    data = html.split('application/ld+json">')[1].split("</script>")[0]
    assert '"reviewCount": 12' in data
    assert "<" not in data


# --- Customer text is text -----------------------------------------------------------


@pytest.mark.parametrize("payload", XSS)
def test_customer_text_never_runs(client, asked, payload):
    url = url_of(asked)
    client.post(url, written(body=payload, name_shown=payload[:80]))
    Review.objects.update(state="published", published_at=timezone.now())
    client.force_login(UserFactory(role="owner"))

    for address in (
        url,
        url + "?edit=1",
        "/public/reviews/",
        "/reviews/?state=published",
    ):
        html = read(client.get(address), escape(payload)[:20])
        assert payload not in html or "<" not in payload
        assert "<script>alert" not in html
        assert "<img src" not in html
        assert "<svg/onload" not in html


def test_a_cancelled_order_closes_the_page(client, asked):
    OrderFactory._meta.model.objects.update(state="cancelled")

    assert client.get(url_of(asked)).status_code == 410
