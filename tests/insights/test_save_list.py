"""The save-list: who brings much and seems to slip away, and why."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import CoreMark, Customer, OrderSum
from crm.services import subscriptions
from insights import exports, reports
from insights.choices import Basis
from insights.models import Definition
from insights.report_asks import Ask
from insights.selectors import save_list
from insights.services import kept_answers
from messaging.models import Consent, Suppression
from tests.crm.exporting import content, exported, lines_of, rows_of
from tests.crm.test_job_pages import file_of
from tests.factories import (
    NOW,
    CustomerFactory,
    InvitationFactory,
    MessageFactory,
    ResponseFactory,
    UserFactory,
)
from tests.pages import read

TODAY = date(2026, 11, 21)
pytestmark = pytest.mark.django_db


def brings(total, name, *, days_ago=5, orders=3, currency="EUR"):
    """They ordered every ten days until so many days ago."""
    last = TODAY - timedelta(days_ago)
    person = CustomerFactory(
        external_id=name, given_name=name, family_name="", last_order_on=last,
        first_order_on=last - timedelta(10 * (orders - 1)),
    )  # fmt: skip
    OrderSum.objects.create(
        customer=person, currency=currency, orders=orders, total=total,
        all_orders=orders,
    )  # fmt: skip
    return person


@pytest.fixture
def shop():
    """From 100 EUR on they are the core."""
    for currency in ("EUR", "USD"):
        CoreMark.objects.create(
            currency=currency, least=100, people=2, of_people=10, share="0.8",
            counted_at=NOW,
        )  # fmt: skip
    brings(500, "loyal")
    brings(400, "late", days_ago=15)
    brings(99, "small", days_ago=400)
    brings(700, "dollars", days_ago=40, currency="USD")
    unhappy = brings(300, "unhappy")
    ResponseFactory(
        invitation=InvitationFactory(customer=unhappy, message=None),
        confirmed_at=NOW, score=3,
    )  # fmt: skip
    stopped = brings(200, "stopped")
    Consent.objects.create(
        customer=stopped, category="marketing", granted=False, at=NOW, how="staff",
        source_text="on the phone", source_key="stopped",
    )  # fmt: skip
    leaving = brings(100, "leaving")
    contract, _ = subscriptions.start(
        customer=leaving, plan="Pro", value=Decimal(5), started_on=TODAY, now=NOW
    )
    subscriptions.cancel(contract, on=TODAY + timedelta(30), now=NOW)


def listed(basis=Basis.ORDERS, after="", **more):
    asked = save_list.whom(basis, today=TODAY, own="EUR", **more)
    found = save_list.save_list(asked, after=after)
    return [row.customer.external_id for row in found.rows], found


def test_those_of_the_core_with_a_reason_stand_there_the_most_valuable_first(shop):
    names, found = listed()

    assert names == ["late", "unhappy", "stopped", "leaving"]
    assert found.count == 4
    assert [list(row.reasons) for row in found.rows] == [
        ["Orders about every 10 days, the last on 6 Nov"],
        ["Last score 3 of 10"],
        ["Opted out"],
        ["Pro ends on 21 Dec"],
    ]
    assert listed(reason="score")[0] == ["unhappy"]
    assert listed(currency="USD")[0] == ["dollars"]
    assert listed(reason="nonsense", currency="XXX", after="a:b")[0] == names


def test_the_pages_hold_everybody_once_and_ask_as_many_queries(
    shop, monkeypatch, django_assert_num_queries
):
    for number in range(3):
        brings(400, f"more-{number}", days_ago=15)
    with django_assert_num_queries(7):
        everybody, _ = listed()
    monkeypatch.setattr(save_list, "SIZE", 2)
    seen, after = [], ""
    while True:
        with django_assert_num_queries(7):
            names, found = listed(after=after)
        seen += names
        after = found.after
        if not after:
            break

    assert seen == everybody
    assert len(set(seen)) == found.count == 7


def test_the_first_page_is_kept_and_names_nobody_who_is_gone_since(
    shop, django_assert_num_queries
):
    live = listed()[1]
    Definition.objects.update(counted_at=NOW)
    assert kept_answers.keep_up(now=NOW, slow=0) > 0
    with django_assert_num_queries(6):
        found = listed()[1]
    assert (found.rows, found.counts) == (live.rows, live.counts)

    same = Customer.objects.filter(external_id="late")
    same.update(merged_into=Customer.objects.get(external_id="loyal"))

    names, found = listed()
    assert names == ["unhappy", "stopped", "leaving"]
    assert found.counts["late"] == 1  # as it was within the hour
    assert listed(reason="late")[0] == []


def test_a_mailbox_that_is_no_more_and_a_stop_of_every_kind_are_reasons(shop):
    """Each by itself; what was lifted is none."""
    for name, reason, lifted_at in (
        ("gone", "bounce", None),
        ("back again", "bounce", NOW),
        ("loyalty", "", None),
    ):
        person = brings(150, name)
        if reason:
            digest = person.external_id.encode().ljust(32, b".")
            MessageFactory(
                customer=person, state="sent", final_at=NOW, address_hash=digest
            )
            Suppression.objects.create(
                address_hash=digest, reason=reason, at=NOW, lifted_at=lifted_at
            )
        else:
            Consent.objects.create(
                customer=person, category="loyalty", granted=False, at=NOW,
                how="staff", source_text="on the phone", source_key=name,
            )  # fmt: skip

    names, found = listed()

    assert {"gone", "loyalty"} < set(names)
    assert "back again" not in names
    said = {row.customer.external_id: list(row.reasons) for row in found.rows}
    assert said["gone"] == ["Mail comes back"]
    assert said["loyalty"] == ["Opted out"]
    assert listed(reason="bounced")[0] == ["gone"]
    assert found.counts["bounced"] == 1


def contract(value, name, *, since=date(2025, 1, 1), currency="EUR"):
    person = CustomerFactory(external_id=name, given_name=name, family_name="")
    row, _ = subscriptions.start(
        customer=person, plan="Pro", value=Decimal(value), started_on=since,
        currency=currency, now=NOW,
    )  # fmt: skip
    return row


@pytest.fixture
def contracts():
    """A month comes to 920 EUR: those who bring 110 or more bring 80 % of it."""
    contract(300, "loyal")
    halved = contract(240, "halved")
    subscriptions.change(halved, on=date(2026, 9, 1), value=Decimal(120), now=NOW)
    resting = contract(150, "resting")
    subscriptions.pause(resting, on=date(2026, 10, 5), reason="Moving", now=NOW)
    leaving = contract(140, "leaving")
    subscriptions.cancel(leaving, on=TODAY + timedelta(30), now=NOW)
    old = contract(200, "fell long ago")
    subscriptions.change(old, on=date(2026, 5, 1), value=Decimal(110), now=NOW)
    small = contract(100, "small")
    subscriptions.pause(small, on=date(2026, 10, 5), now=NOW)
    over = contract(900, "over")
    subscriptions.cancel(over, on=date(2026, 10, 5), now=NOW)
    dollars = contract(9, "dollars", currency="USD")
    subscriptions.pause(dollars, on=date(2026, 10, 5), now=NOW)


def test_by_contract_a_month_counts_and_what_happened_to_it(contracts):
    names, found = listed(Basis.CONTRACT)

    assert names == ["resting", "leaving", "halved"]
    assert [(row.total, *row.reasons) for row in found.rows] == [
        (150, "Pro is paused since 5 Oct: Moving"),
        (140, "Pro ends on 21 Dec"),
        (120, "Pro fell from €240.00 to €120.00 a month"),
    ]
    assert listed(Basis.CONTRACT, reason="fell")[0] == ["halved"]
    assert listed(Basis.CONTRACT, currency="USD")[0] == ["dollars"]
    assert listed(Basis.CONTRACT, reason="late")[0] == names
    assert listed(Basis.ORDERS)[0] == []


def test_the_page_and_the_export_by_contract_show_the_same(contracts, monkeypatch):
    for module in (timezone, exports.timezone):
        monkeypatch.setattr(module, "now", lambda: NOW)
    Definition.objects.update_or_create(pk=1, defaults={"by_contract": True})

    page = read(client_of("manager").get("/insights/save-list/?basis=contract"))

    assert page.count("data-person") == 3
    assert "A month" in page
    assert "basis=contract" in page
    lines = content(exported("save-list", basis="contract")).decode().splitlines()[1:]
    names = {line.split(",")[0].strip('"') for line in lines}
    assert names == {"resting", "leaving", "halved"}


def client_of(role):
    client = Client()
    client.force_login(UserFactory(role=role))
    return client


def test_one_key_acts_and_who_may_not_see_people_sees_no_names(shop, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    page = client_of("manager").get("/insights/save-list/").content.decode()

    late = Customer.objects.get(external_id="late")
    assert page.count("data-person") == 4
    keys = re.findall(r'data-key="(\w)" href="([^"]+)"', page)[:3]
    assert keys == [
        ("c", f"/customers/{late.pk}/#log-text"),
        ("w", f"/mails/new/?customer={late.pk}"),
        ("f", f"/customers/{late.pk}/follow-ups/new/"),
    ]
    assert "of=save-list" in page
    masked = client_of("analyst").get("/insights/save-list/").content.decode()
    assert "unhappy" not in masked
    assert 'data-key="c"' not in masked
    assert "of=save-list" not in masked
    assert client_of("agent").get("/insights/save-list/").status_code == 403


def test_a_last_score_is_a_reason_for_those_alone_who_see_answers(shop, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    pages = {
        role: client_of(role).get("/insights/save-list/?reason=score").content.decode()
        for role in ("manager", "marketer", "analyst")
    }

    assert [page.count("data-person") for page in pages.values()] == [1, 3, 3]
    for role in ("marketer", "analyst"):
        assert "Last score" not in pages[role]
        assert "Low last score" not in pages[role]
        assert "unhappy" not in pages[role]


@pytest.mark.parametrize("format_name", ["csv", "xlsx"])
def test_the_export_has_the_same_people_with_their_reasons(
    shop, monkeypatch, format_name
):
    monkeypatch.setattr(exports.timezone, "now", lambda: NOW)
    file = content(exported("save-list", format_name=format_name, currency="EUR"))

    lines = rows_of(file) if format_name == "xlsx" else lines_of(file)

    names, found = listed()
    told = {line["customer_id"]: (line["brings"], line["reasons"]) for line in lines}
    assert told.keys() == set(names)
    for row in found.rows:
        brings, reasons = told[row.customer.external_id]
        assert (Decimal(brings), reasons) == (row.total, "; ".join(row.reasons))
    assert {line["currency"] for line in lines} == {"EUR"}


def test_the_export_of_one_reason_has_those_alone(shop, monkeypatch):
    for module in (timezone, exports.timezone):
        monkeypatch.setattr(module, "now", lambda: NOW)
    manager = client_of("manager")

    [line] = file_of(manager, "/insights/save-list/?reason=score", reason="To call")

    assert line["customer_id"] == "unhappy"
    assert line["reasons"] == "Last score 3 of 10"


def test_each_reason_says_how_many_and_the_report_says_the_same(shop, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    page = client_of("manager").get("/insights/save-list/")

    shown = {one.key: one for one in page.context["figures"]}

    assert {key: one.people for key, one in shown.items()} == {
        "save-list": 4,
        "save-list.late": 1,
        "save-list.score": 1,
        "save-list.ending": 1,
        "save-list.bounced": 0,
        "save-list.opted_out": 1,
    }
    assert "Low last score (1)" in " ".join(read(page).split())
    assert "365 days" in page.context["how"]
    for one in shown.values():
        assert "365 days" in one.how
        listed_there = client_of("manager").get(one.people_url).context["found"]
        assert listed_there.count == one.people
    told = reports.report("save-list", Ask(now=NOW, today=TODAY)).figures
    euros = [one for one in told if one.currency == "EUR"]
    assert [one.as_data() for one in euros] == [one.as_data() for one in shown.values()]
