"""A shop with everybody in it, and what its forecast says of each mail."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from crm.models import Business, CustomerAddress
from crm.services import segments
from messaging.models import Automation, ForecastDay, ForecastPerson
from messaging.rules.choices import Category, SuppressionReason
from messaging.services import consent, forecast, holds, suppression
from tests.factories import (
    AutomationFactory,
    CustomerFactory,
    MessageFactory,
    OrderFactory,
    UserFactory,
)
from tests.messaging.dated_kinds import KINDS

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def switch_on_all():
    """One automation of each of the kinds with dates, since yesterday."""
    for kind in KINDS:
        AutomationFactory(
            kind=kind.name,
            name=kind.name,
            life_days=kind.life_days,
            priority=kind.priority,
            send_hour=9,
            switched_on_at=NOW - DAY,
        )


def in_israel():
    """The audience of those who live there."""
    part = {"field": "country", "is": "any_of", "values": ["IL"]}
    made = segments.create(
        name="In Israel", conditions={"match": "all", "parts": [part]}, by=None, now=NOW
    )
    return f"segment={made.pk}"


def due(customer, kind, days):
    """A mail of this kind to them, so many days from now."""
    on = (NOW + days * DAY).date()
    number = f"{kind}-{OrderFactory._meta.model.objects.count()}"
    OrderFactory(
        customer=customer, external_id=number, number=number, ordered_on=on,
        ordered_at=NOW,
    )  # fmt: skip
    return (
        customer.pk,
        kind,
        datetime(on.year, on.month, on.day, 9, tzinfo=customer_zone(customer))
        + DAY * Automation.objects.get(kind=kind).life_days,
    )


def customer_zone(customer):
    return ZoneInfo(customer.time_zone or Business.objects.get().time_zone)


def worked_out(now=NOW, *, again=False):
    """(customer, kind, end of its life) to (decision, reason, when it goes)."""
    found = forecast.work_out(None, now=now, again=again)
    mails = defaultdict(list)
    for mail in found.mails.select_related("automation"):
        mails[mail.alike].append(mail)
    rows = {
        (person.customer_id, mail.automation.kind, mail.expires_at): (
            mail.decision, mail.reason_code, mail.goes_at
        )
        for person in ForecastPerson.objects.filter(forecast=found)
        for mail in mails[person.alike]
    }  # fmt: skip
    assert len(rows) == sum(
        ForecastDay.objects.filter(forecast=found).values_list("mails", flat=True)
    )
    return rows


def people(lot):
    """One of each who is treated in a way of their own, and some to whom nothing has
    happened; some share an address, or are known by each other's."""
    loyalty, offers = {Category.LOYALTY}, {Category.MARKETING}
    plain = [CustomerFactory(time_zone=lot.choice(["UTC", ""])) for _ in range(8)]
    far = [CustomerFactory(time_zone="Asia/Jerusalem", country="IL") for _ in range(4)]
    silent = CustomerFactory(email="")
    new = CustomerFactory(mail_ground="")
    colleague = CustomerFactory(email=UserFactory().email)
    twins = [CustomerFactory(email="both@example.org") for _ in range(2)]
    first, second = CustomerFactory(), CustomerFactory()
    CustomerAddress.objects.create(
        customer=first, kind="email", value=second.email, norm=second.email_norm,
        created_at=NOW,
    )  # fmt: skip
    bounced, complained, stopped, left = (CustomerFactory() for _ in range(4))
    for one, reason, scope in (
        (bounced, SuppressionReason.BOUNCE, None),
        (complained, SuppressionReason.COMPLAINT, None),
        (stopped, SuppressionReason.WITHDRAWN, Category.SURVEY),
    ):
        suppression.suppress(
            suppression.address_hash(one.email), reason=reason, scope=scope, now=NOW
        )
    consent.withdraw(left, categories=loyalty, how="staff", now=NOW)
    consent.withdraw(twins[0], categories=loyalty, how="stop_page", now=NOW)
    for one in (*plain[:4], far[0], twins[1]):
        consent.grant(
            one, categories=offers, how="staff", source_text="Said yes", now=NOW
        )
    consent.withdraw(plain[0], categories=offers, how="staff", now=NOW)
    paused, held = CustomerFactory(), CustomerFactory()
    every = {Category.SURVEY, Category.LOYALTY, Category.MARKETING}
    holds.place(
        paused, categories=every, reason="paused_by_customer", source_key="pause:1",
        now=NOW, until=NOW + 11 * DAY + 3 * HOUR + HOUR / 2, for_address=True,
    )  # fmt: skip
    holds.place(
        held, categories=every, reason="open_complaint", source_key="c:1", now=NOW
    )
    return [
        *plain, *far, *twins, silent, new, colleague, first, second, bounced,
        complained, stopped, left, paused, held,
    ]  # fmt: skip


def sent(customer, kind, category, days_ago):
    at = NOW - days_ago * DAY + 5 * HOUR
    MessageFactory(
        customer=customer, kind=kind, category=category, state="sent", counted_at=at,
        final_at=at, not_before=at, transport="outbox",
        address_hash=suppression.address_hash(customer.email) or None,
    )  # fmt: skip


def random_shop(seed, *, days):
    """Up to four mails of each kind to everybody, and some that went before."""
    lot = Random(seed)
    Automation.objects.filter(kind="thanks").update(rests=True)
    Automation.objects.filter(kind="asks").update(weekdays=[1, 2, 6])
    Automation.objects.filter(kind="asksagain").update(
        holdout_percent=20,
        holdout_since=NOW - DAY,
        holdout_salt=UUID(int=7),
        weekdays=[1, 2, 3],
    )
    everybody = people(lot)
    for one in everybody:
        for kind in KINDS:
            # Not two on one day: which of them goes first is up to chance.
            for day in lot.sample(range(1, days), lot.choice([0, 1, 1, 2, 3])):
                due(one, kind.name, day)
        if lot.random() < 0.4:
            kind = lot.choice(KINDS)
            sent(one, kind.name, kind.category.value, lot.randrange(2, 20))
    return everybody


def crowds():
    """Eight of each of several who differ in one thing: zone, country, what went before
    and when, the day of one mail. Some of each are held out by lot."""
    Automation.objects.filter(kind="thanks").update(rests=True)
    Automation.objects.filter(kind="asks").update(
        holdout_percent=30, holdout_since=NOW - DAY, holdout_salt=UUID(int=7)
    )
    for zone, country, before, last in (
        ("UTC", "GB", (), 9),
        ("Asia/Tokyo", "GB", (), 9),
        ("UTC", "IL", (), 9),
        ("UTC", "GB", (("asks", Category.SURVEY.value, 3),), 9),
        ("UTC", "GB", (("thanks", Category.LOYALTY.value, 3),), 9),
        ("UTC", "GB", (("asks", Category.SURVEY.value, 4),), 9),
        ("UTC", "GB", (), 10),
    ):
        for _ in range(8):
            one = CustomerFactory(time_zone=zone, country=country)
            for mail in before:
                sent(one, *mail)
            # There is room again on a Friday, which is a day off in Israel alone.
            for kind, day in (
                ("thanks", 5),
                ("asks", 5),
                ("thanks", 9),
                ("asks", last),
            ):
                due(one, kind, day)
