"""What came of the mails: who ordered what, what they paid, and against whom."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from loyalty.selectors import aftermath
from loyalty.sql.aftermath import Side
from messaging.models import Message
from tests.crm.exporting import content, exported, lines_of
from tests.factories import (
    AutomationFactory,
    CustomerFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
    UserFactory,
)
from tests.pages import read

DAY = timedelta(days=1)
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def at_noon(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def automation(db):
    return AutomationFactory(kind="reorder")


@pytest.fixture
def beans(db):
    return ProductFactory(name="Beans")


def mailed(automation, beans, days, *, customer=None, held=None, **more):
    """A reminder of beans that left so many days ago; `held`: what the lot said."""
    customer = customer or CustomerFactory()
    at = NOW - days * DAY
    ends = {"state": "sent", "final_at": at, "counted_at": at}
    if held:
        ends = {"state": "suppressed", "final_at": at}
    Message.objects.create(
        kind=automation.kind, automation=automation, customer=customer,
        occurrence=f"{days}", due_on=at.date(), planned_at=at, not_before=at,
        expires_at=at + 7 * DAY, in_holdout=held, priority=40, category="loyalty",
        why={"products": [{"id": beans.pk, "last": "2026-01-01"}]}, **ends, **more,
    )  # fmt: skip
    return customer


def order(customer, product, days, **more):
    made = OrderFactory(customer=customer, ordered_on=TODAY - days * DAY, **more)
    OrderLineFactory(order=made, product=product)


def came(kind="reorder", days=30, back=180):
    rows = aftermath.report(days=days, back=back, now=NOW)
    return next(row for row in rows if row.kind == kind)


def test_orders_within_the_days_count_by_what_they_hold(automation, beans):
    mug = ProductFactory()
    again = mailed(automation, beans, 60)
    order(again, beans, 40)
    order(mailed(automation, beans, 60), mug, 31, currency="USD", total=9)
    order(mailed(automation, beans, 60), beans, 30)  # A day too late.
    order(mailed(automation, beans, 60), beans, 61)  # The day before.
    order(mailed(automation, beans, 60), beans, 40, state="cancelled")
    mailed(automation, beans, 10)
    mailed(automation, beans, 300)

    found = came()

    assert (found.mails, found.waiting) == (6, 1)
    assert (found.mailed.over, found.mailed.anything) == (5, 2)
    assert found.paid == {"EUR": Decimal(24), "USD": Decimal(9)}
    assert (found.is_compared, found.effect) == (False, None)
    assert came(days=60).mailed.over == 5
    assert came("win_back").mailed == Side()


def test_a_cancelled_line_is_no_purchase_of_the_product(automation, beans):
    customer = mailed(automation, beans, 60)
    order(customer, beans, 40)

    assert came().mailed.product == 1
    order(mailed(automation, beans, 60), ProductFactory(), 40)
    assert (came().mailed.product, came().mailed.anything) == (1, 2)


def test_a_person_with_two_mails_counts_once_from_the_first(automation, beans):
    customer = mailed(automation, beans, 70)
    mailed(automation, beans, 60, customer=customer)
    order(customer, beans, 35)

    found = came()

    assert (found.mails, found.mailed) == (2, Side(1, 1, 0, 0))


def test_by_lot_the_mails_add_what_the_others_do_not_order(automation, beans):
    for number in range(80):
        customer = mailed(automation, beans, 60, held=number % 2 == 1)
        if number % 4 == 0:
            order(customer, beans, 50)

    found = came()

    assert (found.drawn, found.held) == (Side(40, 40, 20, 20), Side(40, 40, 0, 0))
    assert found.effect.value == 0.5
    assert found.points[0] == "+50.0"
    assert 0 < found.effect.low < 0.5 < found.effect.high


def test_with_few_held_out_nothing_is_said(automation, beans):
    mailed(automation, beans, 60, held=True)
    mailed(automation, beans, 60, held=False)

    assert (came().is_compared, came().effect) == (True, None)


def test_the_command_prints_the_figures_and_one_object(automation, beans, capsys):
    order(mailed(automation, beans, 60), beans, 40)

    call_command("report", "reorders")
    text = capsys.readouterr().out
    call_command("report", "reorders", "--json", "--within", "14")
    found = json.loads(capsys.readouterr().out)

    assert "Reorder reminder: 1 mails to 1 people" in text
    assert "ordered what it named 1 of 1 (100.0 %)" in text
    assert "paid                  24.00 EUR" in text
    assert found["kinds"][0]["mailed"] == {
        "people": 1, "over": 1, "anything": 0, "product": 0,
    }  # fmt: skip


def test_each_figure_leads_to_its_people(client, automation, beans, monkeypatch):
    monkeypatch.setattr(aftermath, "SHOWN", 2)
    client.force_login(UserFactory(role="manager"))
    people = [mailed(automation, beans, 60) for _ in range(3)]
    for customer in people:
        order(customer, beans, 40)
    mailed(automation, beans, 60)

    page = read(
        client.get("/reorders/"), "No mail of this kind was sent in these days."
    )
    assert "4 mails to 4 people" in " ".join(page.split())
    assert "3 of 4 ordered what the mail named" in page.replace("\n", " ")
    first = client.get("/reorders/people/?kind=reorder&side=mailed&did=product")
    second = client.get(f"/reorders/people/?{first.context['more']}")

    shown = [one for answer in (first, second) for one in answer.context["rows"]]
    assert shown == people
    assert not second.context["more"]
    asked = exported("reorder-people", kind="reorder", side="mailed", did="product")
    lines = lines_of(content(asked))
    assert [line["customer_id"] for line in lines] == [
        one.external_id for one in people
    ]
    read(second, 'href="/reorders/?within=30&amp;back=180"')


def test_who_may_not_see_customers_gets_no_names(client, automation, beans):
    client.force_login(UserFactory(role="analyst"))
    customer = mailed(automation, beans, 60, customer=CustomerFactory(given_name="Q8"))

    page = client.get("/reorders/people/?kind=reorder&side=mailed&did=all")

    assert customer in page.context["rows"]
    assert "Q8" not in read(page)


@pytest.mark.parametrize("query", ["within=31", "back=1", "kind=x", "side=us", "did=y"])
def test_what_is_not_asked_by_our_links_is_not_there(client, db, query):
    client.force_login(UserFactory(role="owner"))

    assert client.get(f"/reorders/people/?{query}").status_code == 404
