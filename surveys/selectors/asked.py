"""How many were asked, how many of them have answered since, and who they are."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from crm import segment_people
from crm import selectors as crm
from crm.models import OrderLine
from messaging.rules.choices import State
from surveys import rules
from surveys.choices import CountedBy, InvitationState, ResponseState
from surveys.models import (
    Invitation,
    Press,
    Response,
    Survey,
    SurveyVersion,
)
from surveys.selectors.narrowing import Narrowing
from surveys.selectors.rows import rows_of
from surveys.sql import beside as sql
from web import paging
from web.composed_sql import subquery
from web.rules.numbers import whole_number

ASKED_OVER = timedelta(days=365)
# The question was sent, or may have been.
WENT_OUT = [State.HANDED.value, State.SENT.value, State.UNCERTAIN.value]
# Of so many a page does not wait for the count.
MOST_AT_ONCE = 20_000
PAGE = 50
_ANSWERED = Q(state=InvitationState.ANSWERED.value)


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


def asked(
    survey: Survey, *, now: datetime, narrowed: Narrowing | None = None
) -> Asked | None:
    """Of the last 12 months; of very many as it was within the last hour. Of
    `narrowed`, those of them. None: that is about answers which nobody was asked for
    by mail, so that there is no rate."""
    if narrowed is None or narrowed.is_everybody:
        return all_asked([survey], now=now)[survey.pk]
    return None if narrowed.came_by else counted(survey, now=now, narrowed=narrowed)


def all_asked(surveys: Collection[Survey], *, now: datetime) -> Mapping[int, Asked]:
    """The same of several, by their ids."""
    query = sql.asked(
        [one.pk for one in surveys],
        since=now - ASKED_OVER,
        now=now,
        went_out=WENT_OUT,
        most=MOST_AT_ONCE,
    )
    return {pk: Asked(*found) for pk, *found in rows_of(query)}


def counted(
    survey: Survey, *, now: datetime, narrowed: Narrowing | None = None
) -> Asked:
    """Of the last 12 months, one by one."""
    found = _went_out(survey, now, narrowed).aggregate(
        asked=Count("id"), answered=Count("id", filter=_ANSWERED)
    )
    return Asked(asked=found["asked"], answered=found["answered"])


def asked_page(
    survey: Survey,
    *,
    now: datetime,
    narrowed: Narrowing,
    has_answered: bool | None = None,
    older: str = "",
    newer: str = "",
) -> paging.Page[Invitation]:
    """One page of those whom `asked` counts, the last asked first; `has_answered`: only
    those who have, or who have not. `older` and `newer` are places of web.paging."""
    rows = who_was_asked(
        survey, now=now, narrowed=narrowed, has_answered=has_answered
    ).select_related("customer", "response")
    return paging.page(rows, by="invited_at", size=PAGE, older=older, newer=newer)


def who_was_asked(
    survey: Survey,
    *,
    now: datetime,
    narrowed: Narrowing,
    has_answered: bool | None = None,
) -> "QuerySet[Invitation]":
    """All of them; see `asked_page`."""
    rows = _went_out(survey, now, narrowed)
    if has_answered is None:
        return rows
    return rows.filter(_ANSWERED if has_answered else ~_ANSWERED)


def presses_of(asked: Collection[Invitation]) -> Mapping[int, list[Press]]:
    """What was pressed in the mails of these, by their ids, in its order; kept for 90
    days."""
    found: dict[int, list[Press]] = defaultdict(list)
    for press in Press.objects.filter(invitation__in=asked).order_by(
        "pressed_at", "id"
    ):
        found[press.invitation_id].append(press)
    return found


def _went_out(
    survey: Survey, now: datetime, narrowed: Narrowing | None
) -> "QuerySet[Invitation]":
    # Neither asked nor answered: few, and found by their own index.
    left_out = Response.objects.filter(
        survey=survey,
        state=ResponseState.LEFT_OUT.value,
        invitation__isnull=False,
    ).values("invitation")
    rows: QuerySet[Invitation] = Invitation.objects.filter(
        survey=survey,
        invited_at__gt=now - ASKED_OVER,
        invited_at__lte=now,
        message__state__in=WENT_OUT,
    ).exclude(pk__in=left_out)
    return _among(rows, narrowed, now) if narrowed else rows


def _among(
    rows: "QuerySet[Invitation]", narrowed: Narrowing, now: datetime
) -> "QuerySet[Invitation]":
    """Those of these people, or one value of a group: as it is with the customer, the
    mail and its order, because who has not answered has no copy of it."""
    if narrowed.came_by:
        return rows.none()
    if narrowed.segment:
        today = crm.business().day(now)
        people = segment_people.compiled(narrowed.segment, today=today)
        rows = rows.filter(customer__in=subquery(people))
    if not narrowed.is_one:
        return rows
    value, number = narrowed.value, whole_number(narrowed.value)
    match narrowed.by:
        case CountedBy.COUNTRY:
            return rows.filter(customer__country=value)
        case CountedBy.LANGUAGE:
            return rows.filter(_written_in(value))
        case CountedBy.OWNER:
            return rows.filter(customer__owner=number)
        case CountedBy.PRODUCT:
            return rows.filter(Exists(_lines_of(number)))
        case _:
            return rows.filter(_asked_under(number))


def _lines_of(product: int | None) -> "QuerySet[OrderLine]":
    """Of the order that was asked about, what was bought of a product."""
    rows = OrderLine.objects.filter(order=OuterRef("order"), nature="purchase")
    return rows.filter(product=product or -1)


def _written_in(language: str) -> Q:
    """Whose mail was in it: its own language, else the customer’s, else the shop’s."""
    own = Q(message__language=language)
    theirs = Q(message__language="", customer__language=language)
    shops = Q(message__language="", customer__language="")
    found = own | theirs if language else Q(pk=None)
    return found | shops if language == crm.business().language else found


def _asked_under(version: int | None) -> Q:
    """Who was asked while this version was live."""
    this = SurveyVersion.objects.filter(pk=version or -1).first()
    if this is None or this.published_at is None:
        return Q(pk=None)
    later = SurveyVersion.objects.filter(
        survey=this.survey_id, published_at__gt=this.published_at
    ).order_by("published_at")
    found = Q(invited_at__gte=this.published_at)
    next_one = later.first()
    return found & Q(invited_at__lt=next_one.published_at) if next_one else found
