"""Where customers came from, what they cost and what they brought."""

import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from crm.services import subscriptions
from insights.choices import Basis
from insights.metrics import referrals
from insights.metrics.periods import Period
from insights.models import Definition, Spend
from insights.selectors import origins
from insights.selectors.asked import Asked
from insights.services import counting, spend
from insights.services.spend import SpendInput
from tests.committed import uncommitted_rows
from tests.factories import CustomerFactory, UserFactory
from tests.insights.conftest import NOW, buy
from web.errors import InvalidValue

pytestmark = pytest.mark.django_db

YEAR = Period(date(2025, 1, 1), date(2026, 1, 1), "year")
ASKED = Asked(Basis.ORDERS, YEAR)
PEOPLE = {"Search ads": 4, "A friend": 3, "": 2, "Fair": 1}


def test_a_contract_brought_what_its_days_come_to(db):
    person = CustomerFactory(heard_from="Fair")
    subscriptions.start(
        customer=person, plan="Pro", value=Decimal(30), currency="EUR",
        started_on=date(2025, 3, 1), now=NOW,
    )  # fmt: skip
    Definition.objects.update(by_contract=True)
    counting.count_all()

    [row] = origins.origins(Asked(Basis.CONTRACT, YEAR), today=date(2026, 3, 1)).rows

    assert (row.gained, row.money[0].currency) == (1, "EUR")
    assert row.money[0].value == pytest.approx(Decimal(360), abs=Decimal("0.3"))


@pytest.fixture(scope="module")
def shop(django_db_setup, django_db_blocker):
    """Ten who came in 2025; each order brings 9 EUR, the old one's does not count."""
    with uncommitted_rows(django_db_blocker):
        for source, count in PEOPLE.items():
            for person in CustomerFactory.create_batch(count, heard_from=source):
                buy(person, date(2025, 5, 1))
        old = CustomerFactory(heard_from="Search ads")
        buy(old, date(2024, 5, 1), date(2025, 4, 1), date(2026, 1, 5))
        counting.count_all()
        owner = UserFactory(role="owner")
        lines = [
            SpendInput("search ADS", date(2025, 3, 9), Decimal(30), "EUR"),
            SpendInput("search ADS", date(2025, 4, 1), Decimal(10), "EUR"),
            SpendInput("search ADS", date(2026, 1, 1), Decimal(500), "EUR"),
            SpendInput("Fair", date(2025, 3, 1), Decimal(20), "USD"),
            SpendInput("Leaflets", date(2025, 3, 1), Decimal(5), "EUR"),
        ]
        assert spend.put(lines, by=owner, now=NOW) == 5
        yield owner


def test_each_source_has_its_cost_and_what_it_brought_by_currency(shop):
    found = origins.origins(ASKED, today=date(2026, 3, 3))

    assert {row.source: row.gained for row in found.rows} == PEOPLE | {"Leaflets": 0}
    [ads, *_rest] = found.rows
    [eur] = ads.money
    assert (eur.currency, eur.spend, eur.value) == ("EUR", Decimal(40), Decimal(36))
    assert (eur.cac.value, eur.needed.value, eur.ratio.value) == (10, 10, 0.9)
    # Each brought 9 in the ten months since they came.
    assert eur.months.value == pytest.approx(10 / (9 / 10.06), rel=0.01)
    fair = next(row for row in found.rows if row.source == "Fair")
    assert [one.currency for one in fair.money] == ["EUR", "USD"]
    assert (fair.money[0].cac.value, fair.money[1].cac.value) == (None, 20)
    leaflets = next(row for row in found.rows if row.source == "Leaflets")
    assert leaflets.money[0].cac.value is None
    shares = found.shares
    assert (shares.said, shares.unknown, shares.total) == (3, 2, 10)
    assert (shares.people.low, shares.people.high) == (0.3, 0.5)
    assert (shares.revenue["EUR"].low, shares.revenue["EUR"].high) == (0.3, 0.5)


def test_the_page_answers_and_each_count_opens_as_many_people(shop, client):
    client.force_login(shop)

    page = client.get("/insights/where-from/?unit=year&at=2025-01-01").content.decode()

    counted = re.findall(r'href="(/insights/people/\?[^"]+)">([\d,]+)<', page)
    # Each source, who says or does not say that somebody recommended us, and both.
    shown = [*PEOPLE.values(), 3, 2, 5]
    assert sorted(int(n) for _url, n in counted) == sorted(shown)
    for url, count in counted:
        listed = client.get(unescape(url)).content.decode()
        assert listed.count("data-person") == int(count)
    for words in (
        "0.8 a month, 10 in all: 10 for the first time, and 0 who came back.",
        "of 10 came by recommendation.",
        "A new customer costs",
        "€10.00",
    ):
        assert words in page, words
    assert client.get("/insights/where-from/?unit=month").status_code == 200
    beside = client.get("/insights/where-from/?unit=year&at=2025-01-01&than=2024-01-01")
    rows = {row.first.key: row for row in beside.context["compared"].rows}
    assert (rows["gained"].first.value, rows["gained"].second.value) == (1, 10)
    assert (rows["gained:Fair"].first.value, rows["gained:Fair"].second.value) == (0, 1)
    table = client.get("/insights/where-from/?unit=year&at=2025-01-01&as=csv")
    assert "Gained: Fair" in table.content.decode()


def test_lines_of_a_spreadsheet_are_taken_replaced_and_taken_away(shop, client):
    client.force_login(shop)
    before = Spend.objects.count()

    def send(lines):
        return client.post("/insights/where-from/spend/", {"lines": lines})

    assert send("Radio\t2025-03\t99.50\tEUR\nRadio\t2025-04-17\t5\n").status_code == 303
    assert Spend.objects.count() == before + 2
    assert Spend.objects.get(source="Radio", month="2025-04-01").currency == "EUR"
    send("Radio, 2025-03, 100, EUR")
    assert Spend.objects.get(source="Radio", month="2025-03-01").amount == 100
    send("Radio, 2025-03, 0, EUR")
    assert Spend.objects.count() == before + 1
    wrong = send("Radio, 2025-03, 1\nRadio, March, 7")
    assert wrong.status_code == 422
    assert "Line 2 cannot be read" in wrong.content.decode()
    table = "Quelle;Monat;Betrag\nPlakate Köln;2025-04;1250.50\n".encode("utf-16")
    upload = SimpleUploadedFile("spend.csv", table)
    page = "/insights/where-from/spend/"
    both = client.post(page, {"lines": "Radio, 2025-03, 1", "file": upload})
    assert "one of both" in both.content.decode()
    upload.seek(0)
    assert client.post(page, {"file": upload}).status_code == 303
    assert Spend.objects.get(source="Plakate Köln").amount == Decimal("1250.50")
    before += 1
    ahead = send("Radio, 2027-03, 1")
    assert ahead.status_code == 422
    assert Spend.objects.count() == before + 1
    client.force_login(UserFactory(role="analyst"))
    assert send("Radio, 2025-03, 1").status_code == 403


def test_the_database_refuses_what_is_wrong(shop):
    for wrong in (
        {"month": date(2025, 3, 2)}, {"amount": 0}, {"source": ""}, {"currency": "e"},
        {"source": "Twice", "month": date(2025, 3, 1), "currency": "EUR"},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Spend.objects.update(**wrong)
    line = SpendInput("Radio", date(2025, 3, 1), Decimal("1.005"), "EUR")
    with pytest.raises(InvalidValue):
        spend.put([line], by=shop, now=NOW)


@pytest.mark.parametrize(
    ("answer", "is_one"),
    [
        *(("Word-of-mouth", True), ("A FRIEND", True), ("朋友推荐", True)),
        *(("חברה שלי", True), ("Search ads", False), ("", False)),
    ],
)
def test_an_answer_that_names_somebody_is_a_recommendation(answer, is_one):
    assert referrals.is_recommendation(answer) is is_one


def test_there_is_no_share_of_nobody_or_of_less_than_nothing():
    assert referrals.bounds(0, 0, 0).low is None
    assert referrals.bounds(Decimal(-1), Decimal(0), Decimal(5)).low is None
    assert referrals.bounds(Decimal(9), Decimal(0), Decimal(5)).high is None
