"""May we write: every ground on which a message goes, waits or never goes."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crm.models import Business, Customer
from messaging.models import BudgetRule, Message
from messaging.rules.choices import Category, State, SuppressionReason
from messaging.rules.send_decision import Defer, End, Go
from messaging.services import consent, holds, permission, suppression
from tests.factories import CustomerFactory, MessageFactory, UserFactory

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CATEGORIES = [category.value for category in Category]


@pytest.fixture
def dana(db):
    Business.objects.update(quiet_from=21, quiet_until=8, time_zone="UTC")
    return CustomerFactory(email="Dana@Example.org")


def decision(message, *, now=NOW):
    # As the claim reads it, with what the customer's row holds now.
    fresh = Message.objects.select_related("customer").get(pk=message.pk)
    return permission.decisions([fresh], now=now)[message.pk]


def outcome(message, *, now=NOW):
    found = decision(message, now=now)
    if isinstance(found, Go):
        return "go"
    if isinstance(found, End):
        return (found.state.value, found.reason.code)
    return (found.until, found.reason.code)


def sent(customer, *, days_ago, category="loyalty", **more):
    at = NOW - timedelta(days=days_ago)
    fields = {"state": "sent", "counted_at": at, "final_at": at, **more}
    return MessageFactory(customer=customer, category=category, **fields)


# --- Never ---------------------------------------------------------------------------


def test_an_ordinary_customer_may_be_written_to(dana):
    assert outcome(MessageFactory(customer=dana)) == "go"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"erased_at": NOW}, "customer_gone"),
        ({"email": "", "email_norm": ""}, "no_address"),
    ],
)
def test_no_one_there_is_suppressed(dana, fields, code):
    Customer.objects.update(**fields)

    assert outcome(MessageFactory(customer=dana)) == ("suppressed", code)


def test_a_merged_customer_is_gone(dana):
    Customer.objects.filter(pk=dana.pk).update(merged_into=CustomerFactory())

    assert outcome(MessageFactory(customer=dana)) == ("suppressed", "customer_gone")


@pytest.mark.parametrize(
    ("reason", "code", "receipts"),
    [
        (SuppressionReason.BOUNCE, "bounced", ("suppressed", "bounced")),
        # These two stop everything but what the customer asked for.
        (SuppressionReason.COMPLAINT, "complained", "go"),
        (SuppressionReason.ERASED, "erased", "go"),
        (
            SuppressionReason.STAFF,
            "blocked_by_staff",
            ("suppressed", "blocked_by_staff"),
        ),
    ],
)
def test_the_suppression_list_is_asked(dana, reason, code, receipts):
    hashed = suppression.address_hash("DANA@example.ORG")
    suppression.suppress(hashed, reason=reason, now=NOW)

    assert outcome(MessageFactory(customer=dana)) == ("suppressed", code)
    receipt = MessageFactory(customer=dana, category="transactional")
    assert outcome(receipt) == receipts


def test_a_suppression_of_one_class_leaves_the_others(dana):
    hashed = suppression.address_hash(dana.email)
    suppression.suppress(
        hashed, reason=SuppressionReason.STAFF, scope=Category.SURVEY, now=NOW
    )

    assert outcome(MessageFactory(customer=dana)) != "go"
    assert outcome(MessageFactory(customer=dana, category="loyalty")) == "go"


def test_a_lifted_suppression_is_over(dana):
    hashed = suppression.address_hash(dana.email)
    suppression.suppress(hashed, reason=SuppressionReason.BOUNCE, now=NOW)
    suppression.lift(hashed, now=NOW)

    assert outcome(MessageFactory(customer=dana)) == "go"


def test_staff_are_never_surveyed_but_may_be_customers(dana):
    UserFactory(email="dana@example.org")

    assert outcome(MessageFactory(customer=dana)) == ("suppressed", "is_staff")
    assert outcome(MessageFactory(customer=dana, category="loyalty")) == "go"


def test_former_staff_are_customers_like_others(dana):
    UserFactory(email="dana@example.org", is_active=False)

    assert outcome(MessageFactory(customer=dana)) == "go"


@pytest.mark.parametrize(
    ("basis", "text", "answers"),
    [
        # transactional, survey, loyalty, marketing, birthday
        ("existing", None, ["go", "go", "go", "no_consent", "no_consent"]),
        ("opt_in", None, ["go", *["no_consent"] * 4]),
        ("existing", True, ["go"] * 5),
        ("opt_in", True, ["go"] * 5),
        ("existing", False, ["go", *["opted_out"] * 4]),
        ("opt_in", False, ["go", *["opted_out"] * 4]),
    ],
)
def test_consent_by_class_and_by_the_shops_rule(dana, basis, text, answers):
    Business.objects.update(survey_basis=basis, loyalty_basis=basis)
    act = {True: consent.grant, False: consent.withdraw}.get(text)
    if act:
        act(dana, categories=list(Category), how="preference_page", now=NOW)

    found = [
        outcome(MessageFactory(customer=dana, category=category))
        for category in CATEGORIES
    ]

    assert [one if one == "go" else one[1] for one in found] == answers


def test_the_last_word_decides(dana):
    for act in (consent.withdraw, consent.grant, consent.withdraw):
        act(dana, categories=[Category.SURVEY], how="preference_page", now=NOW)

    assert outcome(MessageFactory(customer=dana)) == ("suppressed", "opted_out")


def test_a_withdrawal_with_a_later_clock_counts(dana):
    later = NOW + timedelta(minutes=1)
    consent.withdraw(dana, categories=[Category.SURVEY], how="one_click", now=later)

    assert outcome(MessageFactory(customer=dana)) == ("suppressed", "opted_out")


# --- Too late ------------------------------------------------------------------------


def test_a_life_that_is_over_expires(dana):
    message = MessageFactory(customer=dana, not_before=NOW - 7 * DAY)

    assert outcome(message) == ("expired", "too_late")


# --- Waits ---------------------------------------------------------------------------


def test_a_hold_is_looked_at_hourly(dana):
    placed = holds.place(
        dana,
        categories=[Category.SURVEY],
        reason="open_complaint",
        source_key="complaint:31",
        now=NOW,
    )
    message = MessageFactory(customer=dana)

    found = decision(message)

    assert found.until == NOW + timedelta(hours=1)
    assert found.reason.data == {
        "hold": placed.pk,
        "why": "open_complaint",
        "source": "complaint:31",
    }
    assert outcome(MessageFactory(customer=dana, category="loyalty")) == "go"


def test_a_released_hold_and_a_pause_that_ended_let_go(dana):
    for key, until in (("complaint:31", None), ("pause:1", NOW)):
        holds.place(
            dana,
            categories=[Category.SURVEY],
            reason="any",
            source_key=key,
            until=until,
            now=NOW - DAY,
        )
    holds.release("complaint:31", now=NOW)

    assert outcome(MessageFactory(customer=dana)) == "go"


@pytest.mark.parametrize(
    ("zone", "until"),
    [
        # 13:00 in Berlin; 23:00 in Sydney until 08:00; 04:00 in Los Angeles.
        ("Europe/Berlin", None),
        ("Australia/Sydney", datetime(2026, 11, 21, 21, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 11, 21, 16, tzinfo=UTC)),
        # Unknown: the shop's.
        ("Mars/Phobos", None),
    ],
)
def test_quiet_hours_are_the_customers_own(dana, zone, until):
    Customer.objects.update(time_zone=zone)

    found = outcome(MessageFactory(customer=dana))

    assert found == ("go" if until is None else (until, "quiet_hours"))


def test_a_receipt_goes_at_night(dana):
    Customer.objects.update(time_zone="Australia/Sydney")

    assert outcome(MessageFactory(customer=dana, category="transactional")) == "go"


def test_at_the_end_of_its_life_a_wait_is_over_for_its_reason(dana):
    Customer.objects.update(time_zone="Australia/Sydney")
    message = MessageFactory(
        customer=dana, not_before=NOW - DAY, expires_at=NOW + timedelta(minutes=30)
    )

    last_minute = message.expires_at - timedelta(minutes=1)
    waits, over = decision(message), decision(message, now=last_minute)

    assert waits.until == last_minute
    assert isinstance(waits, Defer)
    assert (over.state, over.reason.code) == (State.EXPIRED, "quiet_hours")


# --- The budget ----------------------------------------------------------------------


@pytest.mark.parametrize("state", ["claimed", "handed", "sent", "uncertain"])
def test_what_may_have_left_counts(dana, state):
    extra = {}
    if state in {"claimed", "handed"}:
        token = "6a6f94a1-5a3f-44b5-9c66-0d5f5f0d1f11"
        extra = {"claim_token": token, "lease_until": NOW, "final_at": None}
    sent(dana, days_ago=10, category="survey", state=state, **extra)

    found = outcome(MessageFactory(customer=dana, expires_at=NOW + 60 * DAY))

    assert found == (NOW + 20 * DAY, "contact_limit")


@pytest.mark.parametrize("state", ["failed", "suppressed", "expired", "cancelled"])
def test_what_never_left_does_not_count(dana, state):
    sent(dana, days_ago=1, category="survey", state=state)

    assert outcome(MessageFactory(customer=dana)) == "go"


def test_there_is_room_when_the_oldest_of_two_leaves_the_week(dana):
    sent(dana, days_ago=6)
    sent(dana, days_ago=2, category="marketing")

    message = MessageFactory(customer=dana, category="loyalty")

    assert outcome(message) == (NOW + DAY, "contact_limit")
    assert outcome(message, now=NOW + DAY) == "go"


def test_over_the_limit_waits_until_enough_have_left(dana):
    for days in (6, 5, 3):
        sent(dana, days_ago=days)

    found = outcome(MessageFactory(customer=dana, category="loyalty"))

    assert found == (NOW + 2 * DAY, "contact_limit")


def test_the_longest_of_two_limits_decides_and_is_named(dana):
    sent(dana, days_ago=6)
    sent(dana, days_ago=5, category="survey")
    message = MessageFactory(customer=dana, expires_at=NOW + 60 * DAY)

    found = decision(message)

    rule = BudgetRule.objects.get(name="Surveys")
    fits_at = NOW + 25 * DAY
    assert found.until == fits_at
    assert found.reason.data == {
        "rule": rule.pk,
        "count": 1,
        "most": 1,
        "days": 30,
        "fits_at": fits_at.isoformat(),
    }


def test_what_never_fits_waits_in_sight_to_the_end_of_its_life(dana):
    sent(dana, days_ago=1, category="survey")
    message = MessageFactory(customer=dana)

    last_look = message.expires_at - timedelta(minutes=1)

    assert outcome(message) == (last_look, "contact_limit")
    assert outcome(message, now=last_look) == ("expired", "contact_limit")


def test_receipts_neither_count_nor_wait(dana):
    for _ in range(5):
        sent(dana, days_ago=1, category="transactional")
    sent(dana, days_ago=1)
    sent(dana, days_ago=2)

    assert outcome(MessageFactory(customer=dana, category="transactional")) == "go"
    assert outcome(MessageFactory(customer=dana, category="loyalty")) != "go"


def test_a_reminder_is_free_of_rules_that_do_not_count_reminders(dana):
    """The survey went five days ago; its reminder may go, a second survey may not."""
    sent(dana, days_ago=5, category="survey")
    reminder = MessageFactory(customer=dana, is_reminder=True)
    survey = MessageFactory(customer=dana, expires_at=NOW + 60 * DAY)

    assert outcome(reminder) == "go"
    assert outcome(survey) == (NOW + 25 * DAY, "contact_limit")


def test_a_reminder_counts_in_the_weekly_rule(dana):
    sent(dana, days_ago=5, category="survey", is_reminder=True)
    sent(dana, days_ago=5)

    assert outcome(MessageFactory(customer=dana, category="loyalty"))[1] == (
        "contact_limit"
    )


def test_a_message_does_not_count_against_itself(dana):
    message = MessageFactory(
        customer=dana,
        state="claimed",
        counted_at=NOW,
        claim_token="6a6f94a1-5a3f-44b5-9c66-0d5f5f0d1f11",
        lease_until=NOW + DAY,
    )

    assert outcome(message) == "go"


def test_the_neighbours_mail_does_not_count(dana):
    sent(CustomerFactory(), days_ago=1, category="survey")

    assert outcome(MessageFactory(customer=dana)) == "go"


# --- A group -------------------------------------------------------------------------


def test_a_group_is_asked_with_a_handful_of_queries(
    dana, django_assert_max_num_queries
):
    messages = [MessageFactory(not_before=NOW) for _ in range(50)]
    for message in messages[:10]:
        consent.withdraw(
            message.customer, categories=[Category.SURVEY], how="staff", now=NOW
        )

    with django_assert_max_num_queries(9):
        found = permission.decisions(messages, now=NOW)

    assert sum(isinstance(one, End) for one in found.values()) == 10
    assert sum(isinstance(one, Go) for one in found.values()) == 40


def test_reasons_hold_ids_counts_and_times_only(dana):
    sent(dana, days_ago=1, category="survey")

    data = decision(MessageFactory(customer=dana)).reason.data

    assert Message.objects.count() == 2
    assert all(
        isinstance(value, int) or datetime.fromisoformat(value)
        for value in data.values()
    )
    assert date.fromisoformat(data["fits_at"][:10]) == date(2026, 12, 20)
