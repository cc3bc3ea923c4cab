"""How somebody found us, said in a survey, is kept on their record."""

import pytest
from django.test import Client

from crm.services import customers
from surveys.models import Response
from tests.factories import NOW
from tests.surveys.test_pages import ALL, KEYS, WHOLE, link  # noqa: F401


@pytest.fixture
def say(link):  # noqa: F811
    """Answers, or changes the answer, by the personal link; returns the customer."""
    url = link(ALL)

    def send(found):
        sent = {**WHOLE, "a.found": found, "shown": KEYS, "complete": "1"}
        Client().post(url, sent)
        return Response.objects.get().customer

    return send


def test_an_answer_that_is_changed_changes_the_record(say):
    assert say("friend").heard_from == "Friend"
    assert say("search").heard_from == "Search"


def test_what_staff_wrote_on_the_record_stays(say):
    customer = say("friend")
    customers.update_customer(customer, changes={"heard_from": "A fair"}, now=NOW)

    assert say("search").heard_from == "A fair"
