"""Ten signals of loyalty: each with its figure, its direction and its people."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from crm.models import Customer, Order, Segment, Tag
from insights import comparisons
from insights.choices import Basis
from insights.metrics import periods
from insights.metrics.difference import of_repeated
from insights.metrics.movement import Both, Share
from insights.models import Buyer, Spell, Spending
from insights.selectors import signals
from insights.selectors.asked import Asked
from insights.services import spend
from insights.services.spend import SpendInput
from support.models import Conversation, Mail
from tests.factories import (
    CustomerFactory,
    OrderLineFactory,
    ProductFactory,
    ReviewFactory,
    UserFactory,
)
from tests.insights.conftest import NOW
from tests.pages import read
from web.rules.movement import Change, Moved, movements

QUARTER, YEAR_BEFORE = date(2025, 10, 1), date(2024, 10, 1)
IN_IT = datetime(2025, 11, 5, 12, tzinfo=UTC)
HORIZON, TODAY = date(2026, 1, 31), date(2026, 3, 3)


@pytest.fixture
def shop(db):
    """Forty of before, of whom ten left in the quarter and one gave something back;
    forty who were new in it, half of them by recommendation. A year before that the
    forty of before bought as well, and thirty of them gave something back."""
    old = CustomerFactory.create_batch(40)
    new = [
        *CustomerFactory.create_batch(20, heard_from="A friend"),
        *CustomerFactory.create_batch(20, heard_from="Fair"),
    ]
    Spell.objects.bulk_create(
        spell(one, date(2024, 1, 5), date(2025, 11, 9) if at < 10 else None)
        for at, one in enumerate(old)
    )
    Spell.objects.bulk_create(spell(one, date(2025, 11, 1), None) for one in new)
    days = [date(2024, 1, 5), date(2024, 11, 1), date(2025, 11, 1)]
    Buyer.objects.bulk_create(Buyer(customer=one, days=days) for one in old)
    Buyer.objects.bulk_create(Buyer(customer=one, days=days[2:]) for one in new)
    Spending.objects.bulk_create(brought(one, days) for one in old)
    Spending.objects.bulk_create(brought(one, days[2:]) for one in new)
    give_back(old[:1], date(2025, 12, 24))
    give_back(old[:30], date(2024, 12, 24))
    for at, (stars, name) in enumerate(((5, ""), (4, "Noa"), (1, "Ari"))):
        ReviewFactory(
            request__order__customer=old[at], stars=stars, written_at=IN_IT,
            name_shown=name, body="Words.",
        )  # fmt: skip
    # One product is as old as the history, one came in the autumn; who was new in the
    # quarter took to the new one, too, and is not asked about.
    take(old, date(2024, 1, 5))
    take([*old[20:], *new], date(2025, 11, 1))
    wrote(old[0], "praise", "in")
    wrote(old[1], "praise", "out")
    for one in (old[0], old[-1], old[-1], new[0]):
        Conversation.objects.create(
            customer=one, kind="complaint", opened_at=IN_IT, last_mail_at=IN_IT
        )
    line = SpendInput("Fair", date(2025, 11, 1), Decimal(80), "EUR")
    spend.put([line], by=UserFactory(role="owner"), now=NOW)


def spell(customer, starts_on, ends_on):
    return Spell(
        basis="orders",
        customer=customer,
        number=1,
        starts_on=starts_on,
        ends_on=ends_on,
        source=customer.heard_from,
    )


def brought(customer, days):
    return Spending(
        customer=customer,
        basis="orders",
        currency="EUR",
        first_month=days[0].replace(day=1),
        months=[day.replace(day=1) for day in days],
        totals=[5 * at for at in range(1, len(days) + 1)],
        sales=[*range(1, len(days) + 1)],
    )


def give_back(customers, day):
    for one in customers:
        OrderLineFactory(
            order__customer=one,
            order__nature="return",
            order__ordered_on=day,
            nature="return",
            quantity=-1,
            amount=-1,
        )


def take(customers, day):
    """A product of its own, first sold on this day."""
    product = ProductFactory()
    for one in customers:
        OrderLineFactory(order__customer=one, product=product, order__ordered_on=day)


def wrote(customer, kind, direction):
    """A conversation that they began ("in"), or we ("out")."""
    began = Conversation.objects.create(
        customer=customer, kind=kind, opened_at=IN_IT, last_mail_at=IN_IT
    )
    for at, way in enumerate((direction, "in")):
        Mail.objects.create(
            conversation=began, customer=customer, direction=way,
            at=IN_IT + timedelta(hours=at), stored_at=IN_IT,
            fingerprint=f"{customer.pk:032x}{at:032x}",
        )  # fmt: skip


def test_each_signal_has_its_figure_direction_and_people(shop):
    found = {
        one.key: one
        for one in signals.signals(Basis.ORDERS, horizon=HORIZON, today=TODAY)
    }

    counts = {key: (one.count, one.base) for key, one in found.items()}
    assert counts == {
        "cost-EUR": (0, 40),
        "churn": (10, 40),
        "referred": (20, 40),
        "refunds": (1, 80),
        "reviews": (2, 3),
        "novelty": (20, 40),
        "repeat": (40, 80),
        "praise": (1, 80),
        "shown": (1, 3),
        "complaints": (2, 3),
    }
    assert found["cost-EUR"].value == 2
    assert found["refunds"].movement.startswith("Better than in Q4 2024")
    assert found["churn"].movement.startswith("Worse than in Q4 2024")
    assert found["reviews"].value is None
    assert "Too few" in found["reviews"].sentence

    client = Client()
    client.force_login(UserFactory(role="manager"))
    for one in found.values():
        assert read(client.get(one.people_url)).count("data-person") == one.people
    # Mails are for those who see them by name; others see how many there are.
    client.force_login(UserFactory(role="marketer"))
    for name, named in (("praise", 0), ("complaints", 0), ("shown", 1)):
        people = read(client.get(found[name].people_url))
        assert people.count("data-person") == named
        assert f"{found[name].people} pe" in people
    client.force_login(UserFactory(role="manager"))
    Order.objects.update(ordered_on=HORIZON)
    Spell.objects.filter(ends_on=None).update(ends_on=date(2027, 1, 31))
    page = read(client.get("/insights/signals/"))
    assert all(one.title in page for one in found.values())
    compared = client.get("/insights/signals/?at=2025-10-01&than=2024-10-01")
    sides = {row.second.key: row for row in compared.context["compared"].rows}
    assert (sides["refunds"].first.count, sides["refunds"].second.count) == (30, 1)
    assert sides["refunds"].verdict == "Lower, beyond chance."
    assert sides["refunds"].doubt
    assert sides["reviews"].verdict == "Not enough to compare."
    for row in sides.values():
        for one in (row.first, row.second):
            shown = read(client.get(one.people_url)).count("data-person")
            assert shown == min(one.people, 50), one.key
        assert "365 days" in row.second.how


def test_of_two_quarters_it_is_counted_who_is_in_both_whichever_comes_first(shop):
    now = periods.containing(QUARTER, "quarter")
    pair = tuple(Asked(Basis.ORDERS, one) for one in (periods.before(now, 4), now))

    *sides, known = signals.sides(*pair, today=TODAY)
    *_turned_sides, turned = signals.sides(*reversed(pair), today=TODAY)

    # Nobody comes for the first time twice.
    assert known.keys() == {one.key for one in sides[0]} - {"referred"}
    for name in ("churn", "refunds", "repeat"):
        one, other = known[name], turned[name]
        assert (other.low, other.high) == pytest.approx((-one.high, -one.low))
    # The one who gave back now had done so a year before: less doubt than of strangers.
    strangers = of_repeated(Share(30, 40), Share(1, 80), Both())
    apart = known["refunds"]
    assert apart.value == strangers.value
    assert strangers.low < apart.low < apart.high < strangers.high
    # What the page shows besides is named with these: one that alone would have moved.
    page = {"alone": Change(0.1, 0.045)}
    assert movements(page)["alone"] is Moved.UP
    found = comparisons.of_signals(pair, today=TODAY, page=page)
    assert found.moved == {"alone": Moved.BY_CHANCE}


def test_a_segment_stands_beside_another_and_beside_everybody(shop, client):
    client.force_login(UserFactory(role="manager"))
    Order.objects.update(ordered_on=HORIZON)
    Spell.objects.filter(ends_on=None).update(ends_on=date(2027, 1, 31))
    old = Customer.objects.filter(heard_from="").order_by("pk")
    tag, other = (Tag.objects.create(name=name) for name in ("Regulars", "Others"))
    for one in old[:30]:
        one.tags.add(tag)
    for one in [*old[20:40], *Customer.objects.filter(heard_from="A friend")]:
        one.tags.add(other)
    first, second = (
        Segment.objects.create(
            name=one.name,
            conditions={
                "match": "all",
                "parts": [{"field": "tag", "is": "any_of", "values": [str(one.pk)]}],
            },
            created_at=NOW,
            updated_at=NOW,
        )
        for one in (tag, other)
    )
    address = "/insights/signals/?at=2025-10-01&by=segment"

    page = client.get(f"{address}&value={first.pk}&other={second.pk}")
    compared = page.context["compared"]
    assert (compared.first, compared.second) == ("Regulars", "Others")
    assert "share people or days" in compared.note
    sides = {
        row.second.key: [(one.count, one.base) for one in (row.first, row.second)]
        for row in compared.rows
    }
    assert sides == {
        "churn": [(10, 30), (0, 20)],
        "referred": [(0, 0), (20, 20)],
        "refunds": [(1, 30), (0, 40)],
        "reviews": [(2, 3), (0, 0)],
        "novelty": [(10, 30), (20, 20)],
        "repeat": [(30, 30), (20, 40)],
        "praise": [(1, 30), (0, 40)],
        "shown": [(1, 3), (0, 0)],
        "complaints": [(0, 1), (2, 2)],
    }
    for row in compared.rows:
        assert not row.verdict or row.verdict == "Not enough to compare."
        for one in (row.first, row.second):
            shown = read(client.get(one.people_url)).count("data-person")
            assert shown == one.people, one.key

    beside = client.get(f"{address}&value={first.pk}").context["compared"]
    assert (beside.first, beside.second) == ("Everybody", "Regulars")
    assert beside.rows[0].first.base == 40
    # Of other days it is counted who is on both sides, so that a change can be named.
    year = client.get(f"{address}&value={first.pk}&than=2024-10-01")
    moved = {row.second.key: row for row in year.context["compared"].rows}
    assert (moved["refunds"].first.count, moved["refunds"].first.base) == (30, 30)
    assert moved["refunds"].verdict == "Lower, beyond chance."
    file = client.get(f"{address}&value={first.pk}&other={second.pk}&as=csv")
    assert "Churn of a quarter: Regulars" in file.content.decode()


def test_of_ten_signals_one_that_alone_would_have_moved_is_chance(db, client):
    """Also where nothing is compared: all that the page names count together."""
    client.force_login(UserFactory(role="manager"))
    for at, good in ((IN_IT, 29), (IN_IT - timedelta(days=365), 20)):
        for number in range(40):
            ReviewFactory(stars=5 if number < good else 2, written_at=at, name_shown="")
    Order.objects.update(ordered_on=HORIZON)
    spell(CustomerFactory(), date(2026, 1, 5), date(2027, 1, 31)).save()

    changes = signals.counted(Basis.ORDERS, horizon=HORIZON, today=TODAY).changes
    assert movements({"reviews": changes["reviews"]})["reviews"] is Moved.UP
    assert changes["shown"].p == 1

    [shown] = [
        one
        for one in client.get("/insights/signals/").context["figures"]
        if one.key == "reviews"
    ]
    assert shown.movement.startswith("Not a change beyond chance since Q4 2024")
    [told] = [
        one
        for one in signals.signals(Basis.ORDERS, horizon=HORIZON, today=TODAY)
        if one.key == "reviews"
    ]
    assert told.movement == shown.movement


def test_a_shop_of_which_nothing_is_known_has_no_signals(db):
    found = signals.signals(Basis.CONTRACT, horizon=HORIZON, today=TODAY)

    assert [one.value for one in found] == [None] * 10
    assert all(one.sentence and one.movement for one in found)
    said = {one.key: one.sentence for one in found}
    for name in ("refunds", "novelty", "repeat"):
        assert said[name].startswith("Not measurable by contract")
    assert "nobody to count" in said["churn"]
