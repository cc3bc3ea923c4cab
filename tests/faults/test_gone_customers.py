"""F37: somebody is erased, or merged into another record, while mail waits for them."""

import pytest

from messaging.models import Message, Suppression
from messaging.rules.choices import SuppressionReason
from messaging.services import leases, suppression
from messaging.services.delivery import smtp_delivery
from tests.factories import CustomerFactory
from tests.messaging.delivering import NOW, plan, row, run, states

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db,
    pytest.mark.usefixtures("plain_kind"),
]


def erase(customer) -> None:
    """As an erasure leaves a row: no address, the tombstone set."""
    type(customer).objects.filter(pk=customer.pk).update(
        erased_at=NOW, email="", email_norm="", given_name="", family_name=""
    )


def merge(away, kept) -> None:
    type(away).objects.filter(pk=away.pk).update(merged_into=kept)


def between_claim_and_hand_over(monkeypatch, action) -> None:
    real = smtp_delivery.prepare

    def prepare(*args, **kwargs):
        action()
        return real(*args, **kwargs)

    monkeypatch.setattr(smtp_delivery, "prepare", prepare)


def look_again() -> None:
    """What was claimed and not handed comes back when its lease is over."""
    Message.objects.filter(state="claimed").update(lease_until="2000-01-01T00:00Z")
    leases.sweep_leases(now=NOW)
    run()


def test_nothing_goes_to_somebody_who_was_erased_while_it_waited(sink):
    message, other = plan("gone@example.org"), plan("dana@example.org")
    erase(message.customer)

    run()

    assert (row(message).state, row(message).reason_code) == (
        "suppressed",
        "customer_gone",
    )
    assert row(other).state == "sent"
    assert sink.recipients == ["dana@example.org"]


def test_nothing_goes_to_somebody_who_is_erased_after_the_claim(sink, monkeypatch):
    message, other = plan("gone@example.org"), plan("dana@example.org")
    between_claim_and_hand_over(monkeypatch, lambda: erase(message.customer))

    run()
    look_again()

    assert row(message).state == "suppressed"
    assert row(message).reason_code == "customer_gone"
    assert row(other).state == "sent"
    assert sink.recipients == ["dana@example.org"]


def test_an_erased_address_that_comes_back_as_a_new_record_is_not_written_to(sink):
    """The tombstone is gone from view; the keyed hash of the address is not."""
    suppression.suppress(
        suppression.address_hash("gone@example.org"),
        reason=SuppressionReason.ERASED,
        now=NOW,
    )
    message = plan("Gone@Example.org")

    run()

    assert (row(message).state, row(message).reason_code) == ("suppressed", "erased")
    assert Suppression.objects.count() == 1
    assert sink.recipients == []


def test_of_two_records_of_one_person_only_the_kept_one_is_written_to(sink):
    kept, away = CustomerFactory(email="dana@example.org"), CustomerFactory()
    plan(customer=kept)
    left_over = plan(customer=away)
    merge(away, kept)

    run()

    assert states() == {"sent": 1, "suppressed": 1}
    assert row(left_over).reason_code == "customer_gone"
    assert sink.recipients == ["dana@example.org"]


def test_a_merge_after_the_claim_still_sends_only_once(sink, monkeypatch):
    kept, away = CustomerFactory(email="dana@example.org"), CustomerFactory()
    plan(customer=kept)
    left_over = plan(customer=away)
    between_claim_and_hand_over(monkeypatch, lambda: merge(away, kept))

    run()
    look_again()

    assert row(left_over).state == "suppressed"
    assert sink.recipients == ["dana@example.org"]


@pytest.mark.parametrize("transport", ["smtp", "outbox"])
def test_the_outbox_keeps_no_body_for_somebody_erased(sink, settings, transport):
    settings.MAIL_TRANSPORT = transport
    message = plan("gone@example.org")
    erase(message.customer)

    run()

    assert not hasattr(row(message), "body")
