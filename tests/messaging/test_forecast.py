"""The forecast: what planning plans and the claim decides, worked out before."""

import re
from collections import Counter
from datetime import UTC, datetime
from html import escape, unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import time_machine
from django.db import connection
from psycopg.sql import SQL

from crm import datasets
from loyalty.kinds.feasts import FeastGreeting
from messaging.models import (
    Automation,
    BudgetRule,
    Forecast,
    ForecastDay,
    ForecastMark,
    ForecastPerson,
    Message,
)
from messaging.rules.choices import Category
from messaging.rules.outlook import look_ahead
from messaging.selectors.forecasts import coming, kept
from messaging.services import (
    automations,
    consent,
    delivery,
    forecast,
    forecast_mails,
    forecast_simulation,
    forecast_upkeep,
    holds,
    pauses,
    permission,
    planning,
)
from messaging.sql import forecast_everybody
from tests.factories import (
    AutomationFactory,
    CustomerFactory,
    MessageFactory,
    UserFactory,
)
from tests.messaging.dated_kinds import KINDS, dated_kinds
from tests.messaging.forecast_shop import (
    DAY,
    HOUR,
    NOW,
    crowds,
    due,
    in_israel,
    random_shop,
    sent,
    switch_on_all,
    worked_out,
)
from tests.pages import cell, read, shown


@pytest.fixture
def kinds(db):
    with dated_kinds():
        switch_on_all()
        yield


def key_of(message):
    return message.customer_id, message.kind, message.expires_at


# --- A shop with everybody in it -----------------------------------------------------


def test_refusals_in_sets_are_those_of_the_claim(kinds):
    """Each mail asked by itself, as the claim would ask, where nothing is full."""
    BudgetRule.objects.all().delete()
    random_shop(1, days=12)

    found = worked_out()

    # Another record's mail of the day counts only where the mails follow one another.
    alone = {key: row for key, row in found.items() if row[1] != "same_address"}
    planning.sweep(now=NOW + 12 * DAY, kinds=[kind.name for kind in KINDS])
    messages = list(Message.objects.filter(state="planned").select_related("customer"))
    facts = permission.facts(messages, now=NOW)
    expected = {}
    for message in messages:
        look = look_ahead(facts[message.pk], message.not_before)
        expected[key_of(message)] = look.reason.code if look.reason else ""
    assert len(found) > 60
    assert set(found) >= set(expected)
    assert {key: code for key, (_, code, _) in alone.items() if key in expected} == {
        key: code for key, code in expected.items() if key in alone
    }
    codes = Counter(code for _, code, _ in found.values())
    # Whom the lot meets hangs on ids, and so does who is left to have a day off.
    assert {
        "", "no_address", "bounced", "complained", "opted_out", "no_consent",
        "is_staff", "on_hold",
    } <= set(codes)  # fmt: skip


@pytest.mark.slow
def test_the_real_pipeline_sends_what_was_foreseen(kinds):
    """Every hour at which anything may go, swept and delivered, until all is over;
    nothing else happens. The limits are those that a shop starts with."""
    random_shop(3, days=24)
    found = worked_out()
    names = [kind.name for kind in KINDS]

    for days in range(35):
        for hour in (6, 7, 8, 9):
            at = NOW.replace(hour=hour) + days * DAY
            planning.sweep(now=at, kinds=names)
            delivery.deliver(now=at)

    became = {}
    for row in Message.objects.filter(planned_at__gte=NOW):
        if row.state == "sent":
            became[key_of(row)] = row.counted_at
        else:
            became[key_of(row)] = (row.state, row.reason_code)
    assert len(became) > 60
    assert {key: _as_message(*row) for key, row in found.items() if key in became} == (
        became
    )
    # Planning leaves out whoever gives no ground; nobody else is missing.
    missing = [row for key, row in found.items() if key not in became]
    assert {(decision, code) for decision, code, _ in missing} <= {
        ("refused", "no_ground"),
    }
    decisions = Counter(decision for decision, *_ in found.values())
    assert min(decisions[one] for one in ("goes", "waits", "lapses", "refused")) > 5


def _as_message(decision, code, goes_at):
    if decision in ("goes", "waits"):
        return goes_at
    return ("suppressed" if decision == "refused" else "expired", code)


def test_people_who_fare_alike_are_played_through_once(kinds, monkeypatch):
    """And each gets what they would get if they were played through themselves."""
    BudgetRule.objects.all().delete()
    BudgetRule.objects.create(
        categories=["survey", "loyalty"], max_count=2, window_days=8
    )
    crowds()
    played = []
    simulate = forecast_simulation.simulate
    monkeypatch.setattr(
        forecast_simulation,
        "simulate",
        lambda mails, now: played.append(len(mails)) or simulate(mails, now),
    )

    found = worked_out()
    together, played[:] = len(played), []
    everybody = forecast_everybody._EVERYBODY.as_string()
    alone = SQL(everybody.replace("whom.alike)", "whom.alike, c.id)"))
    monkeypatch.setattr(forecast_everybody, "_EVERYBODY", alone)

    assert worked_out() == found
    assert 7 <= together <= 25
    assert len(played) == 56
    assert {"goes", "waits", "refused"} <= {one for one, *_ in found.values()}


def test_nobody_is_looked_at_twice_whose_number_stayed_what_it_was(kinds, monkeypatch):
    """And a look at the others alone finds what a look at everybody finds."""
    everybody = random_shop(2, days=30)
    crowds()
    first = worked_out()
    played = []
    simulate = forecast_simulation.simulate
    monkeypatch.setattr(
        forecast_simulation,
        "simulate",
        lambda mails, now: played.append(len(mails)) or simulate(mails, now),
    )
    consent.withdraw(everybody[1], categories={Category.LOYALTY}, how="staff", now=NOW)
    sent(everybody[2], "asks", Category.SURVEY.value, 3)
    due(everybody[3], "thanks", 7)
    holds.place(
        everybody[4], categories={Category.SURVEY}, reason="open_complaint",
        source_key="c:2", now=NOW,
    )  # fmt: skip

    again = worked_out(NOW + HOUR, again=True)
    looked_at, played[:] = len(played), []

    assert worked_out(NOW + HOUR) == again != first
    assert looked_at < len(played)

    # With other settings all of it is looked at.
    BudgetRule.objects.update(max_count=1)
    again = worked_out(NOW + HOUR, again=True)
    assert worked_out(NOW + HOUR) == again


def days_of(automation):
    rows = ForecastDay.objects.filter(forecast__automation=automation)
    return set(
        rows.values_list(
            "automation", "day", "decision", "reason_code", "goes_on", "mails"
        )
    )


def test_what_goes_to_everybody_is_looked_at_once_for_all_who_fare_alike(
    kinds, monkeypatch
):
    """And each gets what they would get if it were theirs alone; the same beside."""
    random_shop(5, days=50)
    some = [CustomerFactory(time_zone="UTC", country="IL") for _ in range(9)]
    told = {
        "kind": "new_year", "life_days": 3, "send_hour": 9,
        "switched_on_at": NOW - DAY,
    }  # fmt: skip
    AutomationFactory(name="all", priority=55, **told)
    Automation.objects.create(
        name="some", audience=in_israel(), priority=40, is_on=True, **told
    )
    MessageFactory(
        customer=some[0], kind="new_year", occurrence="2027", category="loyalty",
        state="sent", counted_at=NOW - 50 * DAY, final_at=NOW - 50 * DAY,
    )  # fmt: skip

    def everything():
        found = worked_out()
        forecast.work_out(offers, now=NOW)
        forecast.work_out(lunar, now=NOW)
        return found, days_of(offers), days_of(lunar)

    Automation.objects.filter(kind="offers").update(is_on=False)
    offers = Automation.objects.get(kind="offers")
    lunar = AutomationFactory(
        kind="orthodox_easter", name="off", life_days=3, priority=20, send_hour=9,
        is_on=False, offset_days=-122,
    )  # fmt: skip

    together = everything()
    plan = ForecastPerson.objects.filter(forecast__automation=None)
    numbers = dict(plan.filter(customer__in=some).values_list("customer", "alike"))
    monkeypatch.setattr(FeastGreeting, "due_to_all", lambda *_: None)

    alone, beside, wished = everything()
    assert alone == together[0]
    assert beside ^ together[1] == set()
    assert wished ^ together[2] == set()
    # The first has got it; the others are one number.
    assert set(numbers) == {one.pk for one in some[1:]}
    assert len(set(numbers.values())) == 1
    assert {on for on, *_ in wished} > {lunar.pk}


def test_what_pairs_otherwise_is_not_alike(kinds):
    """Two mails on each other's days, and two words for each other's mail."""
    Automation.objects.filter(kind="asks").update(life_days=7)
    ways = [("thanks", "asks"), ("asks", "thanks"), ("thanks", "asks")]
    numbers = []
    for first, second in ways:
        one = CustomerFactory(time_zone="UTC")
        due(one, first, 5)
        due(one, second, 9)
        numbers.append(one.pk)
    for way in ways:
        one = CustomerFactory(time_zone="UTC")
        due(one, "thanks", 20)
        for change, kind in zip((consent.grant, consent.withdraw), way, strict=True):
            category = {"thanks": Category.LOYALTY, "asks": Category.SURVEY}[kind]
            more = {"source_text": "Said yes"} if change is consent.grant else {}
            change(one, categories={category}, how="staff", now=NOW, **more)
        numbers.append(one.pk)

    worked_out()

    alike = dict(ForecastPerson.objects.values_list("customer", "alike"))
    a, b, also_a, c, d, also_c = (alike[pk] for pk in numbers)
    assert (a, c) == (also_a, also_c)
    assert len({a, b, c, d}) == 4


@pytest.mark.parametrize("seed", [6, 7])
def test_mails_counted_by_their_day_become_what_each_written_down_becomes(
    kinds, monkeypatch, seed
):
    """Also where one of them waits already, and in a look at the others alone."""
    everybody = random_shop(seed, days=40)
    crowds()
    Automation.objects.create(
        kind="thanks", name="first", audience=in_israel(), priority=20, is_on=True,
        life_days=2, send_hour=23, switched_on_at=NOW - DAY,
    )  # fmt: skip
    planning.sweep(now=NOW + DAY, kinds=["thanks"])
    counted = []
    count_due = forecast_mails.count_due
    monkeypatch.setattr(
        forecast_mails,
        "count_due",
        lambda one, *rest, **more: counted.append(one.kind) or count_due(
            one, *rest, **more
        ),
    )  # fmt: skip

    by_day = worked_out()
    due(everybody[2], "offers", 9)
    again = worked_out(NOW + HOUR, again=True)
    # For the others a lot is drawn.
    assert Counter(counted) == {"thanks": 4, "offers": 2}
    monkeypatch.setattr(forecast_mails, "goes_by_day", lambda *_: False)

    assert worked_out(NOW + HOUR) == again != by_day
    assert {"goes", "waits", "lapses", "refused"} <= {one for one, *_ in again.values()}


# --- One of several ------------------------------------------------------------------


def three_in_a_week(customer):
    return [due(customer, kind, 5) for kind in ("thanks", "asks", "offers")]


def test_the_order_of_automations_decides_who_gets_the_last_room(kinds):
    dana = CustomerFactory()
    consent.grant(
        dana, categories={Category.MARKETING}, how="staff", source_text="yes", now=NOW
    )
    thanks, asks, offers = three_in_a_week(dana)

    found = worked_out()
    assert found[thanks][0] == found[asks][0] == "goes"
    assert found[offers][:2] == ("lapses", "contact_limit")

    Automation.objects.filter(kind="offers").update(priority=1)
    found = worked_out()
    assert found[offers][0] == found[thanks][0] == "goes"
    at = datetime(2026, 12, 3, 9, tzinfo=UTC)
    assert found[asks] == ("waits", "contact_limit", at)


def test_a_new_one_says_what_the_others_lose_by_it(kinds):
    """Switched off it changes nothing; it goes before one that then waits, and takes
    the last room of one that then lapses."""
    dana, noa, rae = CustomerFactory(), CustomerFactory(), CustomerFactory()
    for one in (dana, noa):
        consent.grant(
            one, categories={Category.MARKETING}, how="staff", source_text="yes",
            now=NOW,
        )  # fmt: skip
        due(one, "thanks", 5)
    due(dana, "asks", 5)
    due(noa, "asks", 5)
    due(noa, "offers", 10)
    due(rae, "asks", 3)
    new = Automation.objects.get(kind="thanks")
    Automation.objects.filter(pk=new.pk).update(is_on=False)
    new.refresh_from_db()
    sent(dana, "other", "loyalty", 1)
    before = worked_out()

    found = coming(new, now=NOW)

    assert found.total == found.going == 2
    # Dana has had one this week: she gets the thanks, and the question waits. Noa gets
    # both, and then the offer waits.
    lost = [(one.automation.kind, one.decision, one.mails) for one in found.lost]
    assert lost == [("asks", "waits", 1), ("offers", "waits", 1)]
    assert worked_out() == before


# --- What is kept --------------------------------------------------------------------


def test_a_change_marks_what_is_kept_and_the_task_works_it_out_again(kinds):
    dana = CustomerFactory()
    due(dana, "thanks", 5)
    thanks = Automation.objects.get(kind="thanks")

    assert forecast_upkeep.look_ahead(now=NOW) == 1
    assert not ForecastMark.objects.exists()
    # Young enough, and nothing has changed.
    assert forecast_upkeep.look_ahead(now=NOW + HOUR / 2) == 0

    automations.switch_off(thanks, now=NOW + HOUR / 2)
    assert {mark.automation for mark in ForecastMark.objects.all()} == {None, thanks}
    assert forecast_upkeep.look_ahead(now=NOW + HOUR / 2) == 2

    both = Forecast.objects.order_by("automation_id").values_list(
        "automation", "made_at"
    )
    assert list(both) == [(thanks.pk, NOW + HOUR / 2), (None, NOW + HOUR / 2)]
    (row,) = ForecastPerson.objects.all()
    assert (row.forecast.automation, row.customer) == (thanks, dana)
    days = ForecastDay.objects.values_list("decision", "mails", "forecast__automation")
    assert list(days) == [("goes", 1, thanks.pk)]

    automations.switch_on(thanks, now=NOW + HOUR)
    # What is on has no forecast of its own.
    assert forecast_upkeep.look_ahead(now=NOW + HOUR) == 1
    (row,) = ForecastPerson.objects.all()
    assert row.forecast.automation is None


def test_a_great_shop_shows_what_is_kept_however_old(kinds, monkeypatch):
    monkeypatch.setattr("messaging.selectors.forecasts.SMALL", 0)
    due(CustomerFactory(), "thanks", 5)
    thanks = Automation.objects.get(kind="thanks")

    assert coming(thanks, now=NOW).made_at is None

    forecast_upkeep.look_ahead(now=NOW)
    due(CustomerFactory(), "thanks", 5)
    old = coming(thanks, now=NOW + 2 * HOUR)
    assert (old.total, old.made_at, old.is_stale) == (1, NOW, True)
    monkeypatch.setattr("messaging.selectors.forecasts.SMALL", 10)
    assert coming(thanks, now=NOW + 2 * HOUR).total == 2
    # Looking changed nothing.
    assert ForecastPerson.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_no_page_waits_for_a_forecast_that_is_being_worked_out(kinds):
    """Its rows are locked until it is over, and a page would fail after ten seconds."""
    due(CustomerFactory(), "thanks", 5)
    thanks = Automation.objects.get(kind="thanks")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(
                "INSERT INTO messaging_forecast (made_at, seconds) VALUES (now(), 0)"
            )
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [forecast_upkeep.LOCK])

            found = coming(thanks, now=NOW)

            assert (found.made_at, found.is_stale) == (None, True)
            assert forecast_upkeep.look_ahead(now=NOW) == 0
    finally:
        other.close()
    assert coming(thanks, now=NOW).total == 1


# --- Pages ---------------------------------------------------------------------------


@pytest.fixture
def at_four(kinds):
    with time_machine.travel(NOW, tick=False):
        yield


def test_every_figure_of_the_calendar_opens_the_people_behind_it(client, at_four):
    client.force_login(UserFactory(role="marketer"))
    dana, noa = CustomerFactory(given_name="Ada"), CustomerFactory(given_name="Bea")
    three_in_a_week(dana)
    Automation.objects.filter(kind="offers").update(is_on=False)
    consent.grant(
        dana, categories={Category.MARKETING}, how="staff", source_text="yes", now=NOW
    )
    sent(dana, "other", "loyalty", 1)
    due(noa, "asks", 5)
    offers = Automation.objects.get(kind="offers")
    ForecastMark.objects.create(automation=offers, at=NOW)
    forecast_upkeep.look_ahead(now=NOW)

    page = client.get(f"/calendar/?with={offers.pk}")

    shown = page.content.decode()
    links = map(unescape, re.findall(r'href="(/automations/people/[^"]+)"', shown))
    # Of each day and over all days: what goes, what waits, what comes from before.
    links, taken_along = set(links), datasets.get("forecast-people")
    assert len(links) > 6
    for link in links:
        number = re.search(
            rf'href="{re.escape(escape(link))}"[^>]*>\s*(?:<svg.*?</svg>)?\s*(\d+)',
            shown,
            re.DOTALL,
        )
        assert len(client.get(link).context["rows"]) == int(number[1]), link
        asked = dict(parse_qsl(urlsplit(link).query))
        lines = list(taken_along.cells(list(taken_along.rows(asked))))
        assert len(lines) == int(number[1]), link
        assert {line["decision"] for line in lines} == {asked["decision"]}
    waits = sorted(link for link in links if "decision=waits" in link)
    assert any("late=1" in link for link in waits)
    assert "Ada" in client.get(waits[0]).content.decode()
    client.force_login(UserFactory(role="analyst"))
    assert "Ada" not in read(client.get(waits[0]))
    # That of all is worked out for the page, and this one is kept.
    ForecastMark.objects.create(automation=None, at=NOW)
    for automation, is_live in ((None, True), (offers, False)):
        with kept(automation, now=NOW) as look:
            assert (look.is_live, look.is_stale) == (is_live, False)


def test_a_page_of_people_takes_along_whom_it_shows_also_without_a_query(
    client, at_four
):
    client.force_login(UserFactory(role="owner"))
    dana = CustomerFactory()
    for days in (5, 25):
        due(dana, "thanks", days)
    Automation.objects.exclude(kind="thanks").update(archived_at=NOW, is_on=False)
    forecast_upkeep.look_ahead(now=NOW)
    taken_along = datasets.get("forecast-people")

    answer = client.get("/automations/people/")

    (link,) = re.findall(r'href="(/exports/new/[^"]+)"', answer.content.decode())
    asked = dict(parse_qsl(urlsplit(unescape(link)).query))
    assert len(answer.context["rows"]) == 2
    assert len(list(taken_along.cells(list(taken_along.rows(asked))))) == 2
    # Links and exports of before the column had its name.
    old = {"verdict" if name == "decision" else name: it for name, it in asked.items()}
    assert len(list(taken_along.rows(taken_along.narrowed(old)))) == 1
    older = client.get(f"/automations/people/?{urlencode(old)}")
    assert len(older.context["rows"]) == 2
    # Worked out for the page, it cannot be taken along; who may not is not told so.
    ForecastMark.objects.create(automation=None, at=NOW)
    live = client.get("/automations/people/")
    assert "can be exported in a few minutes" in read(live)
    client.force_login(UserFactory(role="marketer"))
    assert "can be exported" not in read(client.get("/automations/people/"))
    # Of no day nobody is late.
    assert not taken_along.rows({**asked, "late": "1"})
    late = f"/automations/people/?{urlencode({**asked, 'late': 1})}"
    assert client.get(late).status_code == 404


def test_what_is_foreseen_goes_before_a_planned_mail_that_waits(client, at_four):
    client.force_login(UserFactory(role="agent"))
    dana = CustomerFactory()
    due(dana, "thanks", 3)
    MessageFactory(customer=dana, kind="asks", not_before=NOW + 9 * DAY)
    forecast_upkeep.look_ahead(now=NOW)

    assert cell(client.get(dana.get_absolute_url()), "Next contact").value == "24 Nov"

    Message.objects.update(not_before=NOW + 2 * DAY)
    assert cell(client.get(dana.get_absolute_url()), "Next contact").value == "23 Nov"


def test_the_customer_page_says_what_will_not_fit(client, at_four):
    client.force_login(UserFactory(role="agent"))
    dana = CustomerFactory()
    three_in_a_week(dana)
    forecast_upkeep.look_ahead(now=NOW)

    page = shown(client, dana.get_absolute_url())
    assert "26 Nov thanks" in page
    # Nothing is planned yet, and the first that goes stands at the top all the same.
    answer = client.get(dana.get_absolute_url())
    assert cell(answer, "Next contact").value == "26 Nov"
    assert "offers not sent: No consent" in page

    # It counts what happened since.
    pauses.pause(dana, now=NOW)
    assert "thanks will lapse: On hold" in shown(client, dana.get_absolute_url())
    answer = client.get(dana.get_absolute_url())
    assert cell(answer, "Next contact").value == "None"
