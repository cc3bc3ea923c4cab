"""The results page: what stands there, of whom, and what each figure opens."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qsl

import pytest
from django.test import Client

from crm import datasets
from crm.services import segments
from surveys.models import Answer, Response, Survey, SurveyVersion
from surveys.services import cells
from tests.factories import CustomerFactory, ProductFactory, UserFactory

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
CONTENT = {
    "questions": [
        {"key": "score", "kind": "score", "required": True, "scale": "csat"},
        {
            "key": "where",
            "kind": "choices",
            "texts": {"en": {"title": "Where do you drink it?"}},
            "choices": [
                {"key": "home", "texts": {"en": "At home"}},
                {"key": "work", "texts": {"en": "At work"}},
            ],
            "has_other": True,
        },
        {"key": "more", "kind": "long", "texts": {"en": {"title": "What else?"}}},
    ]
}


def make(kind="csat", content=CONTENT):
    survey = Survey.objects.create(name="After the visit", kind=kind)
    version = SurveyVersion.objects.create(
        survey=survey,
        number=1,
        state="published",
        content=content,
        made_at=NOW,
        published_at=NOW,
    )
    survey.live_version, survey.state = version, "live"
    survey.save()
    return survey


def answer(survey, score, *, at, **more):
    return Response.objects.create(
        survey=survey,
        survey_version_id=survey.live_version_id,
        channel="import",
        scale=survey.kind,
        score=score,
        state="confirmed",
        first_at=at,
        confirmed_at=at,
        changeable_until=at,
        **more,
    )


@pytest.fixture
def survey(shop):
    """40 of Israel now, 30 of them satisfied; 40 as many months ago, 10 of them."""
    survey, product = make(), ProductFactory(name="Ethiopia 1 kg")
    for days, satisfied in ((10, 30), (120, 10)):
        for number in range(40):
            row = answer(
                survey,
                5 if number < satisfied else 2,
                at=NOW - timedelta(days=days, minutes=number),
                country="IL",
                language="he",
                product_ids=[product.pk],
            )
            if days == 10:
                Answer.objects.create(
                    response=row,
                    question="where",
                    kind="choices",
                    choices=["home", "work"] if number < 8 else ["home"],
                )
    Answer.objects.create(
        response=row_of(survey), question="more", kind="long", text="Open <b>earlier"
    )
    answer(survey, 1, at=NOW - timedelta(days=1), country="GB", language="en")
    return survey


def row_of(survey):
    return Response.objects.filter(survey=survey).order_by("-confirmed_at").first()


@pytest.fixture
def staff(time_machine):
    time_machine.move_to(NOW, tick=False)
    client = Client()
    client.force_login(UserFactory(role="manager"))
    return client


@pytest.mark.parametrize("is_summed", [False, True])
def test_page_shows_the_satisfied_what_moved_and_who(survey, staff, is_summed):
    if is_summed:
        cells.keep_up(now=NOW)

    page = staff.get(f"/surveys/{survey.pk}/?by=country&unit=rolling")

    words = page.content.decode()
    found = page.context["results"]
    assert (found.result.satisfied, found.result.n) == (30, 41)
    assert "73" in words
    assert "Likely between 58" in words
    assert "Higher than the 90 days before (25" in words
    assert [(one.value, one.result.n) for one in found.groups] == [
        ("IL", 80),
        ("GB", 1),
    ]
    assert "Not enough answers yet (1 of 10)" in words
    assert "At home" in words
    assert "Open &lt;b&gt;earlier" in words
    [where, _more] = found.further
    assert {bar.key: bar.count for bar in where.bars} == {
        "home": 40,
        "work": 8,
        "other": 0,
    }
    assert "10 % to 35 %" in words.replace("\N{NO-BREAK SPACE}", " ")


# What a figure opens, and of how many it is.
OF_SPANS = re.compile(r'<a href="([^"]*)">[^<]*</a> <span[^>]*>[^<]*n = (\d+)<')
OF_SCORES = re.compile(r'<a href="([^"]*)" aria-label="Score \d+: (\d+) answer')


def in_its_file(page):
    """The answers that the button of this list exports."""
    [asked] = re.findall(r'href="[^"]*/exports/new/\?([^"]*)"', page)
    filters = dict(parse_qsl(unescape(asked), keep_blank_values=True))
    dataset = datasets.get(filters["of"])
    return dataset.rows(dataset.narrowed(filters))


@pytest.mark.parametrize("unit", ["day", "week", "month", "rolling", "nonsense"])
def test_every_figure_opens_its_answers(survey, staff, unit):
    page = staff.get(f"/surveys/{survey.pk}/?by=product&unit={unit}")

    context = page.context
    [bar] = [one for one in context["further"][0].bars if one.name == "At work"]
    behind = {
        context["answers_url"]: 41,
        **{
            unescape(url): int(rows) for url, rows in OF_SPANS.findall(context["trend"])
        },
        context["group_rows"][0].answers_url: 50,
        bar.url: 8,
        **{
            unescape(url): int(rows) for url, rows in OF_SCORES.findall(context["bars"])
        },
    }
    assert len(behind) > 5
    for url, rows in behind.items():
        opened = staff.get(url).content.decode()
        assert opened.count("data-row") == rows
        # A page of the list shows 50; its file has them all.
        assert min(in_its_file(opened).count(), 50) == rows
    israel = staff.get(context["group_rows"][0].answers_url).content.decode()
    assert in_its_file(israel).count() == 80
    narrowed = staff.get(f"/surveys/{survey.pk}/{context['group_rows'][0].url}")
    assert "Only Ethiopia 1 kg." in narrowed.content.decode()
    assert narrowed.context["results"].result.n == 40


def test_a_segment_counts_its_members_of_now(survey, staff):
    person = CustomerFactory(country="SE")
    answer(survey, 4, at=NOW - timedelta(days=2), customer=person, country="GB")
    cells.keep_up(now=NOW)
    field = {"field": "country", "is": "any_of", "values": ["SE"]}
    conditions = {"match": "all", "parts": [field]}
    segment = segments.create(name="Swedes", conditions=conditions, by=None, now=NOW)

    page = staff.get(f"/surveys/{survey.pk}/?segment={segment.pk}")

    assert page.context["results"].result.n == 1
    assert "Not enough answers yet (1 of 10)" in page.content.decode()


@pytest.mark.parametrize(
    ("role", "names", "words", "counted"),
    [
        ("manager", ("Zelda", "Quinn"), 2, 2),
        # Sees on timelines when each of them answered, and would know them by that.
        ("agent", ("Quinn",), 1, 1),
        ("analyst", (), 2, 1),
    ],
)
def test_what_was_said_in_confidence_is_seen_by_those_who_may_know(
    survey, time_machine, role, names, words, counted
):
    time_machine.move_to(NOW, tick=False)
    SurveyVersion.objects.create(
        survey=survey, number=2, state="published", made_at=NOW, published_at=NOW,
        content={**CONTENT, "confidential": True},
    )  # fmt: skip
    for name, is_confidential in (("Zelda", True), ("Quinn", False)):
        person = CustomerFactory(given_name=name, family_name="", country="SE")
        row = answer(
            survey,
            4,
            at=NOW,
            customer=person,
            country="SE",
            is_confidential=is_confidential,
        )
        Answer.objects.create(
            response=row, question="more", kind="long", text=f"Words of {row.pk}"
        )
    field = {"field": "country", "is": "any_of", "values": ["SE"]}
    conditions = {"match": "all", "parts": [field]}
    swedes = segments.create(name="Swedes", conditions=conditions, by=None, now=NOW)
    client = Client()
    client.force_login(UserFactory(role=role))

    page = client.get(f"/surveys/{survey.pk}/").content.decode()
    narrowed = client.get(f"/surveys/{survey.pk}/?segment={swedes.pk}")
    listed = client.get(f"/surveys/{survey.pk}/answers/?segment={swedes.pk}")

    assert page.count("Words of ") == words
    assert tuple(name for name in ("Zelda", "Quinn") if name in page) == names
    assert ("A customer, in confidence" in page) is (role == "analyst")
    # A segment or a group of one would tell who it was.
    group = client.get(f"/surveys/{survey.pk}/?by=country&value=SE")
    for found in (narrowed, group):
        assert found.context["results"].result.n == counted
        assert found.content.decode().count("Words of ") == counted
        assert ("in confidence: a group" in found.content.decode()) is (counted == 1)
    beside = client.get(f"/surveys/{survey.pk}/?by=country").context["results"]
    assert {one.value: one.result.n for one in beside.groups}["SE"] == counted
    assert listed.content.decode().count("data-row") == counted
    everybody = client.get(f"/surveys/{survey.pk}/answers/").content.decode()
    assert everybody.count("data-row") == 50
    assert ("owners and managers alone read" in everybody) is (role == "agent")


def test_files_hold_what_the_page_shows(survey, staff):
    page = staff.get(f"/surveys/{survey.pk}/?by=country&as=csv")

    rows = list(csv.DictReader(io.StringIO(page.content.decode("utf-8-sig"))))
    [score] = [row for row in rows if row["part"] == "score"]
    assert (score["answers"], score["unit"], score["movement"]) == (
        "41",
        "percent",
        "up",
    )
    assert float(score["value"]) == pytest.approx(100 * 30 / 41)
    israel = [row for row in rows if row["part"] == "country"][0]
    assert (israel["name"], israel["answers"]) == ("Israel", "80")
    xlsx = staff.get(f"/surveys/{survey.pk}/?as=xlsx").content
    assert xlsx.startswith(b"PK")


def test_effort_is_a_mean_and_a_survey_without_score_has_none(shop, staff):
    effort = make("ces", {"questions": []})
    for number in range(30):
        answer(effort, 5 + number % 3, at=NOW - timedelta(hours=number))
    page = staff.get(f"/surveys/{effort.pk}/").content.decode()
    assert "Likely between 5.7 and 6.3" in page

    plain = make("own", {"questions": [{"key": "more", "kind": "long"}]})
    Response.objects.filter(survey=effort).update(
        survey=plain, survey_version=plain.live_version, scale="", score=None
    )
    page = staff.get(f"/surveys/{plain.pk}/?unit=week")
    assert page.context["results"].answers == 30
    assert "30 answers" in page.content.decode()


def test_what_is_pressed_or_left_out_stands_beside_and_is_never_added(survey, staff):
    row = row_of(survey)
    Response.objects.filter(pk=row.pk).update(
        state="left_out", left_out_because="test", left_out_at=NOW
    )
    pressed = answer(survey, 1, at=NOW)
    Response.objects.filter(pk=pressed.pk).update(
        state="provisional", confirmed_at=None
    )
    cells.keep_up(now=NOW)

    found = staff.get(f"/surveys/{survey.pk}/").context["results"]

    assert found.result.n == 40
    assert (found.beside.provisional, found.beside.left_out) == (1, 1)


def test_scores_that_were_only_pressed_have_a_list(survey, staff):
    pressed = answer(survey, 1, at=NOW)
    Response.objects.filter(pk=pressed.pk).update(
        state="provisional", confirmed_at=None, clashing=True
    )
    figure = staff.get(f"/surveys/{survey.pk}/")
    listed = f"{figure.context['answers_url']}&pressed=1"

    page = staff.get(listed)

    assert list(in_its_file(page.content.decode())) == [pressed]
    assert listed.replace("&", "&amp;") in figure.content.decode()
    assert page.context["answers"] == [pressed]
    assert "Several scores came within seconds" in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "by=owner&value=abc",
        "by=product&value=99999999999999999999",
        "by=x",
        "segment=0",
        "segment=%00",
        "by=country&value=%00",
        "unit=quarter",
    ],
)
def test_nonsense_in_the_address_breaks_nothing(survey, staff, query):
    for page in ("", "answers/"):
        assert staff.get(f"/surveys/{survey.pk}/{page}?{query}").status_code == 200
