"""A mail about an answer, a review or a follow-up, begun where that is shown."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crm.rules.choices import FollowUpState
from crm.services import follow_ups
from support.models import Draft
from support.services import drafts, taking_back, writing
from tests.factories import (
    NOW,
    CustomerFactory,
    ResponseFactory,
    ReviewFactory,
    UserFactory,
)
from tests.pages import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def noa(db):
    return UserFactory(email="noa@kettle.example", name="Noa Katz", role="agent")


@pytest.fixture
def here(client, noa):
    client.force_login(noa)
    return client


@pytest.fixture
def yael(db):
    return CustomerFactory(
        email="yael@example.org", given_name="Yael", family_name="Lev", language="he"
    )


@pytest.fixture
def answer(yael):
    return ResponseFactory(
        customer=yael,
        invitation__customer=yael,
        score=3,
        comment="Too late.",
        state="confirmed",
        confirmed_at=NOW,
    )


@pytest.fixture
def owed(answer):
    return follow_ups.open_follow_up(
        customer_id=answer.customer.pk,
        why="Scored 3 of 10",
        due_on=NOW.date(),
        source_key=f"response:{answer.pk}",
        now=NOW,
    )


def reply_to(client, source, row):
    url = reverse("support:reply-to", args=[source, row.pk])
    return client.post(url)


def sent(draft, **fields):
    kept = drafts.keep(
        draft, version=draft.version, now=NOW, text="We are sorry.", **fields
    )
    return writing.send(kept, now=NOW)


def test_an_answer_is_replied_to_in_its_customers_language(here, answer, owed):
    reply_to(here, "response", answer)
    reply_to(here, "response", answer)

    draft = Draft.objects.get()
    assert draft.to == "Yael Lev <yael@example.org>"
    assert draft.subject == "תשובתכם לשאלה שלנו"
    assert draft.quoted.endswith("Yael Lev כתב/ה:\n> Too late.")
    assert draft.follow_up == owed
    page = read(here.get(draft.get_absolute_url()))
    assert "Too late." in page
    assert "Scored 3 of 10" in page


def test_reply_on_today_begins_a_mail_and_no_log(here, owed):
    page = read(here.get(reverse("desk:today")))
    assert f'action="{owed.reply_url}"' in page
    assert "log=email" not in page

    reply_to(here, "follow_up", owed)

    assert "> Too late." in Draft.objects.get().quoted


def test_a_follow_up_of_no_answer_has_it_in_its_menu(here, yael):
    owed = follow_ups.open_follow_up(
        customer_id=yael.pk, why="Send the manual", due_on=NOW.date(), now=NOW
    )
    for page in ("desk:today", "crm:follow-up-list"):
        assert f'action="{owed.reply_url}"' in read(here.get(reverse(page)))

    reply_to(here, "follow_up", owed)

    draft = Draft.objects.get()
    assert (draft.follow_up, draft.quoted, draft.subject) == (owed, "", "")


def test_a_review_is_replied_to_from_its_list_and_the_timeline(here, yael):
    review = ReviewFactory(customer=yael, request__customer=yael, body="Lid broke.")
    url = reverse("support:reply-to", args=["review", review.pk])
    for page in (yael.get_absolute_url(), reverse("feedback:review-list")):
        assert f'action="{url}"' in read(here.get(page))

    here.post(url)

    assert "> Lid broke." in Draft.objects.get().quoted


def test_answers_have_it_in_their_list_and_the_timeline(here, answer):
    url = reverse("support:reply-to", args=["response", answer.pk])
    listed = reverse("surveys:survey-answers", args=[answer.survey_id])
    for page in (answer.customer.get_absolute_url(), listed):
        assert f'action="{url}"' in read(here.get(page))


def test_what_is_sent_finishes_the_follow_up_and_taking_it_back_opens_it(
    here, owed, noa, mailbox
):
    reply_to(here, "follow_up", owed)

    mail = sent(Draft.objects.get())
    owed.refresh_from_db()
    assert (owed.state, owed.done_by) == (FollowUpState.DONE.value, noa)
    assert "> Too late." in mail.quoted

    draft = taking_back.take_back(mail, staff=noa, now=NOW + timedelta(seconds=3))
    owed.refresh_from_db()
    assert owed.state == FollowUpState.OPEN.value
    assert (draft.follow_up, draft.about) == (owed, f"follow_up:{owed.pk}")
    assert "> Too late." in draft.quoted


def test_it_stays_open_where_its_writer_says_so_or_a_colleague_was_faster(
    here, owed, noa
):
    reply_to(here, "follow_up", owed)
    draft = Draft.objects.get()
    here.post(
        draft.get_absolute_url(),
        {
            "to": draft.to,
            "subject": "The delay",
            "text": "We are sorry.",
            "version": draft.version,
            "action": "send",
        },
    )
    owed.refresh_from_db()
    assert owed.state == FollowUpState.OPEN.value

    reply_to(here, "follow_up", owed)
    follow_ups.finish(owed, staff=None, now=NOW)
    mail = sent(Draft.objects.get())
    taking_back.take_back(mail, staff=noa, now=NOW)
    owed.refresh_from_db()
    assert owed.state == FollowUpState.DONE.value


def test_only_what_one_may_see_and_what_is_there_is_replied_to(client, answer):
    client.force_login(UserFactory(role="analyst"))
    assert reply_to(client, "response", answer).status_code == 403
    client.force_login(UserFactory(role="agent"))
    assert reply_to(client, "nothing", answer).status_code == 404
    answer.pk = 0
    assert reply_to(client, "response", answer).status_code == 404
    assert not Draft.objects.exists()
