"""Marks for what was done: made once with what will be measured, never changed."""

from datetime import date, datetime

from django.db import transaction

from crm.models import User
from crm.services import audit
from insights.choices import Basis, Metric
from insights.models import Mark
from web.rules import text

MOST_WORDS = 200


@transaction.atomic
def make(
    *,
    metric: Metric,
    basis: Basis,
    month: date,
    months: int,
    words: str,
    by: User,
    now: datetime,
) -> Mark:
    """A mark at the beginning of a month; `months` before and after are compared."""
    mark = Mark.objects.create(
        metric=metric.value,
        basis=basis.value,
        month=month.replace(day=1),
        months=months,
        words=text.one_line(words, field="words", most=MOST_WORDS),
        made_at=now,
        made_by=by,
    )
    audit.record("insights.marked", f"mark:{mark.pk}", now=now)
    return mark


@transaction.atomic
def delete(mark: Mark, *, now: datetime) -> None:
    """Take it away; what it was about stays in the audit by its number alone."""
    audit.record("insights.mark_deleted", f"mark:{mark.pk}", now=now)
    mark.delete()
