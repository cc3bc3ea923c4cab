"""Answers counted beforehand say what counting all of them anew says."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from surveys.choices import CountedBy
from surveys.models import (
    Answer,
    Cell,
    CellBook,
    CellDelta,
    Response,
    Survey,
    SurveyVersion,
)
from surveys.rules import spans
from surveys.rules.questionnaire import Scale
from surveys.rules.spans import Unit
from surveys.selectors import trend
from surveys.selectors.counts import Reader
from surveys.services import cells
from surveys.sql import cells as sql
from surveys.sql import trend as one_by_one
from tests.factories import CustomerFactory, UserFactory

ZONE = ZoneInfo("Asia/Jerusalem")
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TODAY = NOW.date()
CONTENT = {"questions": []}


def survey_of(kind: str) -> Survey:
    survey = Survey.objects.create(name=kind, kind=kind)
    version = SurveyVersion.objects.create(
        survey=survey,
        number=1,
        state="published",
        content=CONTENT,
        made_at=NOW,
        published_at=NOW,
    )
    survey.live_version, survey.state = version, "live"
    survey.save()
    return survey


@pytest.fixture
def survey(db):
    return survey_of("own")


def answer(survey, *, at=NOW, score=None, scale="", state="confirmed", **more):
    return Response.objects.create(
        survey=survey,
        survey_version_id=survey.live_version_id,
        channel="import",
        scale=scale if score is not None else "",
        score=score,
        state=state,
        first_at=at,
        confirmed_at=None if state == "provisional" else at,
        changeable_until=at,
        left_out_because="test" if state == "left_out" else "",
        left_out_at=at if state == "left_out" else None,
        **more,
    )


def differences(zone=ZONE):
    with connection.cursor() as cursor:
        cursor.execute(sql.DIFFERENT, {"zone": zone.key})
        return cursor.fetchall()


# What may happen to the answers of a survey, in any order.
STEPS = some.lists(
    some.one_of(
        some.tuples(
            some.just("answer"),
            some.integers(0, 10),
            some.sampled_from(["IL", "GB", ""]),
            some.integers(0, 4000),
            some.sets(some.integers(1, 3)),
        ),
        some.tuples(some.just("press"), some.integers(0, 10)),
        some.tuples(some.just("change"), some.integers(0, 9), some.integers(0, 10)),
        some.tuples(some.just("leave out"), some.integers(0, 9)),
        some.tuples(some.just("count again"), some.integers(0, 9)),
        some.tuples(
            some.just("choose"),
            some.integers(0, 9),
            some.sets(some.sampled_from("abc"), min_size=1),
        ),
        some.tuples(some.just("forget"), some.integers(0, 9)),
        some.tuples(some.just("all move"), some.sampled_from(["IL", "FR"])),
        some.tuples(some.just("fold")),
    ),
    min_size=3,
    max_size=25,
)


def do(survey, step):
    what, *rest = step
    rows = list(Response.objects.order_by("pk"))
    if what == "answer":
        score, country, minutes, products = rest
        answer(
            survey,
            at=NOW - timedelta(minutes=minutes),
            score=score,
            scale="nps",
            country=country,
            product_ids=sorted(products),
        )
    elif what == "press":
        answer(survey, score=rest[0], scale="nps", state="provisional")
    elif what == "fold":
        cells.keep_up(now=NOW)
    elif what == "all move":
        Response.objects.update(country=rest[0])
    elif rows:
        to_one(rows[rest[0] % len(rows)], what, rest)


def to_one(row, what, rest):
    if what == "change":
        row.score, row.scale, row.state = rest[1], "nps", "confirmed"
        row.confirmed_at = row.confirmed_at or NOW
        row.left_out_because, row.left_out_at = "", None
    elif what == "leave out" and row.state == "confirmed":
        row.state, row.left_out_because, row.left_out_at = "left_out", "test", NOW
    elif what == "count again" and row.state == "left_out":
        row.state, row.left_out_because, row.left_out_at = "confirmed", "", None
    elif what == "choose":
        Answer.objects.update_or_create(
            response=row,
            question="why",
            defaults={"kind": "choices", "choices": sorted(rest[1])},
        )
    elif what == "forget":
        row.delete()
        return
    row.save()


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(STEPS)
def test_whatever_happens_the_cells_say_what_a_recount_says(shop, steps):
    shop.time_zone = ZONE.key
    shop.save()
    survey = Survey.objects.filter(kind="own").first() or survey_of("own")
    Response.objects.all().delete()
    cells.recount(ZONE, now=NOW)

    for step in steps:
        do(survey, step)
    assert differences() == []

    cells.keep_up(now=NOW)
    assert not CellDelta.objects.exists()
    assert differences() == []
    kept = sorted(Cell.objects.values_list("by", "day", "value", "score", "count"))
    cells.recount(ZONE, now=NOW)
    anew = sorted(Cell.objects.values_list("by", "day", "value", "score", "count"))
    assert kept == anew


def test_a_test_of_the_test_a_cell_too_many_is_noticed(survey):
    answer(survey, score=9, scale="nps")
    cells.recount(ZONE, now=NOW)
    Cell.objects.filter(by="all").update(count=2)

    assert {row[0] for row in differences()} == {"kept", "anew"}


@pytest.fixture
def answers(survey, shop):
    """40 of two countries and products, late in the evening and after midnight."""
    shop.time_zone = ZONE.key
    shop.save()
    owner = UserFactory()
    for at in range(40):
        answer(
            survey,
            at=datetime(2026, 11, 20, 21, 50, tzinfo=UTC) + timedelta(minutes=at),
            score=at % 11,
            scale="nps",
            country="IL" if at % 3 else "GB",
            owner=owner if at % 2 else None,
            product_ids=[1, 2] if at % 4 else [],
        )
    answer(survey, score=5, scale="csat")
    answer(survey)
    return survey


@pytest.mark.parametrize("folded", [0, 20, 42])
def test_cells_and_deltas_answer_as_a_count_one_by_one(answers, folded, monkeypatch):
    cells.recount(ZONE, now=NOW)
    rows = Response.objects.order_by("pk")
    state = {"state": "left_out", "left_out_because": "test", "left_out_at": NOW}
    for row in rows[:folded]:
        Response.objects.filter(pk=row.pk).update(**state)
    if folded == 42:
        cells.keep_up(now=NOW)
    kept = Reader(answers.pk, Scale.NPS, ZONE)
    alone = Reader(answers.pk, Scale.NPS, ZONE, one_by_one.EVERYBODY)
    assert (kept.has_cells, alone.has_cells) == (True, False)
    for unit in Unit:
        days = spans.newest(unit, TODAY)
        assert kept.by_span(days) == alone.by_span(days)
    months = spans.months(date(2026, 11, 1), 1)
    for by in set(CountedBy) - {CountedBy.ALL}:
        shown = [spans.months(date(2026, 10, 1), 2), months]
        assert kept.by_value(by, shown) == alone.by_value(by, shown)
        assert kept.by_month(by, months, 9) == alone.by_month(by, months, 9)


def test_the_day_of_an_answer_is_that_of_the_shop(answers):
    cells.recount(ZONE, now=NOW)
    days = [(date(2026, 11, 20), date(2026, 11, 20)), (date(2026, 11, 21),) * 2]

    [friday, saturday] = Reader(answers.pk, Scale.NPS, ZONE).by_span(days)

    assert (sum(friday.values()), sum(saturday.values())) == (10, 30)


def test_another_time_zone_counts_all_days_anew(answers, shop):
    cells.keep_up(now=NOW)
    shop.time_zone = "Asia/Taipei"
    shop.save()
    east = ZoneInfo("Asia/Taipei")
    assert not Reader(answers.pk, Scale.NPS, east).has_cells

    cells.keep_up(now=NOW)

    assert CellBook.objects.get().time_zone == "Asia/Taipei"
    [days] = Reader(answers.pk, Scale.NPS, east).by_span([(date(2026, 11, 21),) * 2])
    assert sum(days.values()) == 40
    assert differences(east) == []


def test_scales_are_never_mixed(answers):
    cells.recount(ZONE, now=NOW)
    year = [(date(2026, 1, 1), date(2026, 12, 31))]

    csat, none = (
        Reader(answers.pk, scale, ZONE).by_span(year)[0] for scale in (Scale.CSAT, None)
    )

    assert (csat, none) == ({5: 1}, {-1: 1})


def test_doubt_that_is_kept_is_that_of_a_count(survey, shop, monkeypatch):
    """Of very many answers a page does not wait: it reads what the task has counted."""
    shop.time_zone = ZONE.key
    shop.save()
    people = CustomerFactory.create_batch(40)
    for at, score in ((datetime(2026, 9, 3), 3), (datetime(2026, 10, 3), 10)):
        for number, person in enumerate(people):
            answer(
                survey,
                at=at.replace(tzinfo=UTC),
                score=score if number % 3 else 9,
                scale="nps",
                customer=person,
            )
    Survey.objects.filter(pk=survey.pk).update(kind="nps")
    cells.recount(ZONE, now=NOW)
    now = datetime(2026, 11, 2, 12, tzinfo=UTC)
    reader = Reader(survey.pk, Scale.NPS, ZONE)
    spans_of = trend.spans(
        reader, spans.compared(Unit.MONTH, now.date()), today=now.date()
    )
    at_once = trend.span_change(reader, *spans_of)
    for name in ("MOST_AT_ONCE", "NEVER_AT_ONCE"):
        monkeypatch.setattr(f"surveys.selectors.spreads.{name}", 10)
    assert trend.span_change(reader, *spans_of) == trend.AWAITED

    cells.keep_up(now=now)

    assert at_once.p is not None
    assert trend.span_change(reader, *spans_of) == at_once
