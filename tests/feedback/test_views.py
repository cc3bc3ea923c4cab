"""The moderation list: who may see and decide, and that nothing is lost on the way."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.models import AuditEntry
from feedback.models import Review
from tests.factories import ReviewFactory, UserFactory
from tests.pages import read

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def manager(client, db):
    client.force_login(UserFactory(role="manager"))
    return client


def body(response):
    return response.content.decode()


def test_the_list_needs_a_sign_in(client, db):
    assert client.get("/reviews/").status_code == 302


@pytest.mark.parametrize("role", ["owner", "manager", "agent", "marketer", "analyst"])
def test_every_role_reads_and_only_two_decide(client, db, role):
    review = ReviewFactory()
    client.force_login(UserFactory(role=role))

    html = body(client.get("/reviews/"))
    codes = {
        client.post(f"/reviews/{review.pk}/{act}/", {"version": 9}).status_code
        for act in ("publish", "reject")
    }

    decides = role in ("owner", "manager")
    assert "Good coffee." in html
    assert (f"/reviews/{review.pk}/publish/" in html) is decides
    assert (codes == {403}) is not decides
    assert Review.objects.get().state == "held"


def test_an_analyst_reads_no_names(client, db):
    ReviewFactory(name_shown="")
    client.force_login(UserFactory(role="analyst"))

    assert "Dana" not in read(client.get("/reviews/"), "Reviews", "Good coffee")


def test_publishing_takes_the_review_off_the_list(manager):
    review = ReviewFactory(stars=1)

    response = manager.post(f"/reviews/{review.pk}/publish/", {"version": 1})

    assert response["Location"] == "/reviews/"
    assert Review.objects.get().state == "published"
    assert "No review waits for you" in body(manager.get("/reviews/"))


def test_with_htmx_the_row_goes_and_the_count_follows(manager):
    review, _other = ReviewFactory(), ReviewFactory()

    response = manager.post(f"/reviews/{review.pk}/publish/", {"version": 1}, **HTMX)

    html = body(response)
    assert f"review-{review.pk}" not in html
    assert '<span id="held-count" hx-swap-oob="true">1</span>' in html
    assert "Published." in html


def test_the_form_works_without_scripts(manager):
    review = ReviewFactory()

    response = manager.post(f"/reviews/{review.pk}/reject/", {"version": 1, "note": ""})

    html = body(response)
    assert response.status_code == 422
    assert "There is a problem" in html
    assert f'href="#reject-{review.pk}-note"' in html
    assert Review.objects.get().state == "held"


def test_rejecting_with_htmx_and_no_reason_shows_the_row_again(manager):
    review = ReviewFactory()

    response = manager.post(f"/reviews/{review.pk}/reject/", {"version": 1}, **HTMX)

    assert response.status_code == 422
    assert f'id="review-{review.pk}"' in body(response)
    assert "Say why it is rejected." in body(response)


def test_a_reason_is_kept_and_the_audit_shows_who(manager):
    review = ReviewFactory()

    manager.post(f"/reviews/{review.pk}/reject/", {"version": 1, "note": "Advertising"})

    assert Review.objects.get().moderation_note == "Advertising"
    line = AuditEntry.objects.get(action="review.rejected")
    assert (line.actor_kind, line.via) == ("user", "web")
    assert "Advertising" in body(manager.get("/reviews/?state=rejected"))


@pytest.mark.parametrize("htmx", [{}, HTMX])
def test_a_review_changed_in_between_is_shown_again(manager, htmx):
    review = ReviewFactory(version=2, body="Other words")

    response = manager.post(f"/reviews/{review.pk}/publish/", {"version": 1}, **htmx)

    assert Review.objects.get().state == "held"
    shown = body(response) if htmx else body(manager.get("/reviews/"))
    assert "The customer changed it just now." in shown
    assert "Other words" in shown


@pytest.mark.parametrize("version", ["", "x", "\x00", "9" * 40])
def test_a_version_that_is_none_decides_nothing(manager, version):
    review = ReviewFactory()

    for act in ("publish", "reject"):
        response = manager.post(
            f"/reviews/{review.pk}/{act}/", {"version": version, "note": "x"}
        )
        assert response.status_code in (302, 422)
    assert Review.objects.get().state == "held"


@pytest.mark.parametrize("act", ["publish", "reject"])
def test_looking_decides_nothing(manager, act):
    review = ReviewFactory()

    assert manager.get(f"/reviews/{review.pk}/{act}/").status_code == 405


def test_who_waits_longest_is_read_first(manager):
    ReviewFactory(body="Younger one", written_at=NOW)
    ReviewFactory(body="Older one", written_at=NOW - timedelta(days=3))

    html = body(manager.get("/reviews/"))

    assert html.index("Older one") < html.index("Younger one")


def test_the_list_goes_on_where_a_page_ended(manager):
    for n in range(60):
        ReviewFactory(body=f"No {n}.", written_at=NOW + timedelta(minutes=n // 7))

    first = manager.get("/reviews/")
    second = manager.get("/reviews/" + first.context["newer_url"])
    back = manager.get("/reviews/" + second.context["older_url"])

    def numbers(response):
        return [row["review"].body for row in response.context["rows"]]

    assert (len(numbers(first)), len(numbers(second))) == (50, 10)
    assert not set(numbers(first)) & set(numbers(second))
    assert numbers(back) == numbers(first)


@pytest.mark.parametrize("query", ["state=x", "state=%00", "older=x", "newer=9~9"])
def test_a_query_that_means_nothing_shows_a_list(manager, query):
    read(manager.get(f"/reviews/?{query}"), "Reviews", "</html>")


def test_a_full_page_asks_the_database_a_fixed_number_of_times(
    manager, django_assert_max_num_queries
):
    for _ in range(50):
        ReviewFactory()
    # The first page of a session notes where it was opened.
    manager.get("/reviews/")

    with django_assert_max_num_queries(15):
        answer = manager.get("/reviews/")

    read(answer, "Reviews")


def test_how_decisions_fell_on_the_stars_is_shown(manager):
    ReviewFactory(stars=1, state="rejected")
    ReviewFactory(stars=1, state="published", published_at=NOW)
    ReviewFactory(stars=5, state="published", published_at=NOW)

    html = body(manager.get("/reviews/?state=rejected"))

    assert "5 stars: 0 of 1" in html
    assert "1 star: 1 of 2" in html
