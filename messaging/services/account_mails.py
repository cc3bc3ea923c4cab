"""Links to choose a password, mailed to colleagues; see messaging/account_kinds.py."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from crm.models import User
from messaging.models import Message
from messaging.rules.choices import FINAL, State
from messaging.services import direct

# Two presses of one button; later it is a new request, and the first mail may be lost.
DOUBLE_PRESS = timedelta(minutes=1)


def post_reset(user: User, *, now: datetime) -> Message:
    """Mail this colleague a link to choose a new password."""
    return _post("password_reset", user, now=now, why={})


def post_invitation(user: User, *, by: User | None, now: datetime) -> Message:
    """Mail a new colleague a link to choose their first password."""
    return _post("invitation", user, now=now, why={"by": by.pk} if by else {})


@transaction.atomic
def _post(kind: str, user: User, *, now: datetime, why: Mapping[str, Any]) -> Message:
    """The mail that answers this request: a new one, unless one is on its way
    already."""
    # Two presses at the same time: the second one sees the first one's row.
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    last = Message.objects.filter(user=locked, kind=kind).order_by("-id").first()
    if last is not None and _answers(last, now):
        return last
    return direct.post(
        kind=kind, to=locked, occurrence=now.isoformat(), why=why, now=now
    )


def _answers(last: Message, now: datetime) -> bool:
    if last.state not in FINAL:
        return now < last.expires_at
    return last.state == State.SENT.value and now < last.planned_at + DOUBLE_PRESS
