"""Forget what need not be kept: old bodies, and links past their life."""

from datetime import datetime, timedelta

from crm.selectors import business as our_business
from crm.services.purging import delete_in_slices
from messaging.models import Body, Link

# An expired link opens the same page as one that never was; kept a while for questions.
LINK_GRACE = timedelta(days=30)


def purge(*, now: datetime) -> int:
    """Rows removed."""
    oldest = now - timedelta(days=our_business().body_keep_days)
    bodies = delete_in_slices(Body, stored_at__lt=oldest)
    return bodies + delete_in_slices(Link, expires_at__lt=now - LINK_GRACE)
