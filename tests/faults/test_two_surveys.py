"""Two surveys and eight deliverers: nobody is asked more often than the limit says, and
no survey takes more people in a month than it may."""

from collections import Counter
from datetime import timedelta

import pytest

from crm.rules.choices import AddressKind
from crm.services import addresses
from messaging import kinds
from messaging.models import Automation, Message
from messaging.services import automation_rows, automations, planning
from surveys.models import AskRequest, Survey
from surveys.rules.places import places_by
from tests.factories import NOW, CustomerFactory
from tests.faults import children
from tests.messaging.delivering import run

pytestmark = [pytest.mark.faults, pytest.mark.slow]

PEOPLE, SHARING, DELIVERERS, MOST_A_MONTH = 1_000, 100, 8, 300
HOUR = timedelta(hours=1)


def deliver():
    return run(NOW)


def asking(name, people):
    """An automation that asks all of them today, at an hour that is over."""
    row = automation_rows.create(kinds.get("survey_on_request"), name=name, now=NOW)
    Automation.objects.filter(pk=row.pk).update(rests=False, send_hour=10)
    automations.switch_on(row, now=NOW - 48 * HOUR)
    survey = Survey.objects.get(askings__automation=row.pk)
    AskRequest.objects.bulk_create(
        AskRequest(survey=survey, customer=one, key=name, requested_at=NOW - 6 * HOUR)
        for one in people
    )
    return survey


@pytest.mark.django_db(transaction=True)
def test_two_surveys_and_eight_deliverers_ask_nobody_twice(settings, tmp_path):
    """One survey in 30 days, whichever of them, also where the same person has two
    records: the second address of one is the first of another."""
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path
    people = [CustomerFactory(mail_ground="Bought") for _ in range(PEOPLE)]
    for one, other in zip(people[:SHARING], people[-SHARING:], strict=True):
        addresses.add(one, kind=AddressKind.EMAIL, value=other.email, now=NOW - HOUR)
    first, second = asking("repair", people), asking("booking", people)
    Survey.objects.filter(pk=second.pk).update(most_a_month=MOST_A_MONTH)
    planning.sweep(now=NOW, kinds=["survey_on_request"])
    assert Message.objects.filter(state="planned").count() == 2 * PEOPLE

    codes = [children.wait(child) for child in
             [children.start(deliver) for _ in range(DELIVERERS)]]  # fmt: skip

    # What one of them left to another that had the same address in hand.
    deliver()

    assert codes == [0] * DELIVERERS
    sent = Message.objects.filter(state="sent")
    asked = Counter(sent.values_list("customer_id", flat=True))
    assert set(asked.values()) == {1}
    pairs = zip(people[:SHARING], people[-SHARING:], strict=True)
    assert max(asked[one.pk] + asked[other.pk] for one, other in pairs) == 1
    assert len(asked) == PEOPLE - SHARING
    of_second = sent.filter(automation__asking__survey=second.pk).count()
    assert of_second <= places_by(MOST_A_MONTH, NOW.date())
    assert sent.filter(automation__asking__survey=first.pk).count() + of_second == len(
        asked
    )
    waiting = Message.objects.filter(state="planned").values_list("deferred_reason")
    assert {code for (code,) in waiting} <= {
        *("contact_limit", "same_address", "survey_month_full"),
    }
