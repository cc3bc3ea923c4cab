"""The moment that counts: the database's, where our own clock disagrees with it."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.functions import Now

from crm.models import Business

logger = logging.getLogger(__name__)


def agreed(ours: datetime) -> datetime:
    """One clock for all workers: a machine that is years ahead must not end what
    waits, and one that is hours behind must not hold it up."""
    theirs = Business.objects.annotate(moment=Now()).values_list("moment", flat=True)
    moment = theirs.first()
    tolerance = timedelta(seconds=settings.CLOCK_TOLERANCE_SECONDS)
    if moment is None or abs(moment - ours) <= tolerance:
        return ours
    logger.error("Our clock is off by %s: the database's counts", ours - moment)
    return moment
