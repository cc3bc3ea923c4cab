"""What counts as a customer: proposed from the shop's orders, decided once, named."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from crm.models import AuditEntry, Job
from crm.services import jobs
from insights.choices import Basis
from insights.models import Definition, Spell
from insights.selectors import definition as selectors
from insights.selectors import gap_curve
from insights.services import counting
from insights.services.definition import decide
from tests.committed import uncommitted_rows
from tests.factories import CustomerFactory, UserFactory
from tests.insights.conftest import NOW, buy, kept_cells, spells_of
from tests.pages import read
from web.errors import StaleVersion

pytestmark = pytest.mark.django_db

FIRST = date(2024, 1, 1)
URL = "/insights/definition/"


def test_too_few_orders_propose_nothing(db, client):
    client.force_login(UserFactory(role="analyst"))
    buy(CustomerFactory(), FIRST, FIRST + timedelta(3))
    counting.process_pending()

    assert gap_curve.curve(Definition.objects.get()).days is None
    shown = read(client.get(URL))
    assert "Not enough orders yet" in shown
    assert "Save and count anew" not in shown
    assert client.post(URL, {}).status_code == 403


def test_the_database_and_the_form_refuse_what_counts_nobody(db, client):
    client.force_login(UserFactory(role="manager"))
    answer = client.post(URL, {"version": 1, "days": 6})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "else nobody is a customer" in shown
    assert "from 7 to 1825" in shown
    for changes in ({"by_orders": False}, {"days": 6}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Definition.objects.update(**changes)


def test_an_order_of_days_to_come_says_nothing_about_them(db):
    today = date(2026, 11, 21)
    last = today + timedelta(400)
    Spell.objects.create(
        customer=CustomerFactory(),
        basis="orders",
        number=1,
        starts_on=today,
        ends_on=last,
    )
    row = Definition(days=30)

    yesterday = today - timedelta(1)
    assert selectors.horizon(row, Basis.ORDERS, today=today) == yesterday


@pytest.fixture(scope="module")
def regulars(django_db_setup, django_db_blocker):
    """31 people who come back after 10, 20 ... 310 days."""
    with uncommitted_rows(django_db_blocker):
        people = CustomerFactory.create_batch(31)
        for at, person in enumerate(people, start=1):
            buy(person, FIRST, FIRST + timedelta(10 * at))
        counting.process_pending()
        yield people


def test_nine_of_ten_repeated_orders_came_within_the_proposed_days(regulars):
    assert selectors.gap_counts() == {10 * at: 1 for at in range(1, 32)}

    found = gap_curve.curve(Definition.objects.get())

    assert (found.orders, found.days, found.within) == (31, 280, 1.0)
    shares = {row.label: row.cells[0].shown for row in found.chart.rows}
    assert shares["90 days"] == "29 %".replace(" ", "\N{NO-BREAK SPACE}")
    assert selectors.horizon(
        Definition.objects.get(), selectors.Basis.ORDERS, today=NOW.date()
    ) == FIRST + timedelta(310)


def test_a_new_choice_counts_everybody_anew_in_a_job(regulars, client):
    owner = UserFactory(role="owner")
    client.force_login(owner)
    counting.count_all()
    values = {"version": 1, "by_orders": "on", "days": 100}

    assert client.post(URL, values).status_code == 303

    row = Definition.objects.get()
    assert (row.days, row.version, row.decided_by) == (100, 2, owner)
    assert AuditEntry.objects.get(action="insights.decided").fields == ["days"]
    assert "being counted anew" in read(client.get(URL))
    while jobs.work(now=NOW, seconds=5).is_unfinished:
        pass
    assert Job.objects.get().state == "done"
    assert Definition.objects.get().counted_at == NOW
    for at, person in enumerate(regulars, start=1):
        spells = Spell.objects.filter(customer=person).order_by("number")
        assert [(s.starts_on, s.ends_on) for s in spells] == spells_of(
            [FIRST, FIRST + timedelta(10 * at)], within=100
        )
    assert sum(n.get("back", 0) for n in kept_cells().values()) == 4 * 21
    # What somebody else changed in between is not written over.
    assert client.post(URL, values).status_code == 422
    with pytest.raises(StaleVersion):
        decide(by_orders=True, days=9, by_contract=False, version=1, by=owner, now=NOW)
    assert client.post(URL, {**values, "version": 2}).status_code == 303
    assert Job.objects.count() == 1  # nothing changed, nothing is counted
