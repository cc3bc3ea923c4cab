"""What became of what was earned in each month, counted beforehand: every part of every
member is looked at for it."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from insights.models import Breakage
from insights.sql import breakage as sql
from loyalty.models import Programme

EVERY = timedelta(hours=1)


def keep_up(*, now: datetime) -> int:
    """Count the programmes that were not within the hour, one after the other; how many
    months in all."""
    fresh = Breakage.objects.filter(counted_at__gt=now - EVERY).values("programme")
    rows = Programme.objects.exclude(pk__in=fresh).order_by("pk")
    return sum(count(one, now=now) for one in rows)


@transaction.atomic
def count(programme: Programme, *, now: datetime) -> int:
    """Count a programme anew: how many months there are. Two who count at once come to
    the same, one after the other."""
    with connection.cursor() as cursor:
        # Of a million parts: longer than a page may take, and written to files else.
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(sql.keep(programme, now))
        return int(cursor.rowcount)
