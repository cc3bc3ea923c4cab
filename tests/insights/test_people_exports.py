"""Every list of people behind a figure can be taken along, by whoever may."""

from datetime import date

import pytest

from crm import datasets
from crm.access import Capability
from crm.models import AuditEntry
from insights.models import Definition
from insights.selectors import again, cohorts, money, second_order
from insights.services import counting
from loyalty.choices import ProgrammeKind, Unit
from loyalty.services.programmes import programmes
from tests.crm.exporting import content as content_of
from tests.crm.exporting import exported, rows_of
from tests.crm.test_job_pages import browser, file_of
from tests.insights.test_money import NOW, shop
from tests.insights.test_reports import with_lines
from tests.pages import read

pytestmark = pytest.mark.django_db
HORIZON = date(2026, 1, 10)

__all__ = ["shop"]


@pytest.fixture
def counted(shop, time_machine):
    time_machine.move_to(NOW, tick=False)
    with_lines()
    counting.count_all()
    return shop


@pytest.mark.usefixtures("counted")
def test_the_people_behind_a_figure_are_in_its_file_as_many_as_it_says():
    owner, row = browser(), Definition.objects.get()
    second = second_order.second_order(row, HORIZON)
    means = [
        one
        for one in again.cells(row, cohorts.cohorts_of("year", HORIZON))
        if ".mean." in one.key and one.people
    ]
    assert (second.people, len(means)) == (0, 3)

    for one in (again.repeat_rate(row, HORIZON, again.buyers(row, HORIZON)), means[1]):
        lines = file_of(owner, one.people_url, reason="To call them")
        assert len({line["customer_id"] for line in lines}) == one.people > 0

    asked = AuditEntry.objects.filter(action="export.asked").latest("pk")
    assert asked.fields == ["figure-people"]
    # Whoever is a customer now, where an address asks for nobody.
    assert len(file_of(owner, "/insights/people/", reason="All")) > 50


@pytest.mark.usefixtures("counted")
def test_the_file_of_a_figure_of_money_says_what_its_list_says():
    owner = browser()
    found = {one.key: one for one in money.currencies()[0].figures}

    more = file_of(owner, found["expansion"].people_url)
    core = file_of(owner, found["core"].people_url)

    assert len(more) == found["expansion"].people == 40
    gained = [float(line["now"]) - float(line["then"]) for line in more]
    assert sum(gained) == found["expansion"].value
    assert len(core) == found["core"].people
    assert {line["currency"] for line in core} == {"GBP"}
    assert all(float(line["now"]) >= 100 for line in core)


@pytest.mark.usefixtures("counted")
def test_a_list_of_a_programme_is_exported_and_none_without_the_right():
    row = programmes.create(
        kind=ProgrammeKind.POINTS, unit=Unit.POINTS, values={"name": "Points"}, now=NOW
    )
    page = f"/insights/programmes/{row.pk}/people/?what=other&days=365"
    owner = browser()

    shown = owner.get(page).context["page"].count

    assert len(file_of(owner, page)) == shown > 0
    for role in ("analyst", "marketer"):
        other = browser(role)
        for url in (page, "/insights/people/", "/insights/money/people/"):
            assert "/exports/new/" not in read(other.get(url))
        assert other.get("/exports/new/?of=figure-people").status_code == 403


def test_such_a_list_is_offered_on_its_page_alone_and_asks_for_the_rights_of_it():
    offered = {one.name for one in datasets.all_for(browser().user)}
    lists = [one for one in datasets.all_datasets() if one.is_of_a_list]
    # Of whoever asks: nobody else's rows are in them.
    own = [one for one in lists if "whose" in one.takes()]
    of_people = [one for one in lists if one not in own]

    assert not offered & {one.name for one in lists}
    assert [one.name for one in own] == ["jobs", "drafts", "notices"]
    assert [one.name for one in of_people] == [
        *("figure-people", "money-people", "programme-people"),
        *("reorder-people", "forecast-people"),
    ]
    for one in of_people:
        assert Capability.SEE_CUSTOMERS in one.needs
        assert one.order > 90 or Capability.SEE_NOTES in one.needs
        assert not rows_of(content_of(exported(one.name, format_name="xlsx")))
