"""Leave an answer out of every figure, with a reason, and count it again.

Never for its score: the reasons say that it is no answer of the customer. It stays on
the timeline, and how many were left out stands beside the figure.
"""

from datetime import datetime

from django.db import transaction

from crm.services import audit
from surveys.choices import LeftOut, ResponseState
from surveys.errors import NotCounted
from surveys.models import Response


@transaction.atomic
def leave_out(response: Response, *, because: LeftOut, now: datetime) -> Response:
    """Out of all figures from now on. The same again: nothing. Raises NotCounted for
    one that is not confirmed."""
    locked = _lock(response)
    if locked.state == ResponseState.PROVISIONAL:
        raise NotCounted
    if locked.left_out_because == because:
        return locked
    locked.state = ResponseState.LEFT_OUT.value
    locked.left_out_because = because.value
    locked.left_out_at = now
    return _saved(locked, "left_out", now)


@transaction.atomic
def count_again(response: Response, *, now: datetime) -> Response:
    """In all figures again, by the day on which it was confirmed. Counted: nothing."""
    locked = _lock(response)
    if locked.state != ResponseState.LEFT_OUT:
        return locked
    locked.state = ResponseState.CONFIRMED.value
    locked.left_out_because, locked.left_out_at = "", None
    return _saved(locked, "counted_again", now)


def _lock(response: Response) -> Response:
    return Response.objects.select_for_update(no_key=True).get(pk=response.pk)


def _saved(response: Response, action: str, now: datetime) -> Response:
    fields = ["state", "left_out_because", "left_out_at"]
    response.save(update_fields=fields)
    audit.record(
        f"survey.{action}",
        f"response:{response.pk}",
        customer_id=response.customer_id,
        now=now,
        fields=fields,
    )
    return response
