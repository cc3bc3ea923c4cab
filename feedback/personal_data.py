"""The rows of feedback that belong to a customer: exported, erased and merged."""

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from crm.personal_rows import Merged, PersonalRows, Steps, register
from feedback.choices import ReviewState
from feedback.models import Review, ReviewRequest, ReviewVersion


def _before_erasure(ids: Collection[int], now: datetime) -> None:
    """A waiting review without its words cannot be decided about."""
    held = Review.objects.filter(customer__in=ids, state=ReviewState.HELD.value)
    held.update(state=ReviewState.WITHDRAWN.value)


register(
    Steps(before_erasure=_before_erasure),
    PersonalRows(
        name="review_requests",
        model=ReviewRequest,
        label=_("Asked for a review"),
        exported={
            "order__number": _("Order"),
            "requested_at": _("Asked"),
            "state": _("State"),
        },
        follows="order",
    ),
    # A published one goes on counting by its stars, without words or name.
    PersonalRows(
        name="reviews",
        model=Review,
        label=_("Reviews"),
        exported={
            "written_at": _("Written"),
            "product__name": _("Product"),
            "stars": _("Stars"),
            "body": _("Text"),
            "name_shown": _("Name shown"),
            "state": _("State"),
            "moderation_note": _("Note of the reader"),
        },
        blanked={"body": "", "name_shown": "", "moderation_note": ""},
        kept=("language",),
        follows="request",
    ),
    PersonalRows(
        name="earlier_reviews",
        model=ReviewVersion,
        customer="review__customer_id",
        label=_("Earlier texts of reviews"),
        exported={
            "replaced_at": _("Replaced"),
            "stars": _("Stars"),
            "body": _("Text"),
            "name_shown": _("Name shown"),
        },
        deleted=True,
        merged=Merged.STAY,
    ),
)
