"""Where members of staff are signed in: seen by them, and ended by them."""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet

from crm.models import StaffSession, User
from crm.services import audit

# How exact "last seen" is: a row is not written at every page.
SEEN_EVERY = timedelta(minutes=5)


def note(
    user: User, *, session_key: str, address: str, browser: str, now: datetime
) -> None:
    """This session is alive. `address` and `browser` are those of the request."""
    if not Session.objects.filter(pk=session_key).exists():
        return
    StaffSession.objects.update_or_create(
        session_id=session_key,
        defaults={
            "user": user,
            "last_seen_at": now,
            "address": address[:45],
            "browser": browser[:200],
        },
        create_defaults={
            "user": user,
            "started_at": now,
            "last_seen_at": now,
            "address": address[:45],
            "browser": browser[:200],
        },
    )


def of(user: User, *, now: datetime) -> QuerySet[StaffSession]:
    """The sessions of this user that are alive, last seen first."""
    return StaffSession.objects.filter(
        user=user, session__expire_date__gt=now
    ).order_by("-last_seen_at")


@transaction.atomic
def end(user: User, *, pk: int, now: datetime) -> bool:
    """End one session of this user. Returns whether there was such a one."""
    row = StaffSession.objects.filter(user=user, pk=pk).first()
    ended = row and Session.objects.filter(pk=row.session_id).delete()[0]
    if ended:
        audit.record("session.ended", f"user:{user.pk}", now=now)
    return bool(ended)


@transaction.atomic
def end_others(user: User, *, but: str | None, now: datetime) -> None:
    """End every session of this user but the one with this key."""
    end_all(user, but=but)
    audit.record("session.others_ended", f"user:{user.pk}", now=now)


def end_all(user: User, *, but: str | None = None) -> None:
    """As part of another change, which has its own line in the audit."""
    rows = StaffSession.objects.filter(user=user).exclude(session_id=but)
    keys = list(rows.values_list("session_id", flat=True))
    Session.objects.filter(pk__in=keys).delete()
