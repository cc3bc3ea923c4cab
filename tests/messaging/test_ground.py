"""Without an order, surveys and reminders need words of the shop that allow them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from crm.models import AuditEntry, Business, Customer
from crm.services import customers
from messaging.models import Consent, Message
from messaging.rules.choices import Category
from messaging.rules.send_decision import End, Go
from messaging.selectors.addressees import stop_page
from messaging.selectors.forecasts import coming
from messaging.selectors.ledger import why
from messaging.services import consent, permission, planning
from tests.factories import (
    AutomationFactory,
    CustomerFactory,
    MessageFactory,
    UserFactory,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def automation(db, small_kind):
    """Its surveys are due on the day of `since_on`."""
    return AutomationFactory(send_hour=9, switched_on_at=NOW - 20 * DAY)


@pytest.fixture
def rae(db):
    """Typed by hand, without an order and without a ground."""
    return customers.create_customer(
        now=NOW,
        given_name="Rae",
        email="rae@example.org",
        time_zone="UTC",
        since_on=date(2026, 11, 20),
    )


@pytest.fixture
def owner(client, db):
    client.force_login(UserFactory(role="owner"))
    return client


def due_tomorrow(**more):
    return CustomerFactory(since_on=date(2026, 11, 22), **{"mail_ground": "", **more})


def planned_for():
    return {message.customer for message in Message.objects.all()}


def outcome(customer, category):
    message = MessageFactory(customer=customer, category=category)
    row = Message.objects.select_related("customer").get(pk=message.pk)
    decision = permission.decisions([row], now=NOW)[row.pk]
    return decision.reason.code if isinstance(decision, End) else decision


# --- The claim -----------------------------------------------------------------------


@pytest.mark.parametrize("category", ["survey", "loyalty"])
def test_somebody_typed_by_hand_gets_no_survey_and_no_reminder(rae, category):
    assert outcome(rae, category) == "no_ground"


def test_what_is_transactional_comes_all_the_same(rae):
    assert outcome(rae, "transactional") == Go()


@pytest.mark.parametrize(
    "fact", [{"mail_ground": "Gave us her card"}, {"first_order_on": date(2026, 11, 1)}]
)
def test_words_of_the_shop_or_an_order_are_a_ground(rae, fact):
    Customer.objects.filter(pk=rae.pk).update(**fact)

    assert outcome(rae, "survey") == Go()


def test_a_yes_of_their_own_is_a_ground(rae):
    consent.grant(rae, categories=[Category.SURVEY], how="preference_page", now=NOW)

    assert outcome(rae, "survey") == Go()
    assert outcome(rae, "loyalty") == "no_ground"


def test_a_ground_is_no_answer_to_a_no(rae):
    Customer.objects.filter(pk=rae.pk).update(mail_ground="Gave us her card")
    consent.withdraw(rae, categories=[Category.SURVEY], how="stop_page", now=NOW)

    assert outcome(rae, "survey") == "opted_out"


def test_where_a_yes_is_asked_for_a_ground_is_none(rae):
    Business.objects.update(survey_basis="opt_in")
    Customer.objects.filter(pk=rae.pk).update(mail_ground="Gave us her card")

    assert outcome(rae, "survey") == "no_consent"


def test_the_ledger_says_so_in_words(rae):
    message = MessageFactory(
        customer=rae, state="suppressed", reason_code="no_ground", final_at=NOW
    )

    (*_, last) = why(message, now=NOW)

    assert last.text == (
        "May we write: no, they have no order, and nothing says on what ground we write"
    )


# --- Planning ------------------------------------------------------------------------


def test_nobody_without_a_ground_is_planned(automation):
    due_tomorrow()
    known = due_tomorrow(mail_ground="Gave us her card")
    buyer = due_tomorrow(first_order_on=date(2026, 11, 1))

    planning.sweep(now=NOW)

    assert planned_for() == {known, buyer}


def test_once_there_are_words_the_next_sweep_finds_them(automation):
    rae = due_tomorrow()
    planning.sweep(now=NOW)
    customers.update_customer(rae, changes={"mail_ground": "Her card"}, now=NOW)

    planning.sweep(now=NOW)

    assert planned_for() == {rae}


def test_whoever_said_yes_is_planned(automation):
    own, other, shared = due_tomorrow(), due_tomorrow(), due_tomorrow()
    Customer.objects.filter(pk=shared.pk).update(email_norm=own.email_norm)
    consent.grant(own, categories=[Category.SURVEY], how="preference_page", now=NOW)
    consent.grant(other, categories=[Category.LOYALTY], how="preference_page", now=NOW)

    planning.sweep(now=NOW)

    assert planned_for() == {own, shared}


def test_where_a_yes_is_asked_for_planning_asks_for_no_ground(automation):
    """As before: the claim says that there is no consent."""
    Business.objects.update(survey_basis="opt_in")
    rae = due_tomorrow()

    planning.sweep(now=NOW)

    assert planned_for() == {rae}


def test_the_forecast_counts_them(automation):
    due_tomorrow()
    due_tomorrow(mail_ground="Gave us her card")

    found = coming(automation, now=NOW)

    assert (found.total, found.held["no_ground"], found.going) == (2, 1, 1)


# --- People --------------------------------------------------------------------------


def test_the_customer_page_says_so_and_asks_for_words(owner, rae):
    page = owner.get(rae.get_absolute_url()).content.decode()

    assert page.count("No, without an order and without a ground") == 2
    assert reverse("crm:customer-fact", args=[rae.pk, "mail_ground"]) in page


def test_the_words_are_audited_and_let_mail_go(owner, rae):
    url = reverse("crm:customer-fact", args=[rae.pk, "mail_ground"])
    owner.post(
        url,
        {"mail_ground": "Gave us her card at the fair", "version": rae.version},
    )

    entry = AuditEntry.objects.get(action="customer.changed", customer_id=rae.pk)
    assert entry.fields == ["mail_ground"]
    rae.refresh_from_db()
    assert rae.mail_ground == "Gave us her card at the fair"
    assert outcome(rae, "survey") == Go()


def test_who_has_no_ground_can_still_say_no(rae):
    page = stop_page(rae, Category.SURVEY, token="t", act="")

    assert not page.is_stopped
    consent.withdraw(rae, categories=[Category.SURVEY], how="stop_page", now=NOW)
    assert stop_page(rae, Category.SURVEY, token="t", act="").is_stopped
    assert Consent.objects.get(customer=rae).granted is False
