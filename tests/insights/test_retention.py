"""Retention by the formula, over any span and by any group, with its people."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection

from crm.models import Customer, Product
from crm.services import segments
from crm.services.subscriptions import start
from insights.choices import Basis
from insights.metrics import periods
from insights.metrics.periods import Period
from insights.metrics.retention import Span, retention
from insights.models import Definition, Spell
from insights.selectors import spans
from insights.selectors.asked import Asked, who
from insights.selectors.retention import counts_of
from insights.services import counting
from insights.sql import people as sql
from tests.committed import uncommitted_rows
from tests.factories import CustomerFactory, UserFactory
from tests.insights.conftest import NOW, buy
from tests.pages import read

pytestmark = pytest.mark.django_db

YEAR = Period(date(2025, 1, 1), date(2026, 1, 1), "year")
QUARTER = periods.containing(date(2025, 4, 1), "quarter")
GROUPS = ("start", "kept", "lost", "new", "back", "end")


def spells_in_bulk(basis, *groups):
    """(people, starts_on, ends_on, number): rows as a count would have made them."""
    for people, starts_on, ends_on, number in groups:
        customers = Customer.objects.bulk_create(
            CustomerFactory.build_batch(people, source="bulk", country="DE")
        )
        Spell.objects.bulk_create(
            Spell(
                basis=basis, customer=one, number=number, starts_on=starts_on,
                ends_on=ends_on, country="DE",
            )
            for one in customers
        )  # fmt: skip


def test_the_worked_example_is_ninety_percent(db):
    """1000 at the start, 200 gained, 100 left, 1100 at the end."""
    before, after = date(2024, 6, 1), date(2026, 6, 1)
    spells_in_bulk(
        "orders",
        (900, before, after, 1),
        (100, before, date(2025, 7, 1), 1),
        (150, date(2025, 3, 1), after, 1),
        (50, date(2025, 9, 30), after, 2),
    )

    [found] = spans.over_time(Basis.ORDERS, [YEAR])

    assert found == spans.Counts(1000, 900, 100, 150, 50, 1100)
    assert found == spans.counted(Basis.ORDERS, YEAR)
    assert spans.by_value(Basis.ORDERS, YEAR, "country") == {"DE": found}
    assert retention(found.span).value == 0.9


def test_contracts_make_somebody_a_customer_while_they_run(db):
    Definition.objects.update(by_contract=True)
    dana = CustomerFactory()
    for plan, day in (("Basic", date(2025, 2, 1)), ("Extra", date(2025, 3, 1))):
        start(
            customer=dana,
            plan=plan,
            value=Decimal(10),
            currency="EUR",
            started_on=day,
            now=NOW,
        )

    counting.process_pending()

    row = Spell.objects.get()
    assert (row.basis, row.starts_on, row.ends_on) == (
        *("contract", date(2025, 2, 1)),
        None,
    )
    found = spans.counted(Basis.CONTRACT, YEAR)
    assert (found.new, found.end) == (1, 1)
    assert found == spans.over_time(Basis.CONTRACT, [YEAR])[0]


def test_a_shop_without_orders_says_so(db, client):
    Definition.objects.update(counted_at=NOW)
    client.force_login(UserFactory(role="owner"))
    assert "Nobody has bought anything yet" in read(client.get("/insights/retention/"))
    assert retention(Span(0, 0, 0, 0)).value is None


@pytest.fixture(scope="module")
def shop(django_db_setup, django_db_blocker):
    """People at every edge of a quarter and a year, counted within 90 days."""
    with uncommitted_rows(django_db_blocker):
        Definition.objects.update(days=90)
        first, last = QUARTER.starts_on, QUARTER.last_day
        plans = {
            "kept": [first - timedelta(80), first + timedelta(5), last],
            "starts on the first day": [first],
            "ends with the day before": [first - timedelta(90)],
            "ends on the first day": [first - timedelta(89)],
            "comes on the last day": [last],
            "comes the day after": [last + timedelta(1)],
            "passes by": [first + timedelta(0), date(2025, 11, 1)],
            "left and came back": [first - timedelta(60), last - timedelta(2)],
            "long gone": [date(2024, 1, 1)],
        }
        people = {}
        for at, (name, days) in enumerate(plans.items()):
            people[name] = CustomerFactory(
                given_name=name, family_name="", country="IL" if at % 2 else "FR",
                heard_from="Friends" if at % 3 else "",
            )  # fmt: skip
            buy(people[name], *days, sku="TEA" if at % 2 else "BEANS")
        counting.process_pending()
        yield people


def names_of(asked, group):
    span = (asked.period.starts_on, asked.period.ends_on)
    select = sql.ids(asked.basis.value, span, group, who(asked, today=NOW.date()))
    with connection.cursor() as cursor:
        cursor.execute(select)
        ids = [pk for (pk,) in cursor.fetchall()]
    assert len(ids) == len(set(ids))
    return {one.given_name for one in Customer.objects.filter(pk__in=ids)}


def test_who_is_in_which_group_at_the_edges_of_a_span(shop):
    asked = Asked(Basis.ORDERS, QUARTER)

    found = {group: names_of(asked, group) for group in GROUPS}

    assert found["start"] == {
        *("kept", "ends with the day before", "ends on the first day"),
        "left and came back",
    }
    assert found["kept"] == {"kept"}
    assert found["lost"] == found["start"] - found["kept"]
    assert found["new"] == {"comes on the last day"}  # the quarter has 91 days
    assert found["back"] == {"left and came back"}
    assert found["end"] == found["kept"] | found["new"] | found["back"]


@pytest.mark.parametrize("unit", ["month", "quarter", "year"])
def test_sums_counts_and_lists_say_the_same_of_every_period(shop, unit):
    shown = periods.until(periods.containing(date(2026, 6, 1), unit), 12)
    for period, found in zip(shown, spans.over_time(Basis.ORDERS, shown), strict=True):
        assert found == spans.counted(Basis.ORDERS, period)
        assert 0 <= found.kept <= found.start
        asked = Asked(Basis.ORDERS, period)
        assert [len(names_of(asked, group)) for group in GROUPS] == [
            getattr(found, group) for group in GROUPS
        ]
        for by in ("country", "source", "owner"):
            for value, counts in spans.by_value(Basis.ORDERS, period, by).items():
                one = asked.of(value, by=by)
                assert counts == counts_of(one, today=NOW.date())
                assert counts == spans.counted(
                    Basis.ORDERS, period, who(one, today=NOW.date())
                )


def test_segments_and_products_are_counted_when_asked(shop):
    [tea] = Product.objects.filter(sku="TEA")
    by_tea = Asked(Basis.ORDERS, QUARTER, "product", str(tea.pk))
    assert counts_of(by_tea, today=NOW.date()).start == len(
        {"ends on the first day", "left and came back"}
    )
    assert names_of(by_tea, "new") == set()  # they bought it within the span

    owner = UserFactory(role="owner")
    segment = segments.create(
        name="France",
        conditions={
            "match": "all",
            "parts": [{"field": "country", "is": "any_of", "values": ["FR"]}],
        },
        by=owner,
        now=NOW,
    )
    asked = Asked(Basis.ORDERS, QUARTER, "segment", str(segment.pk))
    by_country = Asked(Basis.ORDERS, QUARTER, "country", "FR")
    found = counts_of(asked, today=NOW.date())
    assert found == counts_of(by_country, today=NOW.date())
    assert found.start
    nowhere = Asked(Basis.ORDERS, QUARTER, "segment", "999999")
    assert counts_of(nowhere, today=NOW.date()).end == 0


LINK = re.compile(r'href="(/insights/people/\?[^"]+)">\s*([\d,]+)')


@pytest.mark.parametrize(
    "query",
    ["", "?unit=month&by=country", "?unit=span&first=2025-01-15&last=2025-07-03"],
)
def test_each_figure_of_the_page_opens_as_many_people(shop, client, query):
    client.force_login(UserFactory(role="owner"))
    page = read(client.get(f"/insights/retention/{query}"))

    found = LINK.findall(page)

    assert len(found) >= 4
    for url, shown in set(found):
        people = read(client.get(unescape(url)))
        assert people.count("data-person") == int(shown), url


def test_who_may_not_see_customers_sees_how_many_and_no_names(shop, client):
    client.force_login(UserFactory(role="analyst"))
    url = "/insights/people/?group=end&basis=orders&first=2025-04-01&last=2025-06-30"

    page = read(client.get(url))

    assert page.count("data-person") == spans.counted(Basis.ORDERS, QUARTER).end > 0
    assert "came back" not in page.split("data-person", 1)[1]
    assert "/customers/" not in page.split("<main", 1)[1]
    assert client.get(url.replace("group=end", "group=all")).status_code == 404
    assert client.get(url.replace("2025-06-30", "2025-03-30")).status_code == 404


def test_a_period_that_is_not_over_is_marked_and_compared_with_nothing(shop, client):
    client.force_login(UserFactory(role="marketer"))

    page = read(client.get("/insights/retention/?unit=year&at=2025-01-01"))

    assert "Not over" in page  # the newest order is of 1 November
    assert "Not a change beyond chance" not in page
