"""Sending, changing, withdrawing, publishing and rejecting a review."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.models import AuditEntry, FollowUp
from feedback.errors import AlreadyDecided, NoReview, RequestClosed, ReviewWithdrawn
from feedback.models import Review, ReviewVersion
from feedback.services import moderation, reviews
from feedback.services.reviews import ReviewInput
from tests.factories import (
    OrderFactory,
    OrderLineFactory,
    ReviewFactory,
    ReviewRequestFactory,
    UserFactory,
)
from web.errors import InvalidValue, StaleVersion

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)


@pytest.fixture
def request_row(db):
    return OrderLineFactory(order=ReviewRequestFactory().order).order.review_request


def send(request_row, stars=4, body="Good coffee.", name="Dana", now=NOW, **more):
    written = ReviewInput(stars=stars, body=body, name_shown=name, **more)
    return reviews.submit_review(request_row, written=written, now=now)


def publish(review, **more):
    review.refresh_from_db()
    more = {"version": review.version, "staff": None, "now": LATER, **more}
    return moderation.publish(review, **more)


def reject(review, note="Advertising", **more):
    review.refresh_from_db()
    more = {"version": review.version, "staff": None, "now": LATER, **more}
    return moderation.reject(review, note=note, **more)


# --- Sending -------------------------------------------------------------------------


def test_a_review_waits_for_its_reader(request_row):
    review = send(request_row)

    assert (review.state, review.held_reason) == ("held", "first_read")
    request_row.refresh_from_db()
    assert request_row.state == "answered"


def test_the_same_review_twice_is_one(request_row):
    first = send(request_row)
    second = send(request_row, now=LATER)

    assert (first.pk, second.version) == (second.pk, 1)
    assert ReviewVersion.objects.count() == 0


def test_a_link_in_the_words_is_the_reason_to_look(request_row):
    assert send(request_row, body="see www.evil.example").held_reason == "has_link"


def test_an_unhappy_review_opens_one_follow_up_without_its_words(request_row):
    review = send(request_row, stars=2, body="The bag was torn")
    send(request_row, stars=1, body="The bag was torn twice", now=LATER)

    (follow_up,) = FollowUp.objects.all()
    assert follow_up.source_key == f"review:{review.pk}"
    assert follow_up.why == "Gave 2 of 5 stars"
    assert follow_up.due_on == NOW.date()


def test_an_unhappy_review_takes_the_same_road_as_a_happy_one(db):
    ways = [
        (review.state, review.held_reason, publish(review).state)
        for stars in (1, 2, 3, 4, 5)
        if (review := send(ReviewRequestFactory(), stars=stars))
    ]

    assert set(ways) == {("held", "first_read", "published")}


def test_three_stars_open_no_follow_up(request_row):
    send(request_row, stars=3)

    assert not FollowUp.objects.exists()


@pytest.mark.parametrize("stars", [0, 6, -1, 11])
def test_stars_outside_the_scale_are_refused(request_row, stars):
    with pytest.raises(InvalidValue) as refusal:
        send(request_row, stars=stars)

    assert refusal.value.fields == {"stars": "out_of_range"}
    assert not Review.objects.exists()


def test_a_product_of_another_order_is_refused(request_row):
    foreign = OrderLineFactory().product

    with pytest.raises(InvalidValue) as refusal:
        send(request_row, product_id=foreign.pk)

    assert refusal.value.fields == {"product": "unknown"}


@pytest.mark.parametrize("body", ["a\x00b", "a\ud800b", "x" * 4001])
def test_words_that_cannot_be_kept_are_refused(request_row, body):
    with pytest.raises(InvalidValue) as refusal:
        send(request_row, body=body)

    assert set(refusal.value.fields) == {"body"}


def test_words_are_kept_as_they_are(request_row):
    body = "<script>alert(1)</script> {{7*7}}\nקפה טוב"

    assert Review.objects.get(pk=send(request_row, body=body).pk).body == body


def test_a_first_review_after_its_time_is_refused(request_row):
    with pytest.raises(RequestClosed):
        send(request_row, now=request_row.expires_at)


def test_a_review_of_a_cancelled_order_is_refused(db):
    request_row = ReviewRequestFactory(order=OrderFactory(state="cancelled"))

    with pytest.raises(RequestClosed):
        send(request_row)


def test_a_review_may_be_changed_after_the_time_to_write(request_row):
    send(request_row)

    assert send(request_row, stars=1, now=NOW + timedelta(days=400)).stars == 1


# --- Changing and withdrawing --------------------------------------------------------


def test_a_change_keeps_what_was_written_before(request_row):
    send(request_row, stars=2, body="Bitter")
    review = send(request_row, stars=5, body="Better now", now=LATER)

    (old,) = ReviewVersion.objects.all()
    assert (old.version, old.stars, old.body) == (1, 2, "Bitter")
    assert (review.version, review.edited_at) == (2, LATER)


def test_a_changed_published_review_is_read_again(request_row):
    publish(send(request_row))

    review = send(request_row, body="Other words", now=LATER)

    assert (review.state, review.held_reason) == ("held", "edited")


def test_a_link_slipped_in_later_is_seen(request_row):
    publish(send(request_row))

    assert send(request_row, body="http://x.example").held_reason == "has_link"


def test_a_change_that_changes_nothing_leaves_it_public(request_row):
    publish(send(request_row))

    assert send(request_row, now=LATER).state == "published"


def test_a_review_that_does_not_exist_cannot_be_withdrawn(request_row):
    with pytest.raises(NoReview):
        reviews.withdraw_review(request_row, now=NOW)


def test_a_withdrawn_review_comes_back_when_sent_again(request_row):
    publish(send(request_row))
    reviews.withdraw_review(request_row, now=LATER)
    assert Review.objects.get().state == "withdrawn"

    assert send(request_row, now=LATER).state == "held"


def test_withdrawing_twice_is_once(request_row):
    send(request_row)
    reviews.withdraw_review(request_row, now=NOW)
    reviews.withdraw_review(request_row, now=LATER)

    assert AuditEntry.objects.filter(action="review.withdrawn").count() == 1


def test_edit_review_changes_what_is_there(request_row):
    review = send(request_row)

    edited = reviews.edit_review(review, written=ReviewInput(stars=5), now=LATER)

    assert (edited.pk, edited.stars, edited.version) == (review.pk, 5, 2)


# --- Deciding ------------------------------------------------------------------------


def test_publishing_shows_who_and_when(request_row):
    staff = UserFactory()

    review = publish(send(request_row), staff=staff)

    assert (review.state, review.held_reason) == ("published", "")
    assert (review.moderated_by, review.published_at) == (staff, LATER)


def test_a_review_changed_in_between_is_not_published_unread(request_row):
    review = send(request_row)
    send(request_row, body="Other words", now=LATER)

    with pytest.raises(StaleVersion):
        moderation.publish(review, version=1, staff=None, now=LATER)


def test_a_review_is_published_once(request_row):
    review = publish(send(request_row))

    with pytest.raises(AlreadyDecided):
        publish(review)


@pytest.mark.parametrize("note", ["", "   ", "\u200b"])
def test_rejecting_needs_a_reason(request_row, note):
    with pytest.raises(InvalidValue) as refusal:
        reject(send(request_row), note=note)

    assert refusal.value.fields == {"note": "required"}


def test_a_rejected_review_may_be_published_after_a_second_look(request_row):
    review = publish(reject(send(request_row)))

    assert (review.state, review.moderation_note) == ("published", "")


def test_a_published_review_may_be_taken_down_with_a_reason(request_row):
    review = reject(publish(send(request_row)), note="Names a third person")

    assert (review.state, review.moderation_note) == (
        "rejected",
        "Names a third person",
    )


@pytest.mark.parametrize("decide", [publish, reject])
def test_a_withdrawn_review_is_the_customers_own(request_row, decide):
    review = send(request_row)
    reviews.withdraw_review(request_row, now=NOW)

    with pytest.raises(ReviewWithdrawn):
        decide(review)


def test_a_republished_review_keeps_its_place(request_row):
    first = publish(send(request_row)).published_at
    review = send(request_row, body="Other words", now=LATER)

    assert publish(review, now=LATER + timedelta(days=9)).published_at == first


def test_every_act_leaves_one_line_without_words(request_row):
    review = publish(send(request_row, body="A secret word"))
    reject(review, note="Another secret")

    lines = AuditEntry.objects.filter(subject=f"review:{review.pk}")
    assert list(lines.order_by("id").values_list("action", flat=True)) == [
        "review.submitted",
        "review.published",
        "review.rejected",
    ]
    assert all(line.customer_id == review.customer_id for line in lines)
    assert not any("ecret" in str(line.fields) for line in lines)


def test_the_database_refuses_stars_outside_the_scale(db):
    from django.db import IntegrityError

    with pytest.raises(IntegrityError, match="review_stars_1_to_5"):
        ReviewFactory(stars=6)
