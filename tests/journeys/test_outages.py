"""What becomes of the mail of every kind when nothing ran for an hour, a day or four.

Each kind has somebody due on each day from the 21st to the 27th, at 9:00, with a life
of three days. Every day has a beat at 9:00, but for the outage, which begins on the
22nd at 8:30 and ends with a beat. The beat of the 21st plans until 21:00 of the 22nd.
Worked out by hand:

| due      | 1 hour, to 9:30 | 1 day, to the 23rd 8:30 | 4 days, to the 26th 8:30      |
| 21st     | on time         | on time                 | on time                       |
| 22nd     | 30 minutes late | 23.5 hours late         | lapsed: over on the 25th 9:00 |
| 23rd     | on time         | on time                 | 71.5 hours late               |
| 24th     | on time         | on time                 | 47.5 hours late               |
| 25th     | on time         | on time                 | 23.5 hours late               |
| 26th, 27 | on time         | on time                 | on time                       |

Where everybody is due on one day (a feast, a campaign), the outage begins on that day
at 8:30, or before anything was planned. What somebody asked for just now has no day.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from loyalty.models import Campaign
from loyalty.rules.feasts import feast_days
from loyalty.services import campaigns
from messaging import kinds
from messaging.models import Automation, Message
from messaging.services import (
    automation_rows,
    automations,
    delivery,
    planning,
    wordings,
)
from tests.factories import CustomerFactory, UserFactory
from tests.journeys.due_people import BEGINS, DAY, DUE, has_points
from tests.journeys.support import open_business
from tests.loyalty.campaign_shop import WORDS, readers
from tests.loyalty.programme_shop import earn, programme

DAYS = range(21, 28)
ON_TIME = dict.fromkeys(DAYS, 0.0)
# The end of the outage, and by how many hours each is late; None: it lapses.
OUTAGES = {
    "an hour": (BEGINS + timedelta(hours=1), ON_TIME | {22: 0.5}),
    "a day": (BEGINS + DAY, ON_TIME | {22: 23.5}),
    "four days": (
        BEGINS + 4 * DAY,
        ON_TIME | {22: None, 23: 71.5, 24: 47.5, 25: 23.5},
    ),
}


# --- Everybody is due on one day ------------------------------------------------------


def on_its_feast(name):
    [day] = feast_days(kinds.get(name).feast, date(2026, 12, 1), date(2027, 11, 30))
    CustomerFactory(mail_ground="Bought")
    return switched_on(name), day


def on_a_monday(name):
    """About what was earned in the week before."""
    earn(CustomerFactory(mail_ground="Bought"), programme(), 10, BEGINS - 2 * DAY)
    return switched_on(name), date(2026, 11, 23)


def on_the_first_of_a_month(name):
    automation = switched_on(name)
    has_points(date(2026, 12, 1), automation)
    return automation, date(2026, 12, 1)


def on_the_date_chosen(name):
    CustomerFactory(mail_ground="Bought")
    automation = switched_on(name)
    params = automation.params | {"month": "11", "day": "24"}
    Automation.objects.filter(pk=automation.pk).update(params=params)
    return automation, date(2026, 11, 24)


def on_the_day_of_a_campaign(name):
    """Switched on by whoever starts it."""
    on, row = date(2026, 11, 24), automation_rows.create(kinds.get(name), now=BEGINS)
    Automation.objects.filter(pk=row.pk).update(send_hour=9, life_days=3)
    if name == campaigns.KIND:
        wordings.save_wording(row, language="en", fields=WORDS, now=BEGINS)
    readers(1, mail_ground="Bought")
    campaign = campaigns.set_day(Campaign.objects.get(pk=row.pk), on=on, now=BEGINS)
    campaigns.start(campaign, staff=UserFactory(role="manager"), now=BEGINS)
    return Automation.objects.get(pk=row.pk), on


# Kind to what makes one of it, and somebody who is due: (automation, the day).
SWEPT = [kind.name for kind in kinds.swept_kinds()]
ONE_DAY = {
    "balance_earned": on_a_monday,
    "balance_statement": on_the_first_of_a_month,
    "survey_on_date": on_the_date_chosen,
    "survey_campaign": on_the_day_of_a_campaign,
    "campaign": on_the_day_of_a_campaign,
    **{name: on_its_feast for name in SWEPT if hasattr(kinds.get(name), "feast")},
}


# --- The tables -----------------------------------------------------------------------


def test_every_kind_has_its_row():
    assert sorted([*DUE, *ONE_DAY]) == sorted(SWEPT)


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in SWEPT if name not in ONE_DAY])
def test_an_outage_is_caught_up_as_worked_out_by_hand(name):
    open_business()
    for ends, expected in OUTAGES.values():
        with transaction.atomic():
            assert after_an_outage(name, until=ends) == expected
            transaction.set_rollback(True)


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in SWEPT if name in ONE_DAY])
def test_an_outage_over_the_one_day_of_a_kind(name):
    """It begins on the day at 8:30, or before anything was planned, and is the same:
    caught up within the life."""
    open_business()
    for hours, is_planned, late in (
        (1, True, 0.5),
        (24, True, 23.5),
        (24, False, 23.5),
        (96, True, None),
    ):
        with transaction.atomic():
            automation, day = ONE_DAY[name](name)
            due_at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
            ends = due_at + timedelta(hours=hours - 0.5)
            for now in [due_at - DAY] * is_planned + [ends, due_at + 5 * DAY]:
                planning.sweep(now=now, kinds=[name])
                delivery.deliver(now=now)
            [row] = Message.objects.filter(automation=automation)
            assert (row.due_on, lateness(row)) == (day, late)
            transaction.set_rollback(True)


def after_an_outage(name, *, until):
    """Day of the month to hours too late; None: it lapsed."""
    automation = switched_on(name)
    who = {DUE[name](date(2026, 11, number), automation).pk: number for number in DAYS}
    for now in beats(until):
        planning.sweep(now=now, kinds=[name])
        delivery.deliver(now=now)
    rows = Message.objects.filter(automation=automation, step=1, customer__in=who)
    assert sorted(row.customer_id for row in rows) == sorted(who)
    return {who[row.customer_id]: lateness(row) for row in rows}


def switched_on(name):
    automation = Automation.objects.filter(kind=name).first()
    automation = automation or automation_rows.create(kinds.get(name), now=BEGINS)
    Automation.objects.filter(pk=automation.pk).update(
        send_hour=9, life_days=3, rests=False
    )
    return automations.switch_on(automation, now=BEGINS - 10 * DAY)


def beats(until):
    usual = [datetime(2026, 11, day, 9, tzinfo=UTC) for day in DAYS]
    return sorted([until, *(at for at in usual if not BEGINS < at < until)])


def lateness(row):
    if row.state == "expired":
        assert row.reason_code == "too_late"
        return None
    assert row.state == "sent", (row.state, row.reason_code, row.reason_data)
    due_at = datetime(row.due_on.year, row.due_on.month, row.due_on.day, 9, tzinfo=UTC)
    return (row.final_at - due_at) / timedelta(hours=1)
