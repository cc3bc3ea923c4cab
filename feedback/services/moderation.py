"""A person reads a review and publishes it, or rejects it with a reason.

Both name the version that was read: words changed in the meantime are not published
unread. The stars are never asked.
"""

from datetime import datetime

from django.db import transaction

from crm.models import User
from crm.services import audit
from feedback.choices import ReviewState
from feedback.errors import AlreadyDecided, ReviewWithdrawn
from feedback.models import Review
from web.errors import InvalidValue, StaleVersion
from web.rules import text

LONGEST_NOTE = 300


@transaction.atomic
def publish(
    review: Review, *, version: int, staff: User | None, now: datetime
) -> Review:
    """Public from now on. A rejected one may be published after a second look."""
    locked = _lock(review, version, ReviewState.PUBLISHED)
    # A review that was public before keeps its place in the list.
    locked.published_at = locked.published_at or now
    return _decide(locked, ReviewState.PUBLISHED, "", staff, now)


@transaction.atomic
def reject(
    review: Review, *, note: str, version: int, staff: User | None, now: datetime
) -> Review:
    """Not public, or no longer. The reason is kept and shown to its writer."""
    reason = text.one_line(note, field="note", most=LONGEST_NOTE)
    if not reason:
        raise InvalidValue(fields={"note": "required"})
    locked = _lock(review, version, ReviewState.REJECTED)
    return _decide(locked, ReviewState.REJECTED, reason, staff, now)


def _lock(review: Review, version: int, wanted: ReviewState) -> Review:
    locked = Review.objects.select_for_update().get(pk=review.pk)
    if locked.state == ReviewState.WITHDRAWN.value:
        raise ReviewWithdrawn
    if locked.version != version:
        raise StaleVersion
    if locked.state == wanted.value:
        raise AlreadyDecided
    return locked


def _decide(
    review: Review, state: ReviewState, note: str, staff: User | None, now: datetime
) -> Review:
    review.state = state.value
    review.held_reason = ""
    review.moderation_note = note
    review.moderated_at = now
    review.moderated_by = staff
    review.save(
        update_fields=[
            "state",
            "held_reason",
            "moderation_note",
            "moderated_at",
            "moderated_by",
            "published_at",
        ]
    )
    audit.record(
        f"review.{state.value}",
        f"review:{review.pk}",
        customer_id=review.customer_id,
        fields=("state", "moderation_note") if note else ("state",),
        now=now,
    )
    return review
