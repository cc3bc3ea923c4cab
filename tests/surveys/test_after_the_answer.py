"""What follows on an answer: who writes by when, with which words, and what next."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from crm.models import FollowUp
from messaging.models import Automation
from messaging.services import automations
from support.models import Draft
from surveys import selectors
from surveys.choices import AnswerBand, NextStep
from surveys.models import AfterAnswer, ReferralWish, Response, Survey, SurveyVersion
from surveys.rules import call_back_by
from surveys.rules.after import leads_to_reviews
from surveys.services.after import After, save_after
from surveys.services.responses import record_response
from tests.factories import NOW, CustomerFactory, InvitationFactory, UserFactory
from tests.pages import read
from web.errors import InvalidValue

WEEKEND = frozenset({5, 6})
FRIDAY_AND_SATURDAY = frozenset({4, 5})


@pytest.mark.parametrize(
    ("weekend", "days", "expected"),
    [
        (WEEKEND, 0, "2026-03-05 17:00"),
        (WEEKEND, 1, "2026-03-06 17:00"),
        (WEEKEND, 2, "2026-03-09 17:00"),
        (FRIDAY_AND_SATURDAY, 1, "2026-03-08 17:00"),
    ],
)
def test_days_until_a_reply_are_working_days(weekend, days, expected):
    # A Thursday.
    local = datetime(2026, 3, 5, 10, tzinfo=ZoneInfo("Asia/Jerusalem"))

    assert f"{call_back_by(local, weekend, days):%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://www.trustpilot.com/evaluate/kettle.example", True),
        ("https://search.google.com/local/writereview?placeid=x", True),
        ("https://g.page/r/abc/review", True),
        ("https://shop.example/reviews/new", True),
        ("https://shop.example/friends?from=survey", False),
        ("https://preview.shop.example/", False),
    ],
)
def test_a_link_to_reviews_is_known(link, expected):
    assert leads_to_reviews(link) is expected


def answered(invitation, score):
    return record_response(
        invitation.pk, score=score, comment="", language="he", now=NOW
    )


def test_due_days_differ_by_band(invitation):
    other = InvitationFactory(survey=invitation.survey)
    save_after(invitation.survey, {AnswerBand.LOW: After(within_days=3)}, now=NOW)

    urgent, low = answered(invitation, 2), answered(other, 6)

    due = {row.source_key: row.due_on for row in FollowUp.objects.all()}
    assert due[f"response:{low.pk}"] > due[f"response:{urgent.pk}"]


def test_a_reply_begins_with_the_words_of_the_survey_in_their_language(client, shop):
    dana = CustomerFactory(greeting_name="דנה", language="he")
    invitation = InvitationFactory(customer=dana)
    response = answered(invitation, 3)
    save_after(
        invitation.survey,
        {AnswerBand.URGENT: After(words={"he": "איך נתקן את זה?", "en": "No"})},
        now=NOW,
    )
    client.force_login(UserFactory(role="owner"))

    client.post(reverse("support:reply-to", args=["response", response.pk]))

    draft = Draft.objects.get()
    assert draft.text.startswith("שלום דנה,\n\nאיך נתקן את זה?")
    assert draft.follow_up.source_key == f"response:{response.pk}"


def test_the_happy_are_never_led_to_reviews_that_others_do_not_see(invitation):
    wanted = After(next_step=NextStep.SHARE, link="https://www.trustpilot.com/review/x")

    with pytest.raises(InvalidValue) as refused:
        save_after(invitation.survey, {AnswerBand.HAPPY: wanted}, now=NOW)

    assert refused.value.fields == {"link_happy": "reviews_are_for_all"}
    assert not AfterAnswer.objects.exists()


def test_the_page_keeps_what_was_typed_and_says_what_is_wrong(client, invitation):
    client.force_login(UserFactory(role="owner"))
    page = reverse("surveys:survey-after", args=[invitation.survey_id])
    sent = {
        "within_days_low": "2",
        "words_low_en": "Tell me more",
        "next_step_happy": "share",
        "link_happy": "http://shop.example/",
    }

    refused = client.post(page, sent)
    assert refused.status_code == 422
    assert "Tell me more" in refused.content.decode()

    client.post(page, {**sent, "link_happy": "https://shop.example/"})
    kept = client.get(page).content.decode()
    assert "Tell me more" in kept
    assert AfterAnswer.objects.get(band="happy").link == "https://shop.example/"
    assert AfterAnswer.objects.get(band="low").within_days == 2


def test_the_page_says_whether_anybody_is_asked_again(client, invitation):
    client.force_login(UserFactory(role="owner"))
    page = reverse("surveys:survey-after", args=[invitation.survey_id])
    again = Automation.objects.get(kind="survey_again")
    way = reverse("messaging:automation", args=[again.pk])

    off = state_beside(way, read(client.get(page)))
    automations.switch_on(again, now=NOW)
    on = state_beside(way, read(client.get(page)))

    assert (off, on) == ("Off", "On")


def state_beside(url, html):
    """The word of the badge behind this link."""
    _before, _link, rest = html.partition(f'href="{url}"')
    return re.sub(r"<[^>]+>", " ", rest.partition("</a>")[2][:600]).split()[0]


@pytest.fixture
def confided(shop):
    dana = CustomerFactory(greeting_name="Dana")
    response = answered(InvitationFactory(customer=dana), 2)
    Response.objects.filter(pk=response.pk).update(
        is_confidential=True, comment="Between us"
    )
    return response


@pytest.mark.parametrize(("role", "sees"), [("manager", True), ("agent", False)])
def test_who_answered_in_confidence_is_seen_by_few(client, confided, role, sees):
    client.force_login(UserFactory(role=role))
    answers = reverse("surveys:survey-answers", args=[confided.survey_id])
    name = confided.customer.get_absolute_url()

    assert (f'href="{name}"' in client.get(answers).content.decode()) is sees
    page = client.get(name).content.decode()
    assert ("Between us" in page) is sees
    assert ("Answered in confidence" in page) is not sees


@pytest.mark.parametrize(("role", "begins"), [("manager", 302), ("agent", 404)])
def test_a_reply_to_a_confidence_tells_nobody_who_gave_it(
    client, confided, role, begins
):
    """Its number stands in the list of answers, where an agent sees no name."""
    client.force_login(UserFactory(role=role))

    url = reverse("support:reply-to", args=["response", confided.pk])
    answer = client.post(url)

    assert answer.status_code in {begins, begins + 1}
    assert "Dana" not in answer.content.decode()


def test_what_was_said_in_confidence_stands_in_no_list_of_people(confided):
    assert selectors.latest_scores([confided.customer_id]) == {}


def test_a_task_about_a_confidence_says_no_score(invitation):
    version = invitation.survey.live_version
    content = {**version.content, "confidential": True}
    version = SurveyVersion.objects.create(
        survey=invitation.survey, number=7, state="published", content=content,
        made_at=NOW, published_at=NOW,
    )  # fmt: skip
    Survey.objects.filter(pk=invitation.survey_id).update(live_version=version)

    response = answered(invitation, 2)

    assert response.is_confidential
    assert FollowUp.objects.get().why == "An unhappy answer, given in confidence"


@pytest.mark.parametrize(("score", "shown"), [(10, True), (7, False), (2, False)])
def test_only_the_happy_are_offered_what_staff_chose(
    client, invitation, url_of, score, shown
):
    share = After(
        next_step=NextStep.SHARE,
        link="https://shop.example/friends",
        words={"en": "Give a friend 5 off"},
    )
    save_after(invitation.survey, {AnswerBand.HAPPY: share}, now=NOW)
    answered(invitation, score)

    page = client.get(url_of(invitation) + "?lang=en").content.decode()

    assert ("Give a friend 5 off" in page) is shown
    assert ("https://shop.example/friends" in page) is shown


# --- Who would like to recommend us --------------------------------------------------


@pytest.fixture
def wishing(client, invitation, url_of):
    """Of a happy answer: what the page of thanks answers to a press."""
    refer = After(next_step=NextStep.REFER, words={"he": "אשמח להמליץ"})
    save_after(invitation.survey, {AnswerBand.HAPPY: refer}, now=NOW)
    answered(invitation, 10)
    url = url_of(invitation)

    def press(refer=None):
        if refer is not None:
            assert client.post(url, {"refer": refer}).status_code == 302
        return client.get(url + "?lang=he").content.decode()

    return press


def test_whoever_would_recommend_us_is_a_follow_up_and_may_take_it_back(
    client, invitation, wishing, time_machine
):
    assert "אשמח להמליץ" in wishing()

    assert 'name="refer" value="0"' in wishing("1")
    wishing("1")

    wish = ReferralWish.objects.get()
    owed = FollowUp.objects.get()
    assert (owed.customer, owed.why) == (
        invitation.customer,
        "Would like to recommend us",
    )
    assert (owed.due_on - NOW.date()).days == 7
    client.force_login(UserFactory(role="agent"))
    page = client.get(invitation.customer.get_absolute_url()).content.decode()
    assert "Would like to recommend us." in page
    time_machine.move_to(NOW + timedelta(days=7), tick=False)
    client.force_login(UserFactory(role="agent"))
    today = client.get("/?tab=team").content.decode()
    assert "Thank them, and ask whom they have in mind." in today
    time_machine.move_to(NOW, tick=False)
    assert "אשמח להמליץ" in wishing("0")
    wish.refresh_from_db()
    owed.refresh_from_db()
    assert (wish.withdrawn_at, owed.state) == (NOW, "dropped")
    wishing("1")
    assert FollowUp.objects.get().state == "open"


def test_whoever_is_unhappy_after_all_wishes_nothing(invitation, wishing):
    wishing("1")

    answered(invitation, 3)

    assert ReferralWish.objects.get().withdrawn_at == NOW
    assert [row.why for row in FollowUp.objects.filter(state="open")] == [
        "Scored 3 of 10"
    ]


@pytest.mark.parametrize("score", [7, 2])
def test_what_is_not_offered_cannot_be_wished(client, invitation, url_of, score):
    refer = After(next_step=NextStep.REFER)
    save_after(invitation.survey, {AnswerBand.HAPPY: refer}, now=NOW)
    answered(invitation, score)

    client.post(url_of(invitation), {"refer": "1"})

    assert not ReferralWish.objects.exists()


def test_a_confidence_offers_no_wish(client, invitation, url_of):
    refer = After(next_step=NextStep.REFER)
    save_after(invitation.survey, {AnswerBand.HAPPY: refer}, now=NOW)
    response = answered(invitation, 10)
    Response.objects.filter(pk=response.pk).update(is_confidential=True)

    page = read(client.get(url_of(invitation)), "</h1>")
    client.post(url_of(invitation), {"refer": "1"})

    assert 'name="refer"' not in page
    assert not ReferralWish.objects.exists()
