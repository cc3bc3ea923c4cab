"""What every page of Insights promises, read off the pages themselves."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest

from crm.models import CoreMark
from insights import money_words
from insights.choices import Basis, Metric
from insights.comparison import _between
from insights.metrics import periods
from insights.metrics.difference import of_repeated
from insights.metrics.movement import Both, change_of_shares
from insights.models import Buyer, Definition, StaleCustomer
from insights.selectors import churn, cohorts, overview, retention
from insights.selectors import marks as mark_rows
from insights.selectors.asked import Asked
from insights.services import counting, marks
from tests.factories import CustomerFactory, UserFactory
from tests.insights.conftest import NOW, buy
from tests.insights.test_retention import spells_in_bulk
from tests.pages import read
from web.rules.movement import Moved, movements

pytestmark = pytest.mark.django_db

YEARS_AGO, LATER = date(2023, 1, 1), date(2027, 1, 1)
# Three days into a month of March: it is not over, nor is its quarter.
TODAY = NOW.date()


@pytest.fixture
def contracts(client, time_machine):
    """Of 200, 60 leave in the quarter that is not over, and 20 in the one before; by
    contract each day is known until yesterday."""
    time_machine.move_to(NOW, tick=False)
    spells_in_bulk(
        "contract",
        (120, YEARS_AGO, LATER, 1),
        (60, YEARS_AGO, date(2026, 2, 20), 1),
        (20, YEARS_AGO, date(2025, 11, 20), 1),
    )
    Definition.objects.update(by_contract=True, by_orders=False)
    client.force_login(UserFactory(role="owner"))


def hatched(page, tag):
    """Those elements of a page that are drawn as not over, without their tags."""
    found = re.findall(
        rf"<{tag}\b[^>]*\bp-not-over\b[^>]*>.*?</{tag}>", page, re.DOTALL
    )
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found]


@pytest.mark.usefixtures("contracts")
def test_a_time_that_is_not_over_is_hatched_and_compared_with_nothing(client):
    page = read(client.get("/insights/retention/?unit=quarter&at=2026-01-01"))

    [row] = hatched(page, "tr")
    assert row.startswith("Q1 2026 (not over)")
    [figure] = hatched(page, "section")
    assert "compared with nothing" in figure
    for said in ("Lower than", "Higher than", "beyond chance"):
        assert said not in figure
    # The same numbers are named once the quarter is over.
    asked = Asked(Basis.CONTRACT, periods.containing(date(2026, 1, 1), "quarter"))
    both = [asked.at(periods.before(asked.period)), asked]
    for day, moved in ((TODAY, Moved.UNKNOWN), (LATER, Moved.DOWN)):
        before, row = (
            retention.row_of(one, "", horizon=day, today=TODAY) for one in both
        )
        change = retention.change(row, before, today=TODAY)
        assert movements({"it": change})["it"] is moved
    [row] = hatched(read(client.get("/insights/churn/")), "tr")
    assert row.startswith("Mar 2026 (not over)")
    whole = read(client.get("/insights/retention/?unit=quarter&at=2025-10-01"))
    assert hatched(whole, "section") == []


@pytest.mark.usefixtures("contracts")
def test_where_from_answers_nothing_of_a_time_that_is_not_over(client):
    page = client.get("/insights/where-from/?unit=quarter&at=2026-01-01")
    answers = {answer for _question, answer in page.context["questions"]}
    assert answers == {"This time is not over yet."}
    assert len(hatched(read(page), "section")) == 2

    page = client.get("/insights/where-from/?unit=quarter&at=2025-10-01")
    answers = [answer for _question, answer in page.context["questions"]]
    assert answers[1] == "No: 6.6 left a month, and only 0 came."
    assert hatched(read(page), "section") == []
    # Who came back was gained, too, as on the first page.
    spells_in_bulk(
        "contract",
        (3, date(2025, 10, 1), LATER, 1),
        (18, date(2025, 11, 5), LATER, 2),
    )
    page = client.get("/insights/where-from/?unit=quarter&at=2025-10-01")
    answers = [answer for _question, answer in page.context["questions"]]
    assert answers[:2] == [
        "6.9 a month, 21 in all: 3 for the first time, and 18 who came back.",
        "Yes: 6.6 left a month, and 6.9 came.",
    ]
    listed = read(client.get(page.context["came_url"]))
    assert listed.count("data-person") == 21


def test_cells_of_cohorts_that_are_not_over_are_hatched_each(client, time_machine):
    time_machine.move_to(NOW, tick=False)
    Definition.objects.update(days=60)
    for month in (1, 4, 7):
        people = CustomerFactory.create_batch(31)
        Buyer.objects.bulk_create(
            Buyer(customer=one, days=[date(2025, month, 5), date(2026, 2, 9)])
            for one in people
        )
    spells_in_bulk("orders", (1, date(2026, 2, 9), date(2026, 4, 10), 1))
    client.force_login(UserFactory(role="owner"))

    page = read(client.get("/insights/cohorts/?unit=quarter"))

    # Each of the three lines ends with the first quarter of 2026.
    assert len(hatched(page, "td")) == 3
    assert all(one.startswith("100") for one in hatched(page, "td"))
    found = cohorts.cohorts_of("quarter", date(2026, 2, 9))
    shown = [mean.value for mean in found.means()]
    assert shown == [1.0, 0.0, 0.0, 0.0]  # nowhere what is not over


@pytest.mark.usefixtures("contracts")
def test_who_is_in_both_times_is_one_cluster_also_where_a_page_compares(client):
    spells_in_bulk(
        "contract",
        (30, YEARS_AGO, date(2025, 8, 10), 1),
        (40, date(2025, 8, 1), date(2025, 11, 3), 1),
    )
    asked = Asked(Basis.CONTRACT, periods.containing(date(2025, 10, 1), "quarter"))
    both = [asked.at(periods.before(asked.period)), asked]
    before, row = (
        retention.row_of(one, "", horizon=TODAY, today=TODAY) for one in both
    )

    change = retention.change(row, before, today=TODAY)

    known = Both(base=200, in_both=180, in_earlier=200, in_later=180)
    assert change == change_of_shares(before.share, row.share, known)
    assert change != change_of_shares(before.share, row.share)
    query = "unit=quarter&at=2025-10-01&than=2025-07-01"
    found = client.get(f"/insights/retention/?{query}").context["compared"]
    [rate, *_numbers] = found.rows
    sides = before.share, row.share
    assert rate.doubt == _between(of_repeated(*sides, known), rate.first)
    assert rate.doubt != _between(of_repeated(*sides, Both()), rate.first)


@pytest.mark.usefixtures("contracts")
def test_of_many_marks_one_that_alone_would_have_moved_is_chance(client):
    """Nine quiet times beside one: a page may name one of twenty wrongly, not each."""
    spells_in_bulk(
        "contract",
        (6, YEARS_AGO, date(2025, 2, 10), 1),
        (800, YEARS_AGO, LATER, 1),
    )
    owner = UserFactory(role="owner")
    for month in (2, *([6] * 9)):
        marks.make(
            metric=Metric.CHURN, basis=Basis.CONTRACT, month=date(2025, month, 1),
            months=1, words="Wrote", by=owner, now=NOW,
        )  # fmt: skip

    rows = mark_rows.rows(Basis.CONTRACT, TODAY)
    page = client.get("/insights/churn/").context["marks"]

    for found in (rows, page):
        [alone] = [one for one in found if one.mark.month.month == 2]
        assert 0.005 < alone.change.p < 0.05
        assert movements({"alone": alone.change})["alone"] is Moved.UP
        assert {one.moved for one in found} == {Moved.BY_CHANCE}


def test_what_a_churn_adds_up_to_is_said_with_stay_and_half_life():
    """2 % a month: an average stay of 50 months, and half are gone after 34."""
    [said] = churn.adds_up(churn.metrics.churn_a_month(1000, 120))

    assert said.replace("\N{NO-BREAK SPACE}", " ") == (
        "If that goes on, 11 % are gone after six months and 22 % after twelve: each"
        " month fewer are left to leave. A customer then stays for 50 months on"
        " average; half are gone after 34."
    )
    assert churn.adds_up(churn.metrics.churn_a_month(1000, 0)) == []


PAGES = (
    *("", "retention/", "cohorts/", "churn/", "money/", "signals/", "where-from/"),
    *("save-list/", "people/?group=end&basis=orders&first=2026-03-01&last=2026-03-02"),
)


def test_a_page_on_old_summaries_says_how_old(client, time_machine):
    time_machine.move_to(NOW, tick=False)
    person = CustomerFactory()
    buy(person, date(2026, 2, 1))
    counting.process_pending()
    Definition.objects.update(counted_at=NOW)
    client.force_login(UserFactory(role="owner"))
    mark = StaleCustomer.objects.create(customer=person, marked_at=NOW)
    for page in PAGES:
        assert "These figures are old" not in read(client.get(f"/insights/{page}"))

    mark.marked_at = NOW - timedelta(minutes=90)
    mark.save()

    for page in PAGES:
        said = " ".join(read(client.get(f"/insights/{page}")).split())
        assert "changes of 1 customer have waited to be counted since 3 Mar, 1" in said


@pytest.mark.usefixtures("contracts")
def test_who_came_for_each_who_left_are_new_and_back(client):
    spells_in_bulk(
        "contract",
        (3, date(2025, 10, 1), LATER, 1),
        (4, date(2025, 11, 5), LATER, 2),
        (5, date(2025, 11, 5), date(2025, 12, 5), 2),
    )

    shown = overview.coming(Definition.objects.get(), Basis.CONTRACT, TODAY)

    assert (shown.count, shown.people) == (7, 7)
    assert shown.sentence.startswith("3 came for the first time and 4 came back; 20")
    people = read(client.get(shown.people_url))
    assert people.count("data-person") == 7
    assert "Came for the first time, or came back" in people


def test_the_core_says_when_it_was_counted(client, time_machine):
    time_machine.move_to(NOW, tick=False)
    at = datetime(2026, 3, 3, 11, 20, tzinfo=UTC)
    mark = CoreMark(currency="EUR", least=9, people=3, of_people=40, counted_at=at)

    assert "the last time on 3 Mar, 1" in unescape(money_words.core_counted(mark))


def test_a_shop_whose_first_orders_wait_is_not_told_that_nobody_bought(client):
    buy(CustomerFactory(), date(2026, 2, 1))
    client.force_login(UserFactory(role="owner"))
    for counted_at in (None, NOW):
        Definition.objects.update(counted_at=counted_at)
        for page in ("", "retention/", "cohorts/", "churn/", "signals/", "where-from/"):
            said = read(client.get(f"/insights/{page}"))
            assert "The first figures are being counted" in said, page
            assert "Nobody has bought" not in said, page

    counting.process_pending()

    assert "The first figures" not in read(client.get("/insights/"))


def test_what_ends_today_is_not_over_and_who_buys_today_has_bought(
    client, time_machine
):
    """Of today more may come; it is kept, and compared, from tomorrow on."""
    evening = datetime(2026, 2, 28, 18, tzinfo=UTC)
    time_machine.move_to(evening, tick=False)
    people = CustomerFactory.create_batch(31)
    for person in people:
        buy(person, date(2025, 11, 1), date(2026, 2, 28))
    counting.process_pending()
    client.force_login(UserFactory(role="owner"))

    page = client.get("/insights/retention/?unit=month")

    assert page.context["asked"].period.starts_on == date(2026, 1, 1)
    [row] = hatched(read(page), "tr")
    assert row.startswith("Feb 2026 (not over)")
    rate = client.get("/insights/cohorts/").context["figures"][0]
    assert (rate.key, rate.count, rate.people) == ("repeat_rate", 31, 31)
    assert read(client.get(rate.people_url)).count("data-person") == 31
