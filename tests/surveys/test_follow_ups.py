"""The follow-up that an unhappy answer opens: when it is due, and how it is closed."""

from datetime import timedelta

from django.urls import reverse

from crm.models import FollowUp
from crm.services import follow_ups
from surveys.choices import AnswerBand
from surveys.services.after import After, save_after
from surveys.services.responses import record_response
from tests.factories import NOW, UserFactory
from tests.pages import tight


def answered(invitation, score, at=NOW):
    return record_response(
        invitation.pk, score=score, comment="", language="en", now=at
    )


def test_a_changed_answer_is_due_as_its_new_band_asks(invitation):
    save_after(invitation.survey, {AnswerBand.LOW: After(within_days=3)}, now=NOW)
    answered(invitation, 6)
    slow = FollowUp.objects.get().due_at

    answered(invitation, 2)
    task = FollowUp.objects.get()
    assert task.due_at < slow
    assert task.due_on == task.due_at.date()


def test_who_is_unhappy_again_is_written_to_by_another_day(invitation):
    thursday = NOW - timedelta(days=2)
    answered(invitation, 2, thursday)
    first = FollowUp.objects.get().due_at

    answered(invitation, 9, thursday)
    answered(invitation, 2, thursday + timedelta(hours=20))

    again = FollowUp.objects.get()
    assert again.state == "open"
    assert again.due_at > first


def test_the_day_that_staff_set_stays_within_a_band(invitation):
    answered(invitation, 3)
    moved = NOW.date() + timedelta(days=9)
    follow_ups.snooze(FollowUp.objects.get(), due_on=moved, now=NOW)

    answered(invitation, 2)

    assert FollowUp.objects.get().due_on == moved


def test_closing_what_an_answer_opened_takes_what_came_of_it(client, invitation):
    answered(invitation, 2)
    task = FollowUp.objects.get()
    done = reverse("crm:follow-up-done", args=[task.pk])
    client.force_login(UserFactory(role="owner"))

    shown = tight(client.get("/").content.decode())
    empty = client.post(done, {"outcome": " "})
    long = client.post(done, {"outcome": "x" * 301}, headers={"HX-Request": "true"})

    assert f'action="{done}"' in shown
    assert 'name="outcome"' in shown
    assert (empty.status_code, long.status_code) == (422, 422)
    assert "x" * 301 in long.content.decode(), "what was typed stays"
    assert long["HX-Retarget"] == f"#follow-up-{task.pk} .p-outcome"
    assert FollowUp.objects.get().state == "open"

    client.post(done, {"outcome": "Sent a new bag"})

    closed = FollowUp.objects.get()
    assert (closed.state, closed.outcome) == ("done", "Sent a new bag")
    assert "Sent a new bag" in client.get("/?tab=done").content.decode()
