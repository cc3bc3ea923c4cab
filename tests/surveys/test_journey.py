"""From an order to a line of Today: planned, kept in the outbox, read, answered."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from crm.models import FollowUp
from messaging.models import Automation, Body, Message
from messaging.services import automations, planning
from messaging.services.delivery import deliver
from surveys.models import Invitation, Response, ScheduledAsk
from tests.factories import NOW, CustomerFactory, OrderFactory, OrderLineFactory
from tests.pages import tight

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _outbox(shop, settings, time_machine):
    """The demo's transport: whole bodies are kept, nothing leaves."""
    settings.MAIL_TRANSPORT = "outbox"
    time_machine.move_to(NOW, tick=False)


def switch_on(*kinds):
    for kind in kinds:
        automations.switch_on(Automation.objects.get(kind=kind), now=NOW)


def run(now):
    planning.sweep(now=now)
    return deliver(now=now, seconds=20)


def link_in(message, score):
    (link,) = re.findall(rf'href="[^"]+?(/s/[^"]+\?score={score})"', body(message).html)
    return link


def body(message):
    return Body.objects.get(message=message)


def test_an_unhappy_customer_is_somebodys_task(time_machine):
    switch_on("survey_after_delivery")
    order = OrderFactory(number="10493", delivered_on=(NOW - 4 * DAY).date())
    OrderLineFactory(order=order, product__name="Ethiopia 1 kg")

    run(NOW)
    run(NOW + DAY)
    message = Message.objects.get()
    time_machine.move_to(NOW + DAY, tick=False)
    link = link_in(message, 2)
    customer = Client()
    chosen = customer.get(link).content.decode()
    customer.post(link, {"score": "2", "comment": "The bag was torn"})

    assert message.state == "sent"
    assert "your Ethiopia 1 kg arrived on 17 November 2026" in body(message).text
    assert 'value="2" checked' in tight(chosen)
    assert Response.objects.get().comment == "The bag was torn"
    assert FollowUp.objects.get().customer == order.customer


def test_two_orders_of_one_customer_are_one_survey_in_thirty_days():
    switch_on("survey_after_delivery")
    customer = CustomerFactory()
    for _ in range(2):
        OrderFactory(customer=customer, delivered_on=(NOW - 4 * DAY).date())

    for days in (1, 2, 8, 14):
        run(NOW + days * DAY)

    states = Message.objects.values_list("state", "reason_code")
    assert sorted(states) == [("expired", "contact_limit"), ("sent", "")]
    assert Invitation.objects.count() == 1


def test_who_does_not_answer_is_reminded_once_and_the_second_link_works(time_machine):
    switch_on("survey_after_delivery", "survey_reminder")
    OrderFactory(delivered_on=(NOW - 4 * DAY).date())

    for days in (1, 6, 7, 12, 20, 39):
        run(NOW + days * DAY)
    first, reminder = Message.objects.order_by("id")
    time_machine.move_to(NOW + 10 * DAY, tick=False)
    Client().post(link_in(reminder, 9), {"score": "9"})

    assert (first.state, reminder.state) == ("sent", "sent")
    assert reminder.kind == "survey_reminder"
    assert reminder.final_at == NOW + 6 * DAY
    assert Invitation.objects.count() == 1
    assert Response.objects.get().invitation.reminder_message == reminder


def test_after_an_answer_no_one_is_reminded(time_machine):
    switch_on("survey_after_delivery", "survey_reminder")
    OrderFactory(delivered_on=(NOW - 4 * DAY).date())
    run(NOW + DAY)
    time_machine.move_to(NOW + DAY, tick=False)
    Client().post(link_in(Message.objects.get(), 9), {"score": "9"})

    for days in (6, 7, 12, 39):
        run(NOW + days * DAY)

    assert Message.objects.count() == 1


def test_a_turn_becomes_a_mail_and_the_next_turn(time_machine):
    switch_on("survey_regularly")
    CustomerFactory()
    run(NOW)
    ScheduledAsk.objects.update(next_on=(NOW + 3 * DAY).date())

    for days in (1, 3, 8, 14, 19):
        run(NOW + days * DAY)

    assert [message.state for message in Message.objects.all()] == ["sent"]
    assert ScheduledAsk.objects.get().next_on == (NOW + 183 * DAY).date()
