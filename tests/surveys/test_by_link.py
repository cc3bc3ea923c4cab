"""Answers narrowed to a link, and to what its address said besides."""

from uuid import uuid4

import pytest
from django.test import Client

from crm import datasets
from surveys import selectors
from surveys.models import Response
from surveys.selectors.narrowing import CameBy, Narrowing, narrowing
from surveys.services import share_links
from tests.factories import NOW, ResponseFactory, UserFactory
from tests.pages import read


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def survey(shop):
    """Two tills and a parcel; and 9 by mail, of which no link knows."""
    mailed = ResponseFactory(score=9, comment="By mail")
    survey = mailed.survey
    make = {"by": UserFactory(), "now": NOW, "embed_origins": []}
    till = share_links.make(
        survey, name="Till", declared={"till": ["1", "2"], "day": ["sat"]}, **make
    )
    parcel = share_links.make(survey, name="Parcel", declared={}, **make)
    for link, score, declared in (
        (till, 10, {"till": "1"}),
        (till, 2, {"till": "2", "day": "sat"}),
        (till, 3, {"till": "2"}),
        (parcel, 7, {}),
    ):
        ResponseFactory(
            survey=survey,
            invitation=None,
            customer=None,
            channel="link",
            link=link,
            respondent=uuid4(),
            declared=declared,
            score=score,
            comment=f"Scored {score}",
        )
    return survey


@pytest.fixture
def owner(shop):
    client = Client()
    client.force_login(UserFactory(role="owner"))
    return client


def way(survey, name, said=""):
    link = survey.share_links.get(name=name)
    return f"{link.pk}{said}"


CASES = {
    ("Till", ""): [10, 2, 3],
    ("Till", ":till=1"): [10],
    ("Till", ":till=2"): [2, 3],
    ("Till", ":day=sat"): [2],
    ("Till", ":till=3"): [],
    ("Parcel", ""): [7],
}


@pytest.mark.parametrize("case", CASES)
def test_results_list_and_file_are_of_the_same_answers(survey, owner, case):
    asked, scores = way(survey, *case), CASES[case]
    narrowed = narrowing({"link": asked})

    found = selectors.results(survey, now=NOW, narrowed=narrowed)
    listed = owner.get(f"/surveys/{survey.pk}/answers/?link={asked}")

    assert found.answers == len(scores)
    assert {one for one, n in found.counts.items() if n} == set(scores)
    assert sorted(row.score for row in listed.context["answers"]) == sorted(scores)
    of_list = {"survey": str(survey.pk), "link": asked}
    filed = datasets.get("answers").rows(of_list)
    assert sorted(row.score for row in filed) == sorted(scores)
    assert narrowed.query == {"link": asked}


def test_the_pages_offer_each_link_with_each_of_its_values(survey, owner):
    for page in (f"/surveys/{survey.pk}/", f"/surveys/{survey.pk}/answers/"):
        shown = read(owner.get(f"{page}?link={way(survey, 'Till', ':till=2')}"))
        options = shown[shown.index('id="filter-link"') :]
        options = options[: options.index("</select>")]
        assert "Till, till=1" in options
        assert "Parcel" in options
        assert options.index("selected") < options.index("Till, till=2")


def test_other_choices_stay_when_a_link_is_chosen(survey, owner):
    page = read(owner.get(f"/surveys/{survey.pk}/answers/?score=2&score=3"))

    form = page[: page.index('id="filter-link"')]
    assert form.count('type="hidden" name="score"') == 2
    asked = f"?link={way(survey, 'Till', ':till=2')}&score=3"
    listed = owner.get(f"/surveys/{survey.pk}/answers/{asked}")
    assert [row.score for row in listed.context["answers"]] == [3]


def test_an_export_takes_the_link_of_the_list(survey, owner):
    asked = way(survey, "Till", ":till=2")

    page = read(owner.get(f"/surveys/{survey.pk}/answers/?link={asked}"))

    assert f"link={asked.replace(':', '%3A').replace('=', '%3D')}" in page


@pytest.mark.parametrize("asked", ["", "x", "0", ":till=2", "99999999999999999999"])
def test_what_makes_no_sense_is_everybody(survey, asked):
    assert narrowing({"link": asked}) == Narrowing()


def test_a_value_with_marks_of_sql_is_a_value(survey):
    hostile = CameBy(1, "till", "2' OR '%1\"}")

    assert not hostile.among(Response.objects.all()).exists()
    found = selectors.results(survey, now=NOW, narrowed=Narrowing(came_by=hostile))
    assert found.answers == 0


@pytest.mark.parametrize(
    "asked",
    [
        {"by": "country"},
        {"by": "country", "value": ""},
        {"by": "segment"},
        {"by": "product", "value": "7", "link": "12:till=2"},
    ],
)
def test_the_next_page_is_narrowed_as_this_one(db, asked):
    assert narrowing(asked).query == asked
    assert narrowing(narrowing(asked).query) == narrowing(asked)
