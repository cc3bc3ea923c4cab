"""The customer page: who they are, how it stands, what they allow."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from crm.services import customers, follow_ups, interactions
from messaging.models import Hold
from messaging.rules.choices import Category
from messaging.services import consent
from tests.desk.conftest import NOW, make_customer, sign_up
from tests.factories import MessageFactory, OrderFactory, ResponseFactory
from tests.pages import panel, read


def page_of(desk, customer):
    return desk.get(f"/customers/{customer.pk}/").context["page"]


def cells(desk, customer):
    return {str(each.label): each.cell for each in page_of(desk, customer).glance}


def test_the_head_shows_who_and_where(desk, db):
    dana = make_customer(
        "Dana", "Levi", since_on=date(2019, 5, 12), time_zone="Asia/Jerusalem",
        language="he",
    )  # fmt: skip

    assert page_of(desk, dana).about == [
        "Customer for 7 years, since 12 May 2019",
        "Hebrew",
        "14:00 in Jerusalem (2\N{NO-BREAK SPACE}h ahead of you)",
    ]


@pytest.mark.parametrize(
    ("since", "words"),
    [
        (date(2025, 11, 18), "Customer for 1 year, since 18 November 2025"),
        (date(2025, 11, 19), "Customer since 19 November 2025"),
    ],
)
def test_years_are_whole_years(desk, db, since, words):
    assert page_of(desk, make_customer("A", "B", since_on=since)).about == [words]


def test_a_new_customer_promises_nothing(desk, dana):
    found = cells(desk, dana)

    assert {label: cell.value for label, cell in found.items()} == {
        "Last real contact": "None yet",
        "Last score": "None yet",
        "Open": "Nothing",
        "Next due": "Nothing",
        "Next contact": "None",
        "Last order": "None yet",
    }


def test_the_strip_shows_how_it_stands(desk, noa):
    dana = make_customer("Dana", "Levi", email="dana@example.org")
    interactions.log_interaction(
        customer=dana, channel="call", body="Hi", now=NOW, staff=noa,
        happened_at=NOW - timedelta(days=12),
    )  # fmt: skip
    ResponseFactory(
        invitation__customer=dana, score=9, first_at=NOW - timedelta(days=60)
    )
    ResponseFactory(invitation__customer=dana, score=2, first_at=NOW)
    follow_ups.open_follow_up(
        customer_id=dana.pk, why="Call", due_on=NOW.date(), now=NOW, assignee=noa,
        due_at=NOW - timedelta(hours=3),
    )  # fmt: skip
    MessageFactory(
        customer=dana,
        not_before=NOW + timedelta(days=2),
        deferred_reason="contact_limit",
    )

    found = cells(desk, dana)

    assert (found["Last real contact"].value, found["Last real contact"].detail) == (
        "12 days ago",
        "Call, Noa, 6 Nov",
    )
    assert (found["Last score"].value, found["Last score"].detail) == (
        "2 of 10",
        "today, was 9",
    )
    assert (found["Open"].value, found["Open"].bad) == (
        "1 follow-up",
        "3\N{NO-BREAK SPACE}h late",
    )
    assert found["Next contact"].value == "20 Nov"
    assert "Contact limit" in found["Next contact"].detail


def test_a_note_among_ourselves_is_no_contact(desk, dana):
    interactions.log_interaction(customer=dana, channel="note", body="Hm", now=NOW)

    assert cells(desk, dana)["Last real contact"].value == "None yet"


def test_a_hold_is_shown_where_nothing_is_planned(desk, dana):
    Hold.objects.create(
        customer=dana, categories=["survey"], reason="complaint", source_key="c:1",
        placed_at=NOW,
    )  # fmt: skip

    assert cells(desk, dana)["Next contact"].detail == "on hold"


def test_money_of_two_currencies_is_never_added(desk, dana):
    OrderFactory(customer=dana, currency="EUR", total=100)
    OrderFactory(customer=dana, currency="EUR", total=50)
    OrderFactory(customer=dana, currency="EUR", total=-20, nature="return")
    OrderFactory(customer=dana, currency="JPY", total=7000)
    OrderFactory(customer=dana, currency="EUR", total=999, state="cancelled")

    worth = panel(desk.get(f"/customers/{dana.pk}/"), "worth")

    assert [(row.currency, row.orders, row.spent) for row in worth] == [
        ("EUR", 2, 130),
        ("JPY", 1, 7000),
    ]


def test_what_they_allow_is_shown_with_its_day(desk, db):
    dana = make_customer("Dana", "Levi", since_on=date(2019, 5, 12))
    consent.withdraw(dana, categories=[Category.LOYALTY], how="stop_page", now=NOW)

    shown = panel(desk.get(f"/customers/{dana.pk}/"), "consents")
    allowed = {row.label: row.text for row in shown.allowed}

    assert allowed == {
        "Surveys": "Yes, since 12 May 2019",
        "Reminders": "No, since 18 Nov 2026",
        "Offers": "No, never agreed",
        "Birthday greetings": "No, never agreed",
    }


def test_an_erased_customer_has_a_friendly_page(desk, dana):
    dana.erased_at = NOW
    dana.save()

    answer = desk.get(f"/customers/{dana.pk}/")

    assert answer.status_code == 410
    assert "This customer was erased" in answer.content.decode()


def test_a_merged_customer_leads_to_the_kept_one(desk, dana):
    kept = make_customer("Dana", "Kept")
    dana.merged_into = kept
    dana.save()

    answer = desk.get(f"/customers/{dana.pk}/")

    assert answer.url == f"/customers/{kept.pk}/"


@pytest.mark.parametrize("number", ["999999", "9" * 30])
def test_this_number_is_unknown(desk, db, number):
    answer = desk.get(f"/customers/{number}/")

    read(answer, "There is nothing at this address", status=404)


@pytest.mark.parametrize(
    "payload",
    [
        '"><script>alert(1)</script>',
        "<img src=x onerror=alert(1)>",
        "</textarea><svg/onload=alert(1)>",
        "{{7*7}}{% debug %}",
    ],
)
def test_what_people_are_called_never_runs(desk, payload):
    victim = make_customer(payload, "Levi", organisation=payload, notes=payload)
    interactions.log_interaction(customer=victim, channel="call", body=payload, now=NOW)
    follow_ups.open_follow_up(
        customer_id=victim.pk, why=payload, due_on=NOW.date(), now=NOW
    )

    for url in ("/", "/customers/", f"/customers/{victim.pk}/", "/follow-ups/"):
        page = read(desk.get(url), "Levi")
        assert payload not in page or "{{" in payload
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<svg/onload" not in page


def test_notes_are_for_those_who_may_see_them(client, dana):
    customers.update_customer(dana, changes={"notes": "Secret"}, now=NOW)
    client.force_login(sign_up("max", "marketer"))

    page = read(client.get(f"/customers/{dana.pk}/"), "Dana Levi")
    assert "Secret" not in page


def test_those_who_may_not_write_see_no_forms(client, dana):
    client.force_login(sign_up("max", "marketer"))

    page = read(client.get(f"/customers/{dana.pk}/"), "Dana Levi")

    assert "/interactions/" not in page
    assert "/facts/" not in page


@pytest.mark.parametrize(
    ("target", "has", "has_not"),
    [
        ("journal", 'id="log"', "<html"),
        ("timeline", "p-filter", 'id="log"'),
        ("older", "p-timeline", "p-filter"),
    ],
)
def test_htmx_takes_the_part_it_asks_for(desk, dana, target, has, has_not):
    interactions.log_interaction(customer=dana, channel="call", body="Hi", now=NOW)

    page = desk.get(
        f"/customers/{dana.pk}/",
        headers={"HX-Request": "true", "HX-Target": target},
    ).content.decode()

    assert has in page
    assert has_not not in page


def test_why_opens_in_place(desk, dana):
    message = MessageFactory(
        customer=dana,
        kind="anniversary",
        category="loyalty",
        state="suppressed",
        reason_code="opted_out",
        final_at=NOW,
        why={"on": "2026-11-18", "since": "2019-11-18"},
    )

    page = desk.get(f"/messages/{message.pk}/why/").content.decode()

    assert "<html" not in page
    assert '<div class="p-why">' in page
    assert reverse("messaging:message", args=[message.pk]) in page
