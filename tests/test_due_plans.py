"""No sweep reads a table that grows with the shop as a whole, unless it writes to all.

The tables here are small, so the planner is kept from what suits those: what it then
still reads without a condition of an index, no index could find.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Customer, Order, OrderLine, Product
from loyalty.models import Campaign, NameDayCalendar
from messaging import kinds
from messaging.models import Automation, Message
from messaging.services import automation_rows, automations, planning
from tests.committed import uncommitted_rows
from tests.factories import CustomerFactory, MessageFactory, OrderFactory
from tests.loyalty.programme_shop import programme

pytestmark = pytest.mark.django_db
BEFORE = datetime(2026, 2, 27, 0, 30, tzinfo=UTC)
NOW = datetime(2026, 2, 27, 6, tzinfo=UTC)
SOME = 500
# Everybody who has something is told of it.
MEMBERS = {"balance_statement"}
# To everybody in the audience, on one day.
FEASTS = {"new_year", "lunar_new_year", "easter", "orthodox_easter", "passover",
          "rosh_hashanah", "mid_autumn"}  # fmt: skip
CAMPAIGNS = {"campaign", "survey_campaign"}
KINDS = sorted(
    {kind.name for kind in kinds.swept_kinds()}
    - MEMBERS
    - FEASTS
    - CAMPAIGNS
    - {"survey_on_date"}
)
# Of an empty table any index is as good as another, so there a whole one is no sign.
GREAT = re.compile(
    r"(?:(?:Seq Scan|Index (?:Only )?Scan using \w+) on"
    r" (crm_(?!product|business)\w+|messaging_message)|"
    r"Seq Scan on (messaging_(?:run|consent)|support_(?:conversation|mail)|"
    r"surveys_(?:turn|invitation|response|askrequest)|"
    r"loyalty_(?:nextpurchase|silence|entry|lot|membership|reminderitem)))"
    r"\b(?!.*\n +(?:Index Cond|Filter: \(+id = ))"
)
# A bitmap of all rows of a partial index, of the tables that have some here.
BITMAP = re.compile(
    r"Bitmap Index Scan on ((?:customer|order)_\w+)\b(?!.*\n +Index Cond)"
)


@pytest.fixture(scope="module", autouse=True)
def _shop(django_db_setup, django_db_blocker):
    """A programme, and so many customers with an order and a mail each that keys are
    looked up."""
    with uncommitted_rows(django_db_blocker):
        programme()
        calendar = NameDayCalendar.objects.create(
            name="Names", country="LV", source="-", licence="-", created_at=BEFORE
        )
        calendar.days.create(name="Name1", month=2, day=27, is_main=True)
        people = Customer.objects.bulk_create(
            CustomerFactory.build(given_name=f"Name{number}") for number in range(SOME)
        )
        product = Product.objects.create(sku="P")
        orders = Order.objects.bulk_create(
            OrderFactory.build(customer=person) for person in people
        )
        OrderLine.objects.bulk_create(
            OrderLine(
                order=order,
                line_key="1",
                customer=order.customer,
                product=product,
                ordered_on=order.ordered_on,
                quantity=1,
                unit_price=1,
                amount=1,
                nature="purchase",
            )
            for order in orders
        )
        Message.objects.bulk_create(
            MessageFactory.build(customer=person, state="sent", final_at=BEFORE)
            for person in people
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "ANALYZE crm_customer, crm_order, crm_orderline, messaging_message"
            )
        yield


def plan_of(name, **changes):
    """How the statement is answered that plans this kind."""
    for row in Automation.objects.filter(kind=name):
        automations.switch_off(row, now=BEFORE)
    made = automation_rows.create(kinds.get(name), now=BEFORE)
    rows = Automation.objects.filter(pk=made.pk)
    rows.update(is_on=True, switched_on_at=BEFORE - timedelta(days=3), **changes)
    with CaptureQueriesContext(connection) as asked:
        planning.sweep(now=NOW, kinds=[name])
    (planned,) = (one["sql"] for one in asked if "INTO messaging_message" in one["sql"])
    with connection.cursor() as cursor:
        for way in ("seqscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {planned}")
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize("name", KINDS)
def test_a_sweep_finds_who_is_due_by_an_index(name):
    plan = plan_of(name)
    assert not GREAT.findall(plan) + BITMAP.findall(plan)


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("name_day", "customer_name_day"),
        ("balance_earned", "entry_written"),
        ("balance_expiring", "lot_expiring"),
        ("balance_expiring", "membership_silent"),
        ("reward_ready", "lot_becoming"),
        ("balance_statement", "entry_written"),
    ],
)
def test_a_sweep_begins_at_the_index_of_its_days(name, index):
    # The statement is told in the window on a first day.
    offset = {"offset_days": 27} if name == "balance_statement" else {}
    assert index in plan_of(name, **offset)


def test_who_is_written_to_with_everybody_is_read_as_a_whole():
    """So that the pattern above does find what it looks for."""
    params = {"month": "2", "day": "28"}
    found = GREAT.findall(plan_of("survey_on_date", params=params))
    assert ("crm_customer", "") in found


def test_a_campaign_without_a_bound_does_not_count_its_audience_each_minute():
    made = automation_rows.create(kinds.get("campaign"), now=BEFORE)
    Campaign.objects.filter(pk=made.pk).update(
        state="going", on=NOW.date(), started_at=BEFORE
    )
    Automation.objects.filter(pk=made.pk).update(is_on=True, switched_on_at=BEFORE)

    with CaptureQueriesContext(connection) as asked:
        kinds.get("campaign").refresh(made, NOW)

    assert not any("crm_customer" in one["sql"] for one in asked)


def test_who_has_a_mail_to_everybody_is_looked_up_and_not_joined():
    """Between two statements of one sweep nothing counts what the first one wrote."""
    # So that 1 January falls on the days of this sweep.
    plan = plan_of("new_year", offset_days=58)

    assert "SubPlan" in plan
    assert "Anti Join" not in plan
