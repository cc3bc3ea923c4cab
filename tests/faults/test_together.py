"""Many deliverers at once, every task many times: the rows end as after one."""

import random
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from celery import current_app
from django.db import transaction

from crm.models import Business
from messaging.models import Body, Link, Message
from messaging.rules.choices import Category
from tests.factories import CustomerFactory, MessageFactory
from tests.faults import children
from tests.messaging.delivering import NOW, plan, plan_many, run, states
from tests.messaging.plain_kind import PlainKind
from tests.messaging.small_kind import registered

pytestmark = pytest.mark.faults

CUSTOMERS, EACH, DELIVERERS, MOST = 200, 8, 8, 2


class LoyaltyKind(PlainKind):
    name = "plain-loyalty"
    category = Category.LOYALTY


@pytest.mark.slow
@pytest.mark.pipeline
@pytest.mark.django_db(transaction=True)
def test_eight_deliverers_keep_everybody_inside_the_contact_limit(settings):
    """Two mails in seven days: everybody gets two, no one a third."""
    settings.MAIL_TRANSPORT = "outbox"
    Business.objects.update(quiet_from=0, quiet_until=0)
    customers = [CustomerFactory() for _ in range(CUSTOMERS)]
    messages = [
        MessageFactory.build(
            kind="plain-loyalty",
            category="loyalty",
            customer=customer,
            occurrence=str(number),
        )
        for customer in customers
        for number in range(EACH)
    ]
    random.shuffle(messages)
    Message.objects.bulk_create(messages)

    with registered(LoyaltyKind()):
        deliverers = [children.start(run) for _ in range(DELIVERERS)]
        codes = [children.wait(child) for child in deliverers]

    sent = Counter(
        Message.objects.filter(state="sent").values_list("customer_id", flat=True)
    )
    assert codes == [0] * DELIVERERS
    assert set(sent.values()) == {MOST}
    assert len(sent) == CUSTOMERS
    assert states() == {
        "sent": CUSTOMERS * MOST,
        "planned": CUSTOMERS * (EACH - MOST),
    }


@pytest.mark.django_db(transaction=True)
def test_eight_deliverers_send_every_mail_once(sink, plain_kind):
    plan_many(120)

    deliverers = [children.start(run) for _ in range(DELIVERERS)]
    codes = [children.wait(child) for child in deliverers]

    assert codes == [0] * DELIVERERS
    assert states() == {"sent": 120}
    assert len(sink.recipients) == len(set(sink.recipients)) == 120


# --- F30: every task, again and again, in any order ----------------------------------


def our_tasks() -> list[str]:
    current_app.loader.import_default_modules()
    return sorted(
        name
        for name in current_app.tasks
        if name.startswith(("messaging.", "crm.", "loyalty."))
    )


def plan_of_every_sort() -> None:
    plan_many(5)
    plan(why={"poison": True}, occurrence="poison")
    plan(why={"over": "answered"}, occurrence="over")
    plan(not_before=NOW + timedelta(days=3), occurrence="later")
    plan(not_before=NOW - timedelta(days=9), occurrence="too late")
    lapsed = {"claim_token": "0" * 32, "lease_until": NOW - timedelta(days=9)}
    plan(state="claimed", occurrence="claimed", counted_at=NOW, **lapsed)
    plan(state="handed", occurrence="handed", counted_at=NOW, **lapsed)
    plan(state="handed", occurrence="again", on_uncertain="resend", **lapsed)
    old = plan(state="sent", final_at=NOW, occurrence="old")
    Body.objects.create(
        message=old, subject="x", text="x", html="x", stored_at=NOW - timedelta(400)
    )


def rows() -> set[tuple[object, ...]]:
    columns = ("occurrence", "state", "reason_code", "resends", "final_at")
    kept = Body.objects.values_list("message__occurrence", flat=True)
    return {
        *Message.objects.values_list(*columns, "customer__email"),
        *((occurrence, "has a body") for occurrence in kept),
        ("links", Link.objects.count()),
    }


def after(names: list[str]) -> set[tuple[object, ...]]:
    """The rows after these tasks, which are then undone."""
    with transaction.atomic():
        for name in names:
            current_app.tasks[name].apply(throw=True)
        found = rows()
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_every_task_three_times_in_any_order_leaves_the_same_rows(
    settings, tmp_path, plain_kind, seed
):
    settings.MAIL_TRANSPORT = "outbox"
    plan_of_every_sort()
    names = our_tasks()
    often = names * 3
    random.Random(seed).shuffle(often)
    # What a task leaves for the next one is done by the last round, as beat does.
    round_of_beat = ["messaging.tasks.sweep_leases", "messaging.tasks.deliver"]

    with time_machine.travel(NOW, tick=False):
        settings.JOURNAL_FOLDER = tmp_path / "once"
        once = after([*names, *round_of_beat])
        # What was undone is in that journal still: to it this would be a restored copy.
        settings.JOURNAL_FOLDER = tmp_path / "thrice"
        thrice = after([*often, *round_of_beat])

    assert thrice == once
    assert len(once) > 10
