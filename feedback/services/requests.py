"""The request behind the link of a mail: one for each order, however often prepared."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from feedback.models import ReviewRequest
from messaging.models import Message

# How long a first review may be written.
WRITE_FOR = timedelta(days=90)
# How long the same link changes it or takes it back.
LINK_LIVES_FOR = timedelta(days=730)


@transaction.atomic
def request_reviews(
    orders: Mapping[Message, int], *, now: datetime
) -> dict[int, ReviewRequest]:
    """Message id to its request. The same order again is the same request."""
    ReviewRequest.objects.bulk_create(
        [
            ReviewRequest(
                customer_id=message.person_id,
                order_id=order_id,
                message_id=message.pk,
                requested_at=now,
                expires_at=now + WRITE_FOR,
            )
            for message, order_id in orders.items()
        ],
        ignore_conflicts=True,
    )
    by_order = {
        request.order_id: request
        for request in ReviewRequest.objects.filter(order_id__in=orders.values())
    }
    found = {message.pk: by_order[order_id] for message, order_id in orders.items()}
    _follow(found)
    return found


def _follow(found: Mapping[int, ReviewRequest]) -> None:
    """A message that replaced a superseded one takes its request over."""
    moved = [
        (message_id, request)
        for message_id, request in found.items()
        if request.message_id != message_id
    ]
    for message_id, request in moved:
        request.message_id = message_id
    ReviewRequest.objects.bulk_update([request for _, request in moved], ["message"])
