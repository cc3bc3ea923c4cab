"""The consent ledger: appended, never edited; the last row decides."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from crm.models import AuditEntry
from messaging.errors import ConsentNeedsSource, ConsentWithdrawn, UndoTooLate
from messaging.models import Consent, Message
from messaging.rules.choices import Category
from messaging.services import consent, consent_undo
from messaging.signals import messages_finished
from tests.factories import CustomerFactory, MessageFactory, UserFactory

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SURVEY = [Category.SURVEY]


@pytest.fixture
def dana(db):
    return CustomerFactory()


def state(customer, category=Category.SURVEY):
    return consent.states([customer.pk])[customer.pk][category]


def test_without_a_word_the_default_of_the_shop_holds(dana):
    found = state(dana)

    assert (found.allowed, found.basis, found.recorded) == (True, "existing", False)
    assert found.since.date() == dana.since_on


def test_marketing_needs_a_recorded_yes(dana):
    assert not state(dana, Category.MARKETING).allowed

    consent.grant(
        dana,
        categories=[Category.MARKETING],
        how="import",
        source_text="Newsletter form of the old shop, column 'optin'",
        now=NOW,
    )

    found = state(dana, Category.MARKETING)
    assert (found.allowed, found.since, found.basis) == (True, NOW, "import")


@pytest.mark.parametrize("how", ["import", "staff", "api"])
def test_a_yes_that_others_report_names_its_source(dana, how):
    with pytest.raises(ConsentNeedsSource):
        consent.grant(dana, categories=SURVEY, how=how, now=NOW, source_text=" ")

    assert not Consent.objects.exists()


@pytest.mark.parametrize("how", ["import", "staff", "api"])
def test_only_the_customer_takes_a_withdrawal_back(dana, how):
    consent.withdraw(dana, categories=SURVEY, how="stop_page", now=NOW)

    with pytest.raises(ConsentWithdrawn):
        consent.grant(dana, categories=SURVEY, how=how, now=NOW, source_text="A list")

    assert not state(dana).allowed


def test_withdrawing_twice_is_one_row(dana):
    for _ in range(2):
        consent.withdraw(dana, categories=SURVEY, how="one_click", now=NOW)

    assert Consent.objects.count() == 1


def test_the_same_source_twice_is_one_row(dana):
    for _ in range(2):
        consent.withdraw(
            dana, categories=SURVEY, how="api", source_key="event:9", now=NOW
        )
        consent.grant(dana, categories=SURVEY, how="undo", now=NOW)

    assert [row.granted for row in Consent.objects.order_by("id")] == [False, True]


def test_receipts_cannot_be_stopped(dana):
    consent.withdraw(dana, categories=list(Category), how="staff", now=NOW)

    assert state(dana, Category.TRANSACTIONAL).allowed
    assert Consent.objects.filter(category="transactional").count() == 0


def test_a_withdrawal_ends_what_is_planned_and_informs_the_others(dana):
    waiting, gone = MessageFactory(customer=dana), MessageFactory(customer=dana)
    Message.objects.filter(pk=gone.pk).update(state="sent", final_at=NOW)
    heard = []

    def hear(messages, **_):
        heard.extend(messages)

    messages_finished.connect(hear)
    try:
        consent.withdraw(dana, categories=SURVEY, how="staff", now=NOW)
    finally:
        messages_finished.disconnect(hear)

    assert [(m.pk, m.state, m.reason_code) for m in heard] == [
        (waiting.pk, "suppressed", "opted_out")
    ]


def test_a_withdrawal_that_stood_already_still_ends_what_is_planned(dana):
    consent.withdraw(dana, categories=SURVEY, how="staff", now=NOW)
    MessageFactory(customer=dana)

    consent.withdraw(dana, categories=SURVEY, how="staff", now=NOW)

    assert Message.objects.get().state == "suppressed"


def test_states_as_of_an_earlier_moment(dana):
    consent.withdraw(dana, categories=SURVEY, how="staff", now=NOW)

    before = consent.states([dana.pk], as_of=NOW - timedelta(seconds=1))

    assert before[dana.pk][Category.SURVEY].allowed


def test_states_of_many_take_five_queries(dana, django_assert_num_queries):
    ids = [dana.pk, *(CustomerFactory().pk for _ in range(20))]

    with django_assert_num_queries(5):
        assert len(consent.states(ids)) == 21


def test_the_ledger_refuses_edits(dana):
    consent.withdraw(dana, categories=SURVEY, how="staff", now=NOW)

    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.update(granted=True)


def test_each_act_leaves_one_audit_entry_without_values(dana):
    consent.withdraw(dana, categories=list(Category), how="staff", now=NOW)

    (entry,) = AuditEntry.objects.filter(action="consent.withdrawn")
    assert (entry.customer_id, entry.fields) == (
        dana.pk,
        ["birthday", "loyalty", "marketing", "survey"],
    )


# --- Staff take their own withdrawal back --------------------------------------------


@pytest.fixture
def noa(db):
    return UserFactory(role="agent")


def withdraw_by(staff, customer, now=NOW, category=Category.SURVEY):
    return consent.withdraw(
        customer, categories=[category], how="staff", staff=staff, now=now
    )


def undo_by(staff, customer, now=NOW, category=Category.SURVEY):
    return consent_undo.undo_by_staff(customer, category=category, staff=staff, now=now)


def test_staff_undo_their_own_withdrawal_as_a_new_row(dana, noa):
    withdraw_by(noa, dana)

    undo_by(noa, dana, now=NOW + timedelta(minutes=9, seconds=59))

    rows = Consent.objects.order_by("id")
    assert [(r.granted, r.how, r.staff) for r in rows] == [
        (False, "staff", noa),
        (True, "undo", noa),
    ]
    assert state(dana).allowed


def test_staff_undo_for_ten_minutes_and_no_longer(dana, noa):
    withdraw_by(noa, dana)

    with pytest.raises(UndoTooLate):
        undo_by(noa, dana, now=NOW + timedelta(minutes=10))

    assert not state(dana).allowed


def test_no_one_undoes_a_withdrawal_of_somebody_else(dana, noa):
    withdraw_by(noa, dana)

    with pytest.raises(ConsentWithdrawn):
        undo_by(UserFactory(role="owner"), dana)

    assert not state(dana).allowed


@pytest.mark.parametrize("how", ["stop_page", "one_click", "preference_page"])
def test_staff_never_undo_what_the_customer_withdrew(dana, noa, how):
    consent.withdraw(dana, categories=SURVEY, how=how, now=NOW)

    with pytest.raises(ConsentWithdrawn):
        undo_by(noa, dana)

    assert not state(dana).allowed


@pytest.mark.parametrize("how", ["stop_page", "one_click", "preference_page"])
def test_a_customer_who_stops_after_staff_did_has_the_last_word(dana, noa, how):
    """Nothing changes by it but whose word it is, and that is what counts."""
    withdraw_by(noa, dana)
    consent.withdraw(dana, categories=SURVEY, how=how, now=NOW)

    with pytest.raises(ConsentWithdrawn):
        undo_by(noa, dana)

    assert not state(dana).allowed


def test_undoing_twice_is_once_and_withdrawing_after_it_counts(dana, noa):
    for _ in range(2):
        withdraw_by(noa, dana)
        undo_by(noa, dana)
        undo_by(noa, dana)
    withdraw_by(noa, dana)

    assert Consent.objects.count() == 5
    assert not state(dana).allowed


def test_undo_allows_no_more_than_was_allowed_before(dana, noa):
    """Offers were never agreed to: there is nothing to take back."""
    withdraw_by(noa, dana, category=Category.MARKETING)

    with pytest.raises(ConsentWithdrawn):
        undo_by(noa, dana, category=Category.MARKETING)

    assert not state(dana, Category.MARKETING).allowed


def test_the_database_knows_no_staff_on_a_customers_own_word(dana, noa):
    with pytest.raises(DatabaseError, match="consent_staff_how"), transaction.atomic():
        Consent.objects.create(
            customer=dana, category="survey", granted=False, at=NOW,
            how="stop_page", staff=noa,
        )  # fmt: skip
