"""How many were asked, by the statement of pages and by the list that it opens."""

from datetime import timedelta

import pytest

from surveys.models import AskedCount, Response
from surveys.selectors import asked as selectors
from surveys.selectors.narrowing import Narrowing
from tests.factories import (
    NOW,
    InvitationFactory,
    MessageFactory,
    ResponseFactory,
    SurveyFactory,
)

DAY = timedelta(days=1)


@pytest.fixture
def survey(shop):
    """Six were asked in the last year, of whom two have answered."""
    first = InvitationFactory()
    of = {"survey": first.survey}
    for number, state in enumerate(("sent", "uncertain")):
        gone = MessageFactory(state=state, kind=f"a{number}", final_at=NOW)
        InvitationFactory(message=gone, **of)
    InvitationFactory(invited_at=NOW - 364 * DAY, **of)
    ResponseFactory(**of)
    ResponseFactory(**of)
    # Not these: left out, of a mail that did not go, too long ago, not yet.
    left_out = ResponseFactory(**of)
    Response.objects.filter(pk=left_out.pk).update(
        state="left_out", left_out_because="test", left_out_at=NOW
    )
    InvitationFactory(
        message=MessageFactory(state="cancelled", kind="b", final_at=NOW), **of
    )
    InvitationFactory(invited_at=NOW - 365 * DAY, **of)
    InvitationFactory(invited_at=NOW + DAY, **of)
    return first.survey


def test_pages_count_those_who_are_listed(survey):
    other = SurveyFactory()

    found = selectors.all_asked([survey, other], now=NOW)

    assert found[survey.pk] == selectors.Asked(6, 2)
    assert found[other.pk] == selectors.Asked(0, 0)
    assert found[survey.pk] == selectors.counted(survey, now=NOW)
    listed = selectors.who_was_asked(survey, now=NOW, narrowed=Narrowing())
    assert listed.count() == 6


def test_very_many_are_those_of_within_the_hour(survey, django_assert_num_queries):
    many = selectors.MOST_AT_ONCE + 1
    AskedCount.objects.create(survey=survey, asked=many, answered=9, counted_at=NOW)

    with django_assert_num_queries(1):
        [found] = selectors.all_asked([survey], now=NOW).values()

    assert found == selectors.Asked(many, 9, NOW)


def test_what_was_kept_of_few_is_counted_anew(survey):
    AskedCount.objects.create(survey=survey, asked=5, answered=5, counted_at=NOW)

    [found] = selectors.all_asked([survey], now=NOW).values()

    assert found == selectors.Asked(6, 2)
