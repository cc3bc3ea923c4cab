"""The week's answers by mail on Monday, to colleagues who want them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from messaging.models import Message
from messaging.services.delivery import deliver
from surveys.models import Response, ResponseTheme, Survey, Theme
from surveys.services import digest
from tests.factories import ResponseFactory, SurveyFactory, UserFactory

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# A Monday, eight in the morning in Berlin.
MONDAY = datetime(2026, 6, 8, 6, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(shop):
    shop.time_zone = "Europe/Berlin"
    shop.save()
    return Survey.objects.get(askings__automation__kind="survey_after_delivery")


@pytest.fixture
def owner(survey):
    return UserFactory(role="owner", language="en")


def answers(survey, *scores, at=MONDAY - DAY, **values):
    for score in scores:
        ResponseFactory(survey=survey, score=score, first_at=at, **values)


def posted():
    return Message.objects.filter(kind=digest.KIND)


def test_one_mail_on_monday_says_what_came_in(survey, owner):
    UserFactory(role="agent")
    answers(survey, 9, 10, 3, comment="Late again")
    # Not of this week: the last Monday and today.
    answers(survey, 9, at=MONDAY - 8 * DAY)
    answers(survey, 9, at=MONDAY - HOUR)

    assert digest.post_due(now=MONDAY - HOUR) == 0
    assert digest.post_due(now=MONDAY) == 1
    digest.post_due(now=MONDAY + DAY)
    assert digest.post_due(now=MONDAY + 2 * DAY) == 0

    (message,) = posted()
    assert message.user == owner
    deliver(now=MONDAY)
    message.refresh_from_db()
    text = message.body.text
    assert "3 answers, 1 of them low (0 to 6), 3 with a reason." in text
    assert "Too few answers in 90 days to name a score." in text


def test_every_kind_of_survey_says_its_score_its_low_answers_and_the_themes(owner):
    visits = SurveyFactory(name="Visits", kind="csat")
    effort = SurveyFactory(name="Effort", kind="ces")
    answers(visits, *[5] * 40, *[2] * 10, scale="csat")
    answers(visits, 4, scale="csat", at=MONDAY - 8 * DAY)
    answers(effort, 3, 6, scale="ces")
    late, price = (Theme.objects.create(name=name) for name in ("Late", "Price"))
    written = Response.objects.filter(survey=visits).order_by("id")
    for response in written[:3]:
        ResponseTheme.objects.create(response=response, theme=late, by="staff")
    ResponseTheme.objects.create(response=written[3], theme=late, by="not_so")
    ResponseTheme.objects.create(response=written[3], theme=price, by="keyword")

    digest.post_due(now=MONDAY)
    deliver(now=MONDAY)

    text = " ".join(posted().get().body.text.split())
    assert "50 answers, 10 of them low (1 to 2), 0 with a reason." in text
    assert "In 90 days 80 % were satisfied, likely between 68 % and 89 %." in text
    assert "They wrote about: Late (3), Price (1)" in text
    assert f"/surveys/{visits.pk}/answers/?score=1&score=2&from=2026-06-01" in text
    assert "2 answers, 1 of them low (1 to 3), 0 with a reason." in text


def test_a_week_without_answers_has_no_mail(survey, owner):
    answers(survey, 9, at=MONDAY - 8 * DAY)
    answers(survey, 2, state="provisional", confirmed_at=None)
    answers(
        survey, 2, state="left_out", left_out_because="test", left_out_at=MONDAY - DAY
    )

    assert digest.post_due(now=MONDAY) == 0
    assert not posted().exists()


def test_everybody_says_for_themselves(survey, owner, client):
    answers(survey, 9)
    agent = UserFactory(role="agent")
    client.force_login(agent, "django.contrib.auth.backends.ModelBackend")
    client.post("/surveys/digest/", {"to": "on"})
    assert "Stop this mail" in client.get("/surveys/").text

    digest.post_due(now=MONDAY)
    assert {message.user for message in posted()} == {owner, agent}

    # The wish holds until it leaves.
    digest.choose(owner, wants=False, now=timezone.now())
    deliver(now=MONDAY)
    ends = {message.user: message.reason_code for message in posted()}
    assert ends == {owner: "digest_not_wanted", agent: ""}
