"""Cohorts, churn, marks, and figures that changed after they were shown."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import IntegrityError, transaction

from crm.models import Customer
from crm.services import subscriptions
from insights.choices import Basis, Metric
from insights.models import Definition, Mark, Published
from insights.selectors import again, churn, closed, cohorts, late, second_order
from insights.selectors import marks as mark_rows
from insights.services import counting, marks, money, publishing, spend
from insights.services.spend import SpendInput
from tests.committed import uncommitted_rows
from tests.factories import (
    CustomerFactory,
    ResponseFactory,
    SurveyFactory,
    UserFactory,
)
from tests.insights.conftest import NOW, buy
from tests.insights.test_retention import LINK, spells_in_bulk
from tests.pages import read

pytestmark = pytest.mark.django_db

HORIZON = date(2026, 3, 2)


def test_churn_by_month_and_by_six_months_with_its_compounding(db):
    first, last = date(2024, 1, 1), date(2027, 1, 1)
    spells_in_bulk(
        "contract",
        (400, first, last, 1),
        *((100, first, date(2025, month, 15), 1) for month in range(7, 13)),
    )
    Definition.objects.update(by_contract=True, churn_target="9.9")
    months = churn.by_month(Basis.CONTRACT, date(2025, 12, 31))
    assert months[-6].measure.value == 0.1  # July
    assert months[-1].measure.value == 0.2  # 100 of the 500 that were left

    figure = churn.rate(
        Definition.objects.get(), Basis.CONTRACT, date(2025, 12, 31), months
    )

    assert (round(figure.value, 9), figure.count, figure.base) == (0.1, 600, 1000)
    assert "47" in figure.sentence  # 46.9 % after six months
    assert "above your target" in figure.sentence
    assert figure.people == 600


@pytest.fixture(scope="module")
def counted(django_db_setup, django_db_blocker):
    """40 people first bought in January 2025, of whom 10 came back each month; 5 in
    February; somebody bought on the last known day."""
    with uncommitted_rows(django_db_blocker):
        Definition.objects.update(days=60)
        people = CustomerFactory.create_batch(40)
        for at, person in enumerate(people):
            again = [date(2025, month, 9) for month in range(2, 7)] if at < 10 else []
            buy(person, date(2025, 1, 5), *again)
        for person in CustomerFactory.create_batch(5):
            buy(person, date(2025, 2, 5))
        buy(people[0], HORIZON)
        counting.count_all()
        yield people


def test_a_cohort_shows_how_many_bought_again_and_nothing_of_few_or_of_days_to_come(
    counted, client
):
    table = cohorts.table(cohorts.cohorts_of("quarter", HORIZON))
    first, second = table.lines[0], table.lines[-1]
    shown = [
        cell and cell.shown.replace("\N{NO-BREAK SPACE}", "") for cell in first.cells
    ]
    assert (first.label, first.size, first is second) == ("Q1 2025", 45, True)
    assert shown == ["100%", "22%", "0%", "0%", "2.2%", None, None, None, None]
    assert [cell.is_over for cell in first.cells[:5]] == [True] * 4 + [False]
    assert len(table.means) == 4  # the last column is not over

    months = cohorts.table(cohorts.cohorts_of("month", date(2025, 6, 30)))
    assert [line.cells[0].shown for line in months.lines[-1:]] == ["Too few to say"]

    client.force_login(UserFactory(role="owner"))
    page = read(client.get("/insights/cohorts/?unit=quarter"))
    assert "How many have bought again, by the days since" in page
    assert "p-tone-4" in page  # 22 % is from 20 to 40 %
    links = {
        unescape(url): n
        for url, n in re.findall(r'href="(/insights/people/\?[^"]+)">([\d,]+)<', page)
    }
    assert sorted(links.values()) == ["45"]
    for url, n in links.items():
        assert read(client.get(url)).count("data-person") == int(n)
    cell = next(one for one in first.cells[1:] if one)
    assert read(client.get(cell.url)).count("data-person") == 10


def test_repeat_rate_second_order_and_gaps(counted):
    row = Definition.objects.get()
    buyers = again.buyers(row, HORIZON)
    rate = again.repeat_rate(row, HORIZON, buyers)
    assert (rate.count, rate.base, rate.people) == (10, 45, 10)
    second = second_order.second_order(row, HORIZON)
    assert second.value == pytest.approx(10 / 45)
    gaps = again.between_orders(row, HORIZON, {28: 20, 35: 20}, buyers)
    assert (gaps.value, gaps.people, second.people) == (28, 10, 10)
    for one in (rate, second, gaps):
        assert "60 days" in one.how
    drawn = second_order.curve(row, HORIZON)
    assert drawn.figure == second
    cells = {row.label: row.cells[0] for row in drawn.chart.rows}
    assert cells["0 days"].shown.startswith("0")
    assert cells["60 days"].shown == "22\N{NO-BREAK SPACE}%"
    assert "35 at risk" in cells["60 days"].doubt
    assert drawn.chart.rows[-1].label == "360 days"
    assert drawn.at_risk.startswith("At risk: 45 at the start, ")
    assert all(plot.lines[0].band for plot in drawn.chart.plots)


def test_a_mark_fixes_what_is_measured_and_says_after(
    counted, client, django_assert_num_queries
):
    owner = UserFactory(role="owner")
    client.force_login(owner)
    values = {
        "words": "Wrote to everybody", "month": "2025-04-17", "metric": "churn",
        "months": "3",
    }  # fmt: skip
    assert (
        client.post("/insights/marks/new/", {**values, "months": 0}).status_code == 422
    )
    assert client.post("/insights/marks/new/", values).status_code == 303

    with django_assert_num_queries(4):  # however many marks there are
        [row] = mark_rows.rows(Basis.ORDERS, HORIZON)

    assert (row.mark.month, row.mark.made_by) == (date(2025, 4, 1), owner)
    assert (row.before.asked.period.starts_on, row.after.asked.period.ends_on) == (
        date(2025, 1, 1),
        date(2025, 7, 1),
    )
    assert row.sentence.startswith("Churn a month: ")
    assert " after (" in row.sentence
    page = read(client.get("/insights/churn/"))
    assert "Wrote to everybody" in page
    links = set(LINK.findall(page))
    assert links
    for url, shown in links:
        people = read(client.get(unescape(url)))
        assert people.count("data-person") == min(int(shown), 50), url
    assert client.post(f"/insights/marks/{row.mark.pk}/delete/").status_code == 303
    assert not Mark.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        marks.make(
            metric=Metric.CHURN, basis=Basis.ORDERS, month=HORIZON, months=0,
            words="x", by=owner, now=NOW,
        )  # fmt: skip


# What says that one thing made another happen, in whatever words.
CAUSE = re.compile(
    r"\b(because|since you|due to|caus\w+|thanks|led to|owing|made them|so that|"
    r"result\w*|effect\w*|impact\w*|worked|success\w*|saved|brought about)\b",
    re.IGNORECASE,
)


def test_a_mark_says_after_and_never_because_whatever_was_measured(client):
    first, last = date(2024, 1, 1), date(2027, 1, 1)
    spells_in_bulk(
        "contract",
        (800, first, last, 1),
        (100, first, date(2025, 2, 10), 1),
        (20, first, date(2025, 5, 10), 1),
        (20, first, date(2025, 8, 10), 1),
    )
    Definition.objects.update(by_contract=True)
    owner = UserFactory(role="owner")
    for month in (date(2025, 4, 1), date(2025, 7, 1), date(2026, 1, 1)):
        marks.make(
            metric=Metric.CHURN, basis=Basis.CONTRACT, month=month, months=3,
            words="Wrote to everybody", by=owner, now=NOW,
        )  # fmt: skip

    found = mark_rows.rows(Basis.CONTRACT, date(2026, 2, 28))

    said = {
        row.mark.month.month: row.sentence.replace("\N{NO-BREAK SPACE}", " ")
        for row in found
    }
    assert re.sub(r"\([^)]+\)", "()", said[4]) == (
        "Churn a month: 3.5 % before (), 0.8 % after (). This is a change beyond"
        " chance; whether it came of what was done, these figures cannot say."
    )
    assert "1 Jan 2025 to 31 Mar 2025" in said[4]
    assert said[7].endswith(". Not a change beyond chance.")
    assert "not over after (" in said[1]
    client.force_login(owner)
    page = client.get("/insights/churn/?basis=contract")
    shown = read(page)[read(page).index('id="marks"') :].split("</section>")[0]
    assert all(row.sentence in unescape(shown) for row in page.context["marks"])
    assert not CAUSE.search(shown)


def test_a_closed_figure_that_changes_says_by_how_much_and_why(counted, client):
    client.force_login(UserFactory(role="owner"))
    url = "/insights/retention/?unit=quarter&at=2025-04-01"
    counting.keep_up(now=NOW, seconds=30)
    named = {"unit": "quarter", "starts_on": date(2025, 4, 1), "part": ""}
    kept = Published.objects.get(figure="retention", **named)
    assert (kept.base, kept.count) == (15, 10)
    for page in (url, "/insights/cohorts/", "/insights/churn/"):
        assert "came in later" not in read(client.get(page))

    for person in counted[10:13]:
        buy(person, date(2025, 6, 1))
        buy(person, date(2025, 3, 1))
    counting.process_pending()

    page = read(client.get(url))
    said = "on 3 Mar 2026 this was too few to say (10 of 15); now it is"
    assert f"Q2 2025: {said} too few to say (10 of 18)." in page
    assert "6 orders of that time came in later." in page
    for other in ("/insights/cohorts/?unit=quarter", "/insights/churn/", "/insights/"):
        page = read(client.get(other))
        assert "on 3 Mar 2026 this was" in page, other
        assert "of that time came in later." in page, other
    assert "Q1 2025 in Q2 2025: on 3 Mar 2026 this was 22" in unescape(
        read(client.get("/insights/cohorts/?unit=quarter"))
    )
    counting.keep_up(now=NOW + timedelta(days=2), seconds=30)
    kept.refresh_from_db()
    assert kept.count == 10  # what was said stays said


def test_the_overview_opens_its_people_and_files_say_what_the_pages_say(
    counted, client
):
    client.force_login(UserFactory(role="manager"))
    answer = client.get("/insights/")
    figures = answer.context["figures"]
    assert [one.key for one in figures][:5] == [
        *("customers", "retention", "churn", "repeat_rate", "coming"),
    ]
    for one in figures:
        if one.people_url:
            people = read(client.get(one.people_url))
            assert people.count("data-person") == min(one.people, 50), one.key
        assert one.sentence
        assert one.how
        assert one.sentence in unescape(read(answer))
    trends = {one.key: one.trend for one in figures if one.trend}
    assert set(trends) >= {"customers", "retention", "churn", "repeat_rate", "coming"}
    last = trends["customers"].rows[-1].cells[0].shown
    assert int(last) == next(one.people for one in figures if one.key == "customers")
    for page in ("", "retention/", "churn/"):
        text = client.get(f"/insights/{page}?as=csv").content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert len(rows) >= 5, page
        assert client.get(f"/insights/{page}?as=xlsx").content[:2] == b"PK"
    churn_row = next(one for one in figures if one.key == "churn")
    assert rows[0]["sentence"] == churn_row.sentence


def test_costs_and_contracts_that_change_late_say_so(db, client):
    client.force_login(UserFactory(role="owner"))
    Definition.objects.update(by_orders=False, by_contract=True)
    people = CustomerFactory.create_batch(4)
    for one in people[:3]:
        begin(one, date(2025, 11, 3), 10)
    put("Fair", 90, NOW)
    counting.process_pending()
    money.count(now=NOW)
    publish()
    url = "/insights/where-from/?unit=quarter&at=2025-10-01"
    for page in (url, "/insights/money/?months=3"):
        assert "recorded later" not in read(client.get(page))

    begin(people[3], date(2025, 11, 9), 30)
    put("Letters", 150, NOW + timedelta(hours=1))
    counting.process_pending()

    page = read(client.get(url))
    assert "What a new customer costs, Q4 2025: on 3 Mar 2026 this was " in page
    assert "€30.00 (for 3 customers); now it is " in page
    assert "€60.00 (for 4 customers)" in page
    assert "1 change of a contract of that time was recorded later." in page
    assert "1 line of what was spent was written later." in page
    kept = Published.objects.filter(figure="cost", unit="quarter").get()
    assert (kept.count, kept.base, kept.part) == (90, 3, "EUR")
    for wrong in ({"base": 0}, {"figure": "x"}, {"basis": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Published.objects.filter(pk=kept.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Published.objects.filter(figure="retention").update(count=99)


def begin(customer, day, value):
    subscriptions.start(
        customer=customer, plan="Pro", value=Decimal(value), currency="EUR",
        started_on=day, now=NOW,
    )  # fmt: skip


def put(source, amount, at):
    line = SpendInput(source, date(2025, 11, 1), Decimal(amount), "EUR")
    spend.put([line], by=UserFactory(role="owner"), now=at)


def publish():
    publishing.publish(Definition.objects.get(), now=NOW)


def test_revenue_and_scores_that_change_late_say_by_how_much():
    """As pages say it, of what is kept of them."""
    was = Published(
        figure="revenue", basis="orders", unit="year", part="EUR", count=90, base=100,
        starts_on=date(2025, 3, 1), published_at=NOW, last_order=0, last_change=0,
    )  # fmt: skip
    one = closed.Figure(
        closed.Closed.REVENUE, "orders", "year", date(2025, 3, 1), date(2026, 3, 1),
        "EUR", lambda: "Net revenue retention", Decimal(80), Decimal(100),
    )  # fmt: skip
    assert "90\N{NO-BREAK SPACE}% (€90.00 of €100.00); now it is 80" in late.line(
        was, one
    )
    score = replace(one, figure=closed.Closed.SCORE, basis="", count=Decimal(20))
    assert "+90 (100 answers); now it is +20 (100 answers)" in late.line(was, score)


def test_what_ends_today_is_kept_tomorrow_and_changes_of_today_are_not_late(db):
    last = date(2026, 2, 28)
    at = datetime(2026, 2, 28, 9, tzinfo=UTC)
    person = CustomerFactory()
    buy(person, date(2025, 6, 1), last)
    counting.process_pending()
    kept = Published.objects.filter(figure="retention", unit="month", base__gt=0)

    publishing.publish(Definition.objects.get(), now=at)
    assert kept.latest("starts_on").starts_on == date(2026, 1, 1)
    publishing.publish(Definition.objects.get(), now=at + timedelta(days=1))
    assert kept.latest("starts_on").starts_on == date(2026, 2, 1)


def test_whoever_is_new_by_a_late_order_changes_the_share_of_the_others(client):
    """What the others bring is as it was, so their retention says nothing of it."""
    client.force_login(UserFactory(role="owner"))
    people = CustomerFactory.create_batch(31)
    for person in people[:30]:
        buy(person, date(2024, 1, 5), date(2025, 4, 5))
    buy(people[0], date(2025, 5, 5))
    counting.process_pending()
    counting.whole_slice(now=NOW)
    money.count(now=NOW)
    publish()

    buy(people[30], date(2025, 4, 6), quantity=30)
    counting.process_pending()

    for page in ("/insights/", "/insights/money/"):
        said = read(client.get(page)).replace("\N{NO-BREAK SPACE}", " ")
        assert (
            "on 3 Mar 2026 this was 100 % (€270.00 of €270.00); now it is 50 %"
            " (€270.00 of €540.00)."
        ) in said, page
        assert "1 order of that time came in later." in said


@pytest.mark.parametrize(
    "address",
    [
        "/insights/churn/?unit=span&last=9999-12-31",
        "/insights/retention/?unit=span&first=0001-01-01&than=before",
        "/insights/people/?group=end&basis=orders&first=2026-01-01&last=9999-12-31",
    ],
)
def test_days_at_the_end_of_the_calendar_are_no_error(counted, client, address):
    client.force_login(UserFactory(role="owner"))

    assert client.get(address).status_code in (200, 404)


def test_scores_are_kept_before_there_is_an_order(db):
    survey = SurveyFactory(kind="nps")
    for number in range(30):
        ResponseFactory(survey=survey, first_at=NOW, score=10 if number else 3)

    publishing.publish(Definition.objects.get(), now=NOW + timedelta(days=60))

    kept = Published.objects.filter(figure="score", unit="month")
    assert [(row.count, row.base) for row in kept] == [(28, 30)]


def test_cohorts_of_a_group_count_its_people_alone_and_open_them(counted, client):
    ids = [one.pk for one in counted[:32]]
    Customer.objects.filter(pk__in=ids).update(country="IL")
    counting.count_all()
    first = date(2025, 1, 1)

    found = cohorts.of_group("quarter", HORIZON, "country", "IL", today=NOW.date())

    assert found.people[first, first] == 32
    assert found.people[first, date(2025, 4, 1)] == 10
    client.force_login(UserFactory(role="owner"))
    page = client.get("/insights/cohorts/?unit=quarter&by=country&value=IL")
    table, compared = page.context["table"], page.context["compared"]
    assert [line.size for line in table.lines] == [32]
    for url in (table.lines[0].url, table.lines[0].cells[1].url, table.means[1].url):
        assert "by=country&value=IL" in url
    for url, people in ((table.lines[0].url, 32), (table.means[1].url, 10)):
        assert read(client.get(url)).count("data-person") == people
    # One group is beside everybody: both are of the same people.
    assert (compared.first, compared.second) == ("Everybody", "Israel")
    assert compared.note
    assert [row.first.title for row in compared.rows][:2] == [
        "First bought then", "1 quarter later",
    ]  # fmt: skip
    assert "Only <bdi>Israel</bdi>" in read(page)
    [size, *_] = (
        client.get("/insights/cohorts/?unit=quarter&by=country&value=IL&other=-")
        .context["compared"]
        .rows
    )
    assert [size.first.people, size.second.people] == [32, 13]


def test_an_order_of_days_to_come_makes_nobody_come_back(counted, client):
    buy(counted[39], HORIZON + timedelta(days=1))
    counting.count_all()

    row, since = Definition.objects.get(), date(2025, 1, 1)
    yesterday = HORIZON - timedelta(days=1)
    rate = again.repeat_rate(row, yesterday, again.buyers(row, yesterday))

    assert (rate.count, rate.base, rate.people) == (10, 45, 10)
    assert again.by_quarter(row, since, yesterday) == {since: (45, 10)}
    client.force_login(UserFactory(role="owner"))
    assert read(client.get(rate.people_url)).count("data-person") == 10
