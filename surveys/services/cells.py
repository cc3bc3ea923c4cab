"""Answers are added to the sums, and what pages cannot wait for is counted."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from crm import selectors as crm
from crm.rules import dates
from crm.sql.import_runs import ANY_LENGTH
from surveys.choices import CountedBy
from surveys.models import AskedCount, CellBook, CellDelta, Spread, Survey
from surveys.rules import spans
from surveys.rules.spans import Days, Unit
from surveys.selectors import asked, spreads
from surveys.selectors.counts import Reader
from surveys.selectors.kept_counts import Book
from surveys.selectors.scales import scale_of
from surveys.sql import cells as sql

SLICE = 20_000
# A task ends before its hour, and the next one goes on.
PASS_SECONDS = 30.0
KEPT_FOR = timedelta(hours=1)
GROUP_MONTHS = 3


def keep_up(*, now: datetime) -> int:
    """Add what was answered since; how many rows were added. Two at once take turns."""
    zone = dates.zone_of(crm.business().time_zone, "UTC")
    began, added = monotonic(), 0
    if not CellBook.objects.filter(pk=1, time_zone=zone.key).exists():
        added = recount(zone, now=now)
    # To add nothing would give the cells another state, too.
    while CellDelta.objects.exists() and monotonic() - began < PASS_SECONDS:
        some = _fold(zone)
        added += some
        if some < SLICE:
            break
    for survey in Survey.objects.order_by("id"):
        _keep_slow_counts(survey, zone, now)
    return added


@transaction.atomic
def recount(zone: ZoneInfo, *, now: datetime) -> int:
    """Every sum anew, by days of this zone; how many there are. Answers go on coming
    in meanwhile, and pages show the sums of before."""
    with connection.cursor() as cursor:
        cursor.execute(ANY_LENGTH)
        cursor.execute(sql.LOCK)
        cursor.execute("DELETE FROM surveys_cell")
        cursor.execute(sql.RECOUNT, {"zone": zone.key})
        counted = int(cursor.rowcount)
    Spread.objects.all().delete()
    CellBook.objects.update_or_create(
        pk=1, defaults={"time_zone": zone.key, "counted_at": now}
    )
    return counted


@transaction.atomic
def _fold(zone: ZoneInfo) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.LOCK)
        cursor.execute(sql.FOLD, {"zone": zone.key, "most": SLICE})
        taken = int(cursor.fetchone()[0])
        if taken:
            cursor.execute(sql.SWEEP)
    return taken


def _keep_slow_counts(survey: Survey, zone: ZoneInfo, now: datetime) -> None:
    """Once an hour, and when a day is over, where there are so many answers that a page
    cannot count them."""
    today = now.astimezone(zone).date()
    old = max(now - KEPT_FOR, datetime.combine(today, time(), zone))
    if AskedCount.objects.filter(survey=survey, counted_at__gte=old).exists():
        return
    _keep_asked(survey, now)
    scale = scale_of(survey)
    if scale is None:
        return
    reader = Reader(survey.pk, scale, zone, book=Book(has_days=True))
    for by, before, after in _compared(today):
        _keep_spread(reader, by, before, after, now)


def _keep_asked(survey: Survey, now: datetime) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(ANY_LENGTH)
        found = asked.counted(survey, now=now)
    AskedCount.objects.update_or_create(
        survey=survey,
        defaults={"asked": found.asked, "answered": found.answered, "counted_at": now},
    )


def _compared(today: date) -> Iterator[tuple[CountedBy, Days, Days]]:
    """Every pair of spans that a page compares."""
    for unit in Unit:
        yield CountedBy.ALL, *spans.compared(unit, today)
    # Of the page of all scores, whose rolling days end with a month.
    after = spans.rolling(today.replace(day=1) - spans.ONE_DAY)
    yield CountedBy.ALL, spans.rolling(after[0] - spans.ONE_DAY), after
    for by in CountedBy:
        if by is not CountedBy.ALL:
            yield by, *spans.compared_months(today, GROUP_MONTHS)


@transaction.atomic
def _keep_spread(
    reader: Reader, by: CountedBy, before: Days, after: Days, now: datetime
) -> None:
    kept = Spread.objects.filter(
        survey=reader.survey_id, scale=reader.scored.value, by=by.value
    )
    pair = kept.filter(first=before[0], middle=after[0], last=after[1])
    answers = sum(sum(one.values()) for one in reader.by_span([before, after]))
    if answers <= spreads.MOST_AT_ONCE:
        pair.delete()
        return
    with connection.cursor() as cursor:
        cursor.execute(ANY_LENGTH)
    found = spreads.counted(reader, by, before, after)
    pair.delete()
    # Those of days that are gone are compared no more.
    kept.filter(counted_at__lte=now - timedelta(days=2)).delete()
    Spread.objects.bulk_create(
        Spread(
            survey_id=reader.survey_id,
            scale=reader.scored.value,
            by=by.value,
            value=value,
            first=before[0],
            middle=after[0],
            last=after[1],
            sums=list(vars(sums).values()),
            counted_at=now,
        )
        for value, sums in found.items()
    )
