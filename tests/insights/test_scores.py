"""Recommendation scores over time: cells, gaps, movement and the answers behind."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from crm.models import Segment
from crm.services import segments
from insights import comparisons
from insights.report_asks import Ask
from insights.reports import report
from insights.selectors import scores
from insights.selectors.scores_asked import UNITS, ScoresAsked
from surveys import rules
from surveys.choices import CountedBy
from surveys.models import Invitation, Response, Survey, SurveyVersion
from surveys.rules import NpsResult, PersonSums, spans
from surveys.rules.questionnaire import Scale
from surveys.rules.spans import Unit
from surveys.selectors import spreads, trend
from surveys.selectors.counts import Reader
from tests.factories import CustomerFactory, UserFactory
from web.rules import movement
from web.rules.movement import Moved

UTC_ZONE = ZoneInfo("UTC")
TODAY = date(2026, 4, 20)
NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)
MONTHS = spans.newest(Unit.MONTH, TODAY)


def read(survey, zone=UTC_ZONE):
    return Reader(survey.pk, Scale.NPS, zone)


def answer(survey, people, values, at):
    """One answer of each of these people, all at one moment."""
    invitations = Invitation.objects.bulk_create(
        Invitation(
            survey=survey,
            customer=person,
            occurrence=f"{at.isoformat()}:{person.pk}",
            invited_at=at,
            expires_at=at.replace(year=at.year + 1),
            state="answered",
        )
        for person in people
    )
    Response.objects.bulk_create(
        Response(
            invitation=invitation,
            survey=survey,
            survey_version=survey.live_version,
            customer=invitation.customer,
            scale="nps",
            score=value,
            state="confirmed",
            first_at=at,
            confirmed_at=at,
            changeable_until=at,
            language="he" if value == 10 else "en",
            country="IL",
        )
        for invitation, value in zip(invitations, values, strict=True)
    )


@pytest.fixture
def survey(db):
    """60 answer in February and again in March, 12 in the last quarter of 2025."""
    survey = Survey.objects.get(askings__automation__kind="survey_regularly")
    people = CustomerFactory.create_batch(60, country="IL")
    answer(survey, people[:12], [9] * 12, datetime(2025, 11, 3, tzinfo=UTC))
    answer(survey, people, [9] * 30 + [3] * 30, datetime(2026, 2, 3, tzinfo=UTC))
    answer(survey, people, [10] * 42 + [3] * 18, datetime(2026, 3, 31, 23, tzinfo=UTC))
    return survey


def test_spans_have_their_scores_and_gaps(survey):
    rows = trend.spans(read(survey), MONTHS, today=TODAY)

    found = {row.first: row for row in rows}
    assert found[date(2026, 2, 1)].result == NpsResult(30, 0, 30)
    assert found[date(2026, 3, 1)].result == NpsResult(42, 0, 18)
    assert found[date(2025, 11, 1)].has_score is False
    assert found[date(2026, 1, 1)].result is None
    assert not found[date(2026, 4, 1)].is_over
    east = ZoneInfo("Asia/Jerusalem")
    later = trend.spans(read(survey, east), MONTHS, today=TODAY)
    assert later[-1].result == NpsResult(42, 0, 18)


def test_people_who_answer_twice_are_one_cluster(survey):
    february, march = MONTHS[-3:-1]
    reader = read(survey)
    before, after = trend.spans(reader, [february, march], today=TODAY)

    found = spreads.counted(reader, CountedBy.ALL, february, march)[""]
    variance = rules.variance_of_change(before.result, after.result, found)
    moved = after.result.exact - before.result.exact
    assert trend.span_change(reader, before, after) == movement.change(moved, variance)

    # 12 of 60 went from -1 to +1: z is 2/60 for those less the mean of 0.4/60.
    exact = 12 * (1.6 / 60) ** 2 + 48 * (0.4 / 60) ** 2
    assert moved == pytest.approx(40)
    assert variance == pytest.approx(100**2 * exact)
    apart = (
        100**2 * sum(n.standard_error**2 for n in (before.result, after.result)) / 1e4
    )
    assert movement.change(moved, variance).p < movement.change(moved, apart).p


def test_where_all_agree_the_margins_stand_in():
    agreed = NpsResult(40, 0, 0)
    sums = PersonSums(40, 40, 40, 40, 40, 40, 0, 0, 0, 0)

    assert rules.variance_of_change(agreed, agreed, sums) > 10


@pytest.mark.parametrize("unit", UNITS)
def test_page_draws_each_survey_and_leads_to_its_answers(survey, time_machine, unit):
    time_machine.move_to(NOW, tick=False)
    client = Client()
    client.force_login(UserFactory(role="manager"))

    page = client.get(f"/insights/scores/?unit={unit}&by=language")
    found = {one.survey.pk: one for one in page.context["surveys"]}[survey.pk]

    newest = {"month": 60, "quarter": 120, "rolling": 120}[unit]
    assert found.figure.people == found.figure.base == newest
    answers = client.get(found.figure.people_url).content.decode()
    older = answers.count("data-row")
    assert older == min(newest, 50)
    assert "Show as table" in page.content.decode()
    assert [one.figure.title for one in found.groups] == ["English", "עברית"]
    for row in (one for group in found.groups for one in [group.figure, *group.spans]):
        listed = client.get(row.people_url).content.decode()
        assert listed.count("data-row") == min(row.people, 50)
    # In March 18 answered in English: a gap, and under it what is missing.
    english = found.groups[0].figure.trend
    cells = [row.cells[0] for row in english.rows]
    assert any("–" in cell.doubt for cell in cells)  # its interval
    assert unit != "month" or "too few (18)" in [cell.shown for cell in cells]
    assert english.key in page.content.decode()
    expected = "Higher than" if unit == "month" else "Too few answers to compare"
    assert expected in found.figure.movement
    assert client.get("/insights/scores/?as=csv").content.count(b"score-") >= 1
    if unit == "month":
        two = "&at=2026-03-01_2026-03-31&than=2026-02-01_2026-02-28"
        compared = client.get(f"/insights/scores/?unit=month{two}").context["compared"]
        [row] = [row for row in compared.rows if row.second.people]
        assert (row.first.shown, row.second.shown) == ("0", "+40")
        assert (row.apart, row.second.people) == ("+40", 60)
        assert row.doubt


def test_groups_and_segments_narrow_the_answers(survey):
    year = spans.months(date(2025, 5, 1), 12)
    compared = spans.compared_months(TODAY, 3)
    groups = trend.by_group(read(survey), CountedBy.COUNTRY, year, compared)
    assert [(one.value, one.result.n) for one in groups] == [("IL", 132)]
    assert trend.by_group(read(survey), CountedBy.PRODUCT, year, compared) == []


def test_a_segment_is_told_over_time_as_well(survey):
    Segment.objects.all().delete()
    segments.create(
        name="Israel",
        conditions={
            "match": "all",
            "parts": [{"field": "country", "is": "any_of", "values": ["IL"]}],
        },
        by=UserFactory(role="owner"),
        now=NOW,
    )

    found = scores.scores(ScoresAsked(Unit.MONTH, TODAY, UTC_ZONE, by="segment"))

    [israel] = next(one for one in found if one.survey == survey).groups
    assert (israel.figure.title, israel.result.n) == ("Israel", 132)
    cells = [row.cells[0].shown for row in israel.figure.trend.rows]
    assert cells[-3:-1] == ["0", "+40"]
    assert [one.people for one in israel.spans] == [12, 60, 60]


def test_groups_stand_in_the_report(survey):
    figures = report("scores", Ask(now=NOW, today=TODAY, by="country")).figures
    by_key = {one.key: one for one in figures}

    assert len(by_key) == len(figures)
    whole = by_key[f"score-{survey.pk}.country:IL"]
    assert (whole.people, whole.has_enough) == (132, True)
    month = by_key[f"score-{survey.pk}.country:IL.month.2026-03-01"]
    assert (month.people, month.value) == (60, pytest.approx(40))


def test_what_groups_and_two_sides_say_is_one_list(survey, time_machine):
    """The more is compared, the less of it may be chance."""
    time_machine.move_to(NOW, tick=False)
    asked = ScoresAsked(Unit.MONTH, TODAY, UTC_ZONE, by="country")
    changes = scores.changes(scores.counted(asked))
    assert f"score-{survey.pk}:IL" in changes

    unlikely = movement.Change(40.0, 0.04)
    [key] = [key for key, one in changes.items() if one.p is not None]
    page = {key: unlikely} | {f"other-{at}": movement.Change(1, 0.9) for at in range(9)}
    spans_ = ["2026-02-01_2026-02-28", "2026-03-01_2026-03-31"]
    both = comparisons.of_scores([asked, asked], spans_, Unit.MONTH, page=page)

    assert movement.movements({key: unlikely})[key] is Moved.UP
    assert both.moved[key] is Moved.BY_CHANCE
    # Those who answered in both are one cluster each, as on the page itself.
    [row] = [row for row in both.rows if row.second.people]
    assert row.verdict == "Higher, beyond chance."


def test_between_two_times_nobody_counts(survey):
    """Two spans with a third between them: its answers are in neither."""
    people = Response.objects.filter(survey=survey, confirmed_at__month=2)
    before, after = MONTHS[-6], MONTHS[-2]
    [far] = spreads.counted(read(survey), CountedBy.ALL, before, after).values()
    people.delete()
    [alone] = spreads.counted(read(survey), CountedBy.ALL, before, after).values()
    assert far == alone


def test_a_page_of_pure_chance_names_nothing(survey):
    """Two months of the same people who say the same."""
    people = CustomerFactory.create_batch(40)
    other = Survey.objects.exclude(pk=survey.pk).first()
    for month in (2, 3):
        answer(other, people, [9] * 21 + [3] * 19, datetime(2026, month, 5, tzinfo=UTC))

    found = scores.scores(ScoresAsked(Unit.MONTH, TODAY, UTC_ZONE))

    said = {one.survey.pk: one.figure.movement for one in found}
    assert "Not a change" in said[other.pk]
    assert Moved.BY_CHANCE == "by_chance"


@pytest.mark.parametrize(("role", "n"), [("manager", 60), ("analyst", 59)])
def test_no_segment_or_group_gives_a_confidence_away(survey, time_machine, role, n):
    time_machine.move_to(NOW, tick=False)
    version = survey.live_version
    SurveyVersion.objects.create(
        survey=survey, number=99, state="published", made_at=NOW, published_at=NOW,
        content={**version.content, "confidential": True},
    )  # fmt: skip
    march = Response.objects.filter(survey=survey, confirmed_at__month=3)
    Response.objects.filter(pk=march.first().pk).update(is_confidential=True)
    inside = {"field": "country", "is": "any_of", "values": ["IL"]}
    conditions = {"match": "all", "parts": [inside]}
    Segment.objects.all().delete()
    segment = segments.create(name="IL", conditions=conditions, by=None, now=NOW)
    client = Client()
    client.force_login(UserFactory(role=role))

    for query, counted in (
        (f"segment={segment.pk}", n),
        ("by=country", n),
        ("by=segment", n),
        ("", 60),
    ):
        page = client.get(f"/insights/scores/?unit=month&{query}")
        [found] = [one for one in page.context["surveys"] if one.survey == survey]
        assert found.figure.people == counted
        assert sum(one.figure.people for one in found.groups) in (0, 72 + counted)
        for one in found.figures:
            listed = client.get(one.people_url).content.decode() if one.people else ""
            assert listed.count("data-row") == min(one.people, 50), one.people_url
        told = "Without what was answered in confidence" in page.content.decode()
        assert told is (counted < 60)
