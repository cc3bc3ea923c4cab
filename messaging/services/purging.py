"""Forget what need not be kept: old bodies, and links past their life."""

from datetime import datetime, timedelta

from django.db import transaction

from crm.selectors import business as our_business
from messaging.models import Body, Link

# An expired link opens the same page as one that never was; kept a while for questions.
LINK_GRACE = timedelta(days=30)
_SLICE = 5_000


def purge(*, now: datetime) -> int:
    """Rows removed."""
    oldest = now - timedelta(days=our_business().body_keep_days)
    return _emptied_bodies(oldest) + _emptied_links(now - LINK_GRACE)


def _emptied_bodies(oldest: datetime) -> int:
    gone = 0
    while slice_gone := _delete(Body, "message_id", stored_at__lt=oldest):
        gone += slice_gone
    return gone


def _emptied_links(oldest: datetime) -> int:
    gone = 0
    while slice_gone := _delete(Link, "id", expires_at__lt=oldest):
        gone += slice_gone
    return gone


@transaction.atomic
def _delete(model: type[Body] | type[Link], key: str, **old: datetime) -> int:
    """A slice, so that no lock and no transaction gets long."""
    ids = model._default_manager.filter(**old).values_list(key, flat=True)[:_SLICE]
    rows = model._default_manager.filter(**{f"{key}__in": list(ids)})
    return rows.delete()[0]
