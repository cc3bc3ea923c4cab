"""The list of answers shows each whole: what somebody said to every question."""

import pytest
from django.test import Client

from surveys.models import Answer, Response
from tests.factories import CustomerFactory, UserFactory
from tests.journeys.reading import shown
from tests.surveys.test_pages import ALL, KEYS, WHOLE, link  # noqa: F401


@pytest.fixture
def answered(link):  # noqa: F811
    Client().post(link(ALL), {**WHOLE, "shown": KEYS, "complete": "1"})
    return Response.objects.get()


@pytest.fixture
def staff(client, answered):
    client.force_login(
        UserFactory(role="manager"), "django.contrib.auth.backends.ModelBackend"
    )
    return client


def page(client, answer):
    return shown(client.get(f"/surveys/{answer.survey_id}/answers/"))


def test_each_question_stands_with_what_was_said(staff, answered):
    words = page(staff, answered)

    for said in (
        # In words that come with the program.
        "We made it easy for you to get what you needed. 7",
        "How was the packing? 4",
        "What did you like? Taste · something else · The smell",
        "How did you find us? Friend",
        "Fine",
        "When did it come? 3 May 2026",
    ):
        assert said in words


def test_what_was_not_answered_is_not_there(staff, answered):
    Answer.objects.filter(question="pack").delete()
    # As of an erased person.
    Answer.objects.filter(question="about").update(text="")

    words = page(staff, answered)

    assert "How was the packing?" not in words
    assert "And " not in words.partition("Late again")[2]


def test_many_answers_take_no_more_queries(
    staff, answered, django_assert_max_num_queries
):
    for number in range(5):
        other = Response.objects.get(pk=answered.pk)
        other.pk, other.invitation_id, other.channel = None, None, "import"
        other.customer, other.import_key = CustomerFactory(), str(number)
        other.save()
        Answer.objects.create(response=other, question="pack", kind="stars", number=2)
    with django_assert_max_num_queries(25):
        assert page(staff, answered).count("How was the packing?") == 6
