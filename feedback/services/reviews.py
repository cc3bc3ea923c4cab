"""What a customer does with a review: send it, change it, take it back.

Every path locks the request first, so that two tabs or a double click are one review.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from crm import selectors as crm
from crm.models import OrderLine
from crm.rules import dates
from crm.rules.choices import Nature, OrderState
from crm.services import audit, follow_ups
from feedback import rules
from feedback.choices import HeldReason, RequestState, ReviewState
from feedback.errors import NoReview, RequestClosed
from feedback.models import Review, ReviewRequest, ReviewVersion
from feedback.signals import reviews_changed
from web.errors import InvalidValue
from web.rules import text

LONGEST_BODY = 4_000
LONGEST_NAME = 80
WRITTEN = ("body", "name_shown", "product_id", "stars")


@dataclass(frozen=True)
class ReviewInput:
    """What the customer wrote; no product: the whole order; no name: a customer."""

    stars: int
    body: str = ""
    name_shown: str = ""
    product_id: int | None = None
    language: str = ""


@transaction.atomic
def submit_review(
    request: ReviewRequest, *, written: ReviewInput, now: datetime
) -> Review:
    """The review as it now stands: a new one, or the one before with other words."""
    locked = _lock(request.pk)
    clean = _clean(locked, written)
    review = Review.objects.select_for_update().filter(request=locked).first()
    if review is not None:
        return _replace(review, clean, now)
    if not is_open(locked, now):
        raise RequestClosed
    return _create(locked, clean, now)


@transaction.atomic
def edit_review(review: Review, *, written: ReviewInput, now: datetime) -> Review:
    """Other words for a review that exists; a published one is read again first."""
    locked = _lock(review.request_id)
    clean = _clean(locked, written)
    return _replace(_locked_review(locked), clean, now)


@transaction.atomic
def withdraw_review(request: ReviewRequest, *, now: datetime) -> Review:
    """Out of sight at once. Sending it again brings it back, held."""
    review = _locked_review(_lock(request.pk))
    if review.state == ReviewState.WITHDRAWN.value:
        return review
    review.state = ReviewState.WITHDRAWN.value
    review.held_reason = ""
    review.edited_at = now
    review.save(update_fields=["state", "held_reason", "edited_at"])
    _record("withdrawn", review, now, fields=("state",))
    return review


def is_open(request: ReviewRequest, now: datetime) -> bool:
    """Whether a first review may still be written."""
    cancelled = request.order.state == OrderState.CANCELLED.value
    return now < request.expires_at and not cancelled


def _lock(request_id: int) -> ReviewRequest:
    return (
        ReviewRequest.objects.select_for_update(of=("self",))
        .select_related("order", "customer")
        .get(pk=request_id)
    )


def _locked_review(request: ReviewRequest) -> Review:
    review = Review.objects.select_for_update().filter(request=request).first()
    if review is None:
        raise NoReview
    return review


def _clean(request: ReviewRequest, written: ReviewInput) -> ReviewInput:
    if written.stars not in rules.STARS:
        raise InvalidValue(fields={"stars": "out_of_range"})
    if written.product_id is not None and not _was_bought(request, written.product_id):
        raise InvalidValue(fields={"product": "unknown"})
    return ReviewInput(
        stars=written.stars,
        body=text.many_lines(written.body, field="body", most=LONGEST_BODY),
        name_shown=text.one_line(
            written.name_shown, field="name_shown", most=LONGEST_NAME
        ),
        product_id=written.product_id,
        language=written.language,
    )


def _was_bought(request: ReviewRequest, product_id: int) -> bool:
    return OrderLine.objects.filter(
        order_id=request.order_id,
        product_id=product_id,
        nature=Nature.PURCHASE.value,
    ).exists()


def _create(request: ReviewRequest, written: ReviewInput, now: datetime) -> Review:
    review = Review.objects.create(
        request=request,
        customer_id=request.customer_id,
        product_id=written.product_id,
        stars=written.stars,
        body=written.body,
        name_shown=written.name_shown,
        language=written.language,
        state=ReviewState.HELD.value,
        held_reason=rules.why_held(written.body, written.name_shown).value,
        written_at=now,
    )
    ReviewRequest.objects.filter(pk=request.pk).update(
        state=RequestState.ANSWERED.value
    )
    _record("submitted", review, now, fields=WRITTEN)
    _recover(review, now)
    return review


def _replace(review: Review, written: ReviewInput, now: datetime) -> Review:
    changed = [
        name for name in WRITTEN if getattr(review, name) != getattr(written, name)
    ]
    if not changed and review.state != ReviewState.WITHDRAWN.value:
        return review
    _keep_version(review, now)
    for name in WRITTEN:
        setattr(review, name, getattr(written, name))
    review.language = written.language or review.language
    review.state = ReviewState.HELD.value
    review.held_reason = _why_held_again(review).value
    review.edited_at = now
    review.version += 1
    review.save()
    _record("edited", review, now, fields=changed or ("state",))
    _recover(review, now)
    return review


def _why_held_again(review: Review) -> HeldReason:
    """A finding in the words is a better reason to hold than that they were changed."""
    reason = rules.why_held(review.body, review.name_shown)
    if reason is HeldReason.FIRST_READ and review.moderated_at is not None:
        return HeldReason.EDITED
    return reason


def _keep_version(review: Review, now: datetime) -> None:
    ReviewVersion.objects.create(
        review=review,
        version=review.version,
        stars=review.stars,
        body=review.body,
        name_shown=review.name_shown,
        replaced_at=now,
    )


def _recover(review: Review, now: datetime) -> None:
    """A follow-up asks what went wrong. The review itself is moderated as any other."""
    if not rules.needs_recovery(review.stars):
        return
    shop = crm.business()
    follow_ups.open_follow_up(
        customer_id=review.customer.pk,
        why=f"Gave {review.stars} of 5 stars",
        due_on=dates.local_day(now, dates.zone_of(shop.time_zone, "UTC")),
        source_key=f"review:{review.pk}",
        now=now,
    )


def _record(
    what: str, review: Review, now: datetime, *, fields: tuple[str, ...] | list[str]
) -> None:
    audit.record(
        f"review.{what}",
        f"review:{review.pk}",
        customer_id=review.customer_id,
        fields=fields,
        now=now,
    )
    reviews_changed.send(
        sender=Review, ids=[review.pk], customer_ids=[review.customer_id], now=now
    )
