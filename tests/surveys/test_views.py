"""Staff pages: an honest score, the people behind it, and who is asked."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from crm import segment_people
from crm.models import AuditEntry, Segment
from surveys import selectors
from surveys.choices import LeftOut
from surveys.errors import NotCounted
from surveys.models import Response, Survey, SurveyVersion
from surveys.selectors.responses import latest_scores
from surveys.services import cells
from surveys.services.leaving_out import leave_out
from tests.factories import (
    NOW,
    CustomerFactory,
    InvitationFactory,
    OrderLineFactory,
    ResponseFactory,
    UserFactory,
)
from tests.pages import read, tight

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _shop(shop, time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def survey():
    return Survey.objects.get(askings__automation__kind="survey_after_delivery")


@pytest.fixture
def as_role(client):
    def sign_in(role):
        client.force_login(
            UserFactory(role=role), "django.contrib.auth.backends.ModelBackend"
        )
        return client

    return sign_in


@pytest.fixture
def manager(as_role):
    return as_role("manager")


def answers(*scores, at=NOW - DAY, **values):
    return [ResponseFactory(score=score, first_at=at, **values) for score in scores]


def detractors():
    segment = Segment.objects.get(shipped="detractors")
    return segment_people.count(segment, today=NOW.date())


def shown(client, path):
    return " ".join(read(client.get(path)).split())


# --- Left out of figures -------------------------------------------------------------


def test_an_answer_is_left_out_of_every_figure_and_counts_again(survey, as_role):
    answers(*[9] * 30, survey=survey)
    (mistake,) = answers(0, survey=survey, comment="Wrong shop!")
    owner = as_role("owner")

    page = owner.post(
        f"/answers/{mistake.pk}/leave-out/", {"because": "somebody_else"}, follow=True
    )

    assert "It stays on the timeline." in read(page)
    assert "Wrong shop!" not in read(page)
    found = selectors.results(survey, now=NOW)
    assert (found.result.n, found.result.score, found.beside.left_out) == (30, 100, 1)
    results = shown(owner, f"/surveys/{survey.pk}/")
    assert "1 answer is left out of this figure" in results
    beside = re.search(r'href="([^"]*left_out=1)"', results)[1].replace("&amp;", "&")
    assert f"from={(NOW - timedelta(days=89)).date()}" in beside, "of its 90 days"
    listed = shown(owner, beside)
    assert "Wrong shop!" in listed
    assert "Left out: answered by somebody else." in listed
    person = shown(owner, mistake.customer.get_absolute_url())
    assert "Wrong shop!" in person
    assert "Left out of figures: answered by somebody else." in person
    assert latest_scores([mistake.customer_id]) == {}
    assert detractors() == 0

    owner.post(f"/answers/{mistake.pk}/count-again/")

    found = selectors.results(survey, now=NOW)
    assert (found.result.n, found.beside.left_out) == (31, 0)
    assert detractors() == 1
    done = AuditEntry.objects.filter(subject=f"response:{mistake.pk}")
    assert [entry.action for entry in done.order_by("id")] == [
        "survey.left_out",
        "survey.counted_again",
    ]


def test_a_score_is_no_reason_to_leave_an_answer_out(survey, as_role):
    (answer,) = answers(0, survey=survey)

    for because in ("", "low", "0"):
        as_role("owner").post(f"/answers/{answer.pk}/leave-out/", {"because": because})

    answer.refresh_from_db()
    assert answer.state == "confirmed"
    (pressed,) = answers(0, survey=survey, state="provisional", confirmed_at=None)
    with pytest.raises(NotCounted):
        leave_out(pressed, because=LeftOut.TEST, now=NOW)


def test_who_answered_still_sees_their_answer_and_may_change_it(survey, client, url_of):
    answer = ResponseFactory(survey=survey, score=3, first_at=NOW - DAY / 2)
    leave_out(answer, because=LeftOut.TEST, now=NOW)
    there = url_of(answer.invitation)

    assert "Thank you" in shown(client, there)
    client.post(there, {"score": "4", "comment": ""})

    answer.refresh_from_db()
    assert (answer.score, answer.state) == (4, "left_out")


# --- What the numbers are ------------------------------------------------------------


def test_only_confirmed_answers_of_the_last_90_days_count(survey):
    answers(10, 9, 0)
    answers(0, at=NOW - 91 * DAY)
    answers(0, state="provisional", confirmed_at=None)

    found = selectors.results(survey, now=NOW)

    assert (found.result.promoters, found.result.detractors, found.result.n) == (
        2,
        1,
        3,
    )
    assert (found.before.n, found.beside.provisional) == (1, 1)
    assert found.counts[10] == 1
    assert sorted(found.counts) == list(range(11))


def test_asked_are_those_whose_mail_went_out(survey):
    answers(9)
    InvitationFactory()
    InvitationFactory(message__state="failed")
    InvitationFactory(invited_at=NOW - 366 * DAY)

    asked = selectors.results(survey, now=NOW).asked

    assert (asked.asked, asked.answered, asked.share) == (2, 1, None)


def test_the_rate_opens_exactly_those_who_were_asked(survey, manager):
    [answered, *_] = answers(9, 2)
    silent = InvitationFactory()
    InvitationFactory(message__state="failed")
    [mistaken] = answers(5)
    leave_out(mistaken, because=LeftOut.TEST, now=NOW)

    page = manager.get(f"/surveys/{survey.pk}/")

    asked = page.context["asked"]
    lists = {
        name: {one.pk for one in manager.get(asked[name]).context["asked"]}
        for name in ("url", "answered_url", "silent_url")
    }
    assert lists["silent_url"] == {silent.pk}
    assert answered.invitation_id in lists["answered_url"]
    assert len(lists["answered_url"]) == 2
    assert lists["url"] == lists["answered_url"] | lists["silent_url"]
    assert "2 of 3 have answered" in shown(manager, f"/surveys/{survey.pk}/")


def test_who_answered_in_confidence_is_not_named_to_those_who_may_not_know(
    survey, as_role
):
    ResponseFactory(
        score=3,
        is_confidential=True,
        invitation__customer__given_name="Ada",
        invitation__customer__family_name="Stone",
    )
    path = f"/surveys/{survey.pk}/asked/"

    def told(role):
        """The name, the score, and the mail, which names whom it went to."""
        page = tight(shown(as_role(role), path))
        signs = ("Ada Stone", r'data-label="Score">3</td>', r'href="/outbox/\d')
        return [bool(re.search(sign, page)) for sign in signs]

    assert "A customer, in confidence" in shown(as_role("agent"), path)
    assert told("agent") == [False, False, False]
    assert told("owner") == [True, True, True]


@pytest.mark.parametrize("by", ["country", "language", "owner", "product", "version"])
def test_the_rate_is_narrowed_as_the_other_figures_are(survey, manager, by):
    owner, line = UserFactory(), OrderLineFactory()
    inside = InvitationFactory(
        customer__country="FR",
        customer__language="he",
        message__language="",
        customer__owner=owner,
        order=line.order,
    )
    InvitationFactory(invited_at=NOW - 300 * DAY, customer__country="DE")
    version = SurveyVersion.objects.create(
        survey=survey,
        number=99,
        state="published",
        content=survey.live_version.content,
        made_at=NOW,
        published_at=NOW - 9 * DAY,
    )
    value = {
        "country": "FR",
        "language": "he",
        "owner": owner.pk,
        "product": line.product_id,
        "version": version.pk,
    }[by]

    page = manager.get(f"/surveys/{survey.pk}/?by={by}&value={value}")

    assert page.context["results"].asked.asked == 1
    listed = manager.get(page.context["asked"]["url"]).context["asked"]
    assert [one.pk for one in listed] == [inside.pk]
    assert selectors.results(survey, now=NOW).asked.asked == 2


def test_the_rate_of_a_segment_is_of_its_members_and_a_link_has_none(survey, manager):
    segment = Segment.objects.get(shipped="detractors")
    answers(2)
    InvitationFactory()

    path = f"/surveys/{survey.pk}/"
    of_segment = manager.get(f"{path}?segment={segment.pk}").context["results"].asked
    assert (of_segment.asked, of_segment.answered) == (1, 1)
    assert manager.get(f"{path}?link=1").context["results"].asked is None
    assert "so there is no rate of them" in shown(manager, f"{path}?link=1")


def test_a_share_in_percent_needs_thirty_people():
    assert selectors.Asked(asked=29, answered=10).share is None
    assert selectors.Asked(asked=30, answered=10).share == 33


def test_the_latest_score_of_each_customer():
    dana = CustomerFactory()
    for days, score in ((3, 9), (2, 4), (1, 8)):
        answers(score, at=NOW - days * DAY, invitation__customer=dana)
    answers(1, invitation__customer=dana, state="provisional", confirmed_at=None)

    latest = selectors.latest_scores([dana.pk, CustomerFactory().pk])

    assert {pk: found.score for pk, found in latest.items()} == {dana.pk: 8}


def test_the_answer_behind_a_follow_up():
    (response,) = answers(2)

    found = selectors.responses_behind([f"response:{response.pk}", "order:7"])

    assert found == {f"response:{response.pk}": response}


# --- The pages -----------------------------------------------------------------------


def test_the_list_shows_what_each_survey_is_worth(manager):
    answers(*[10] * 7)

    page = shown(manager, "/surveys/")

    assert "After delivery" in page
    assert "Not enough answers yet (7 of 10)" in page
    assert "No answers yet" in page


def test_the_list_takes_a_fixed_number_of_queries(
    manager, django_assert_max_num_queries
):
    answers(*[10] * 30)

    with django_assert_max_num_queries(25):
        answer = manager.get("/surveys/")

    read(answer, "Surveys")


def test_under_thirty_answers_only_a_range_is_shown(manager, survey):
    answers(*[10] * 12, *[0] * 3)

    page = shown(manager, f"/surveys/{survey.pk}/")

    assert "Likely between +20 and +100" in page
    assert "+60" not in page


def test_thirty_tens_are_shown_with_one_interval(manager, survey):
    answers(*[10] * 30)

    page = shown(manager, f"/surveys/{survey.pk}/")

    assert "Likely between +90 and +100." in page
    assert "it is known to ± 10 points" in page


def test_from_thirty_answers_on_the_score_is_shown_with_its_interval(manager, survey):
    answers(*[10] * 20, *[8] * 10, *[2] * 10)

    page = shown(manager, f"/surveys/{survey.pk}/")

    assert '<b class="p-num">+25</b>' in page
    assert "Likely between −1 and +51." in page
    assert "Too few answers to compare" in page


def test_of_very_many_answers_the_movement_is_said_to_be_worked_out_yet(
    manager, survey, monkeypatch
):
    answers(*[10] * 20, *[2] * 10)
    answers(*[10] * 22, *[2] * 8, at=NOW - 100 * DAY)
    cells.recount(ZoneInfo("UTC"), now=NOW)
    for name in ("MOST_AT_ONCE", "NEVER_AT_ONCE"):
        monkeypatch.setattr(f"surveys.selectors.spreads.{name}", 10)

    page = shown(manager, f"/surveys/{survey.pk}/")

    assert "How far it moved is being worked out" in page
    assert "Too few answers to compare" not in page


def test_a_movement_within_chance_is_shown_as_one(manager, survey):
    answers(*[10] * 20, *[2] * 10)
    answers(*[10] * 22, *[2] * 8, at=NOW - 100 * DAY)

    page = shown(manager, f"/surveys/{survey.pk}/")

    assert "The 90 days before: +47. Not a change beyond chance." in page


def test_provisional_scores_stand_beside_in_words(manager, survey):
    answers(9)
    answers(3, state="provisional", confirmed_at=None, clashing=True)

    page = shown(manager, f"/surveys/{survey.pk}/")

    assert "1 score was pressed in a mail and not confirmed" in page
    assert "several scores came within seconds" in page


def test_every_bar_opens_its_people(manager, survey):
    answers(2, 9, 9)

    page = shown(manager, f"/surveys/{survey.pk}/")

    assert re.search(rf'href="/surveys/{survey.pk}/answers/\?[^"]*score=2"', page)
    assert re.search(r'answers/\?[^"]*score=9&amp;score=10"', page)
    assert 'aria-label="Score 9: 2 answers"' in page


def test_a_survey_without_answers_reports_it(manager, survey):
    page = shown(manager, f"/surveys/{survey.pk}/")

    assert "Nobody has answered in the last 90 days" in page
    assert "Nobody has been asked yet" in page


def test_answers_show_who_said_what(manager, survey):
    dana = CustomerFactory(language="he")
    answers(2, invitation__customer=dana, comment="<b>קרוע</b>", language="he")

    page = shown(manager, f"/surveys/{survey.pk}/answers/")

    assert f'href="/customers/{dana.pk}/"' in page
    assert '<bdi lang="he">&lt;b&gt;קרוע&lt;/b&gt;</bdi>' in page


@pytest.mark.parametrize("role", ["analyst", "marketer"])
def test_analysts_and_marketers_read_answers_without_names(as_role, survey, role):
    dana = CustomerFactory(given_name="Danielle")
    answers(2, invitation__customer=dana, comment="Torn")

    page = shown(as_role(role), f"/surveys/{survey.pk}/answers/")

    assert "Torn" in page
    assert "Danielle" not in page
    assert f"/customers/{dana.pk}/" not in page


def test_answers_can_be_filtered_by_score(manager, survey):
    answers(2, comment="Torn")
    answers(9, comment="Good")

    page = shown(manager, f"/surveys/{survey.pk}/answers/?score=2&score=3")

    assert "Torn" in page
    assert "Good" not in page


@pytest.mark.parametrize(
    "query",
    [
        "score=x",
        "score=11",
        "score=%00",
        "older=x",
        "older=2026-01-01_5",
        "older=2026-01-01T00:00:00%2B00:00_99999999999999999999",
        "newer=_",
        "older=%00_1",
        "older=0001-01-01T00:00:00%2B23:59_1",
        "older=9999-12-31T23:59:59-23:59_1",
    ],
)
def test_a_wrong_filter_is_no_crash(manager, survey, query):
    answers(9)

    read(manager.get(f"/surveys/{survey.pk}/answers/?{query}"), "</html>", survey.name)


def test_pages_of_answers_miss_and_repeat_no_one(survey):
    answers(*[9] * 101)  # all in the same moment: the id decides
    seen, older = [], ""

    while True:
        page = selectors.answers_page(survey, older=older)
        seen += [answer.pk for answer in page.rows]
        if not page.older:
            break
        older = page.older

    assert seen == sorted(Response.objects.values_list("pk", flat=True), reverse=True)


def test_the_way_back_leads_to_the_page_before(survey):
    answers(*[9] * 101)
    first = selectors.answers_page(survey)
    second = selectors.answers_page(survey, older=first.older)

    back = selectors.answers_page(survey, newer=second.newer)

    assert back.rows == first.rows
    assert (first.newer, back.newer) == ("", "")


# --- Who is asked --------------------------------------------------------------------


def form(survey, after_days=5, **values):
    asking = survey.askings.get()
    return {
        "version": survey.version,
        f"after_days_{asking.pk}": after_days,
        "remind_after_days": 5,
        "valid_days": 30,
        "sample_percent": 100,
        "rest_after_ignored": 3,
        "rest_days": 365,
        **values,
    }


def settings_url(survey):
    return f"/surveys/{survey.pk}/who-is-asked/"


def test_who_is_asked_can_be_changed(manager, survey):
    response = manager.post(settings_url(survey), form(survey, after_days=7))

    was = survey.version
    survey.refresh_from_db()
    assert response.status_code == 302
    assert (survey.askings.get().after_days, survey.version) == (7, was + 1)
    assert AuditEntry.objects.get(action="survey.edited").fields == ["after_days"]


def test_an_empty_reminder_reminds_no_one(manager, survey):
    manager.post(settings_url(survey), form(survey, remind_after_days=""))

    survey.refresh_from_db()
    assert survey.remind_after_days is None


@pytest.mark.parametrize(
    "values",
    [
        {"after_days": -1},
        {"after_days": 91},
        {"after_days": "5.5"},
        {"after_days": ""},
        {"valid_days": 0},
        {"remind_after_days": 0},
        {"remind_after_days": 10**20},
        {"version": "x"},
    ],
)
def test_days_outside_their_bounds_are_an_error(manager, survey, values):
    response = manager.post(settings_url(survey), form(survey, **values))

    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert not AuditEntry.objects.filter(action="survey.edited").exists()


def test_two_people_at_once_see_each_others_change(manager, survey):
    manager.post(settings_url(survey), form(survey, after_days=7))

    second = manager.post(settings_url(survey), form(survey, after_days=9))

    survey.refresh_from_db()
    page = second.content.decode()
    assert second.status_code == 409
    assert "Days after delivery: 7" in page
    assert 'value="9"' in page
    assert survey.askings.get().after_days == 7


def test_each_survey_offers_its_own_rhythm_only(manager, survey):
    other = Survey.objects.get(askings__automation__kind="survey_regularly")

    after, every = (
        shown(manager, settings_url(survey)),
        shown(manager, settings_url(other)),
    )

    assert "id_after_days" in after
    assert "id_every_days" not in after
    assert "id_every_days" in every
    assert "id_after_days" not in every


@pytest.mark.parametrize("role", ["agent", "analyst"])
def test_who_is_asked_is_for_those_who_edit_automations(as_role, survey, role):
    client = as_role(role)

    assert client.get(settings_url(survey)).status_code == 403
    assert client.post(settings_url(survey), form(survey)).status_code == 403
    assert "Who is asked" not in shown(client, f"/surveys/{survey.pk}/")


@pytest.mark.parametrize("path", ["", "answers/", "who-is-asked/"])
@pytest.mark.parametrize("pk", [999, 2**63, 10**40])
def test_a_survey_that_does_not_exist_is_not_found(manager, path, pk):
    answer = manager.get(f"/surveys/{pk}/{path}")

    read(answer, "There is nothing at this address", status=404)


def test_strangers_are_sent_to_the_sign_in(client):
    assert client.get("/surveys/").status_code == 302
