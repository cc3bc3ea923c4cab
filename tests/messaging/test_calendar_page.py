"""The calendar of contacts: what stands on its page, and what it is read from."""

import re
from datetime import date
from html import escape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Business
from messaging.models import Automation, Forecast
from messaging.selectors.forecasts import kept
from messaging.services import forecast_upkeep
from tests.factories import CustomerFactory, UserFactory
from tests.messaging.dated_kinds import dated_kinds
from tests.messaging.forecast_shop import HOUR, NOW, due, switch_on_all
from tests.pages import shown


@pytest.fixture
def kinds(db):
    with dated_kinds():
        switch_on_all()
        yield


@pytest.fixture
def owner(client, kinds):
    client.force_login(UserFactory(role="owner"))
    with time_machine.travel(NOW, tick=False):
        yield client


def test_the_name_of_an_automation_is_text_wherever_it_stands(owner):
    name = '<b>R&D</b> "7"'
    Automation.objects.filter(kind="thanks").update(name=name)
    due(CustomerFactory(), "thanks", 3)
    forecast_upkeep.look_ahead(now=NOW)

    page = owner.get("/calendar/").content.decode()

    assert name not in page
    # In the table of sums and on its day: shown, and told to a screen reader.
    assert page.count(f"<bdi>{escape(name)}</bdi>") == 2
    assert len(re.findall(f'aria-label="{re.escape(escape(name))}, ', page)) == 2


def test_days_say_their_feasts_and_which_of_them_are_free(owner):
    Business.objects.update(country="GB")
    due(CustomerFactory(), "thanks", 3)
    forecast_upkeep.look_ahead(now=NOW)

    days = _days(owner.get("/calendar/").content.decode())

    free = [on for on, html in days.items() if "p-cal-free" in html]
    busy = [on for on, html in days.items() if "p-cal-n" in html]
    assert len(days) == 60
    assert len(busy) == 1
    assert sorted([*free, *busy]) == sorted(days)
    assert [on for on, html in days.items() if "p-cal-today" in html] == [NOW.date()]
    feasts = [on for on, html in days.items() if "p-cal-feast" in html]
    assert feasts
    assert all("<bdi>" in days[on] for on in feasts)


def test_nothing_to_come_is_kept_too_and_not_worked_out_by_the_page(owner):
    Automation.objects.update(is_on=False)
    assert forecast_upkeep.look_ahead(now=NOW) == 1

    with (
        time_machine.travel(NOW + HOUR * 0.9, tick=False),
        CaptureQueriesContext(connection) as asked,
    ):
        page = shown(owner, "/calendar/")

    assert "No mail is coming." in page
    assert not any("forecast_mail" in query["sql"] for query in asked.captured_queries)
    # Without what was kept it would have been worked out, and taken back.
    Forecast.objects.all().delete()
    with kept(None, now=NOW) as look:
        assert look.is_live


def _days(page):
    """HTML of each day of the calendar."""
    items = page.split('<li class="p-cal-day')[1:]
    found = (re.search(r'datetime="([^"]+)"', item)[1] for item in items)
    return {date.fromisoformat(on): item for on, item in zip(found, items, strict=True)}
