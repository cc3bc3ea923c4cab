"""How many were asked, and how many of them have answered since."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from messaging.rules.choices import State
from surveys import rules
from surveys.choices import InvitationState, ResponseState
from surveys.models import AskedCount, Invitation, Response, Survey

ASKED_OVER = timedelta(days=365)
# The question was sent, or may have been.
WENT_OUT = [State.HANDED.value, State.SENT.value, State.UNCERTAIN.value]
# Of so many a page does not wait for the count.
MOST_AT_ONCE = 20_000


@dataclass(frozen=True)
class Asked:
    """Of those asked in a span of time, how many have answered since. `counted_at`:
    when, where that is a while ago."""

    asked: int
    answered: int
    counted_at: datetime | None = None

    @property
    def share(self) -> int | None:
        """In percent; None under 30 people, where it is written as "3 of 9"."""
        if self.asked < rules.ENOUGH_FOR_A_SCORE:
            return None
        return round(100 * self.answered / self.asked)


def asked(survey: Survey, *, now: datetime) -> Asked:
    """Of the last 12 months; of very many as it was within the last hour."""
    return all_asked([survey], now=now)[survey.pk]


def all_asked(surveys: Collection[Survey], *, now: datetime) -> Mapping[int, Asked]:
    """The same of several, by their ids."""
    rows = AskedCount.objects.filter(survey__in=surveys, asked__gt=MOST_AT_ONCE)
    kept = {row.pk: Asked(row.asked, row.answered, row.counted_at) for row in rows}
    return {one.pk: kept.get(one.pk) or counted(one, now=now) for one in surveys}


def counted(survey: Survey, *, now: datetime) -> Asked:
    """Of the last 12 months, one by one."""
    # Neither asked nor answered: few, and found by their own index.
    left_out = Response.objects.filter(
        survey=survey,
        state=ResponseState.LEFT_OUT.value,
        invitation__isnull=False,
    ).values("invitation")
    rows = Invitation.objects.filter(
        survey=survey,
        invited_at__gt=now - ASKED_OVER,
        invited_at__lte=now,
        message__state__in=WENT_OUT,
    )
    found = rows.exclude(pk__in=left_out).aggregate(
        asked=Count("id"),
        answered=Count("id", filter=Q(state=InvitationState.ANSWERED.value)),
    )
    return Asked(asked=found["asked"], answered=found["answered"])
