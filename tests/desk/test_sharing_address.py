"""What staff see of an address that several records carry."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crm.models import Customer
from crm.services import personal_data
from messaging.rules.choices import Category, SuppressionReason
from messaging.services import consent, pauses, suppression
from tests.factories import NOW, CustomerFactory, MessageFactory, UserFactory


@pytest.fixture
def owner(client, db):
    user = UserFactory(role="owner")
    client.force_login(user)
    return user


@pytest.fixture
def ana(db):
    return CustomerFactory(given_name="Ana", family_name="Berg", email="f@example.org")


@pytest.fixture
def ben(db):
    return CustomerFactory(given_name="Ben", family_name="Berg", email="F@Example.org")


def page(client, customer):
    answer = client.get(reverse("desk:customer", args=[customer.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def link_to(customer):
    return f'href="{reverse("desk:customer", args=[customer.pk])}"'


def test_adding_a_customer_shows_who_has_the_address_already(client, owner, ana):
    data = {"given_name": "Ben", "email": "F@EXAMPLE.org", "anyway": "1"}

    answer = client.post(reverse("crm:customer-create"), data, follow=True)

    text = answer.content.decode()
    assert Customer.objects.filter(given_name="Ben").exists()
    assert "This address is already on another record:" in text
    assert link_to(ana) in text


def test_a_new_address_shows_nothing(client, owner, ana):
    data = {"given_name": "Ben", "email": "ben@example.org"}

    answer = client.post(reverse("crm:customer-create"), data, follow=True)

    assert "Customer saved." in answer.content.decode()
    assert "already on another record" not in answer.content.decode()


@pytest.mark.parametrize("url", ["crm:customer-edit", "crm:customer-fact"])
def test_changing_the_address_shows_it_too(client, owner, ana, url):
    ben = CustomerFactory(given_name="Ben", email="ben@example.org")
    args = [ben.pk] if url == "crm:customer-edit" else [ben.pk, "email"]
    form = client.get(reverse(url, args=args)).context["form"]
    data = {
        **{field.html_name: field.value() or "" for field in form},
        **{
            field.html_initial_name: field.value() or ""
            for field in form
            if field.field.show_hidden_initial
        },
        "email": "f@example.org",
    }

    answer = client.post(reverse(url, args=args), data, follow=True)

    ben.refresh_from_db()
    assert ben.email == "f@example.org"
    assert "This address is already on another record:" in answer.content.decode()
    assert link_to(ana) in answer.content.decode()


def test_a_name_in_the_notice_is_text_and_never_markup(client, owner):
    CustomerFactory(given_name="<script>x</script>", email="f@example.org")

    answer = client.post(
        reverse("crm:customer-create"), {"given_name": "B", "email": "f@example.org"},
        follow=True,
    )  # fmt: skip

    assert "&lt;script&gt;x" in answer.content.decode()
    assert "<script>x" not in answer.content.decode()


def test_the_customer_and_the_edit_page_link_the_others(client, owner, ana, ben):
    edit = client.get(reverse("crm:customer-edit", args=[ben.pk])).content.decode()

    for text in (page(client, ben), edit):
        assert "Also the address of" in text
        assert link_to(ana) in text


def test_a_record_that_was_merged_away_is_no_other_record(client, owner, ana, ben):
    """Mail to its address goes to the kept one, which is the page's own."""
    Customer.objects.filter(pk=ana.pk).update(merged_into=ben)
    edit = client.get(reverse("crm:customer-edit", args=[ben.pk])).content.decode()

    for text in (page(client, ben), edit):
        assert "Ben" in text
        assert "Also the address of" not in text


def test_a_stop_is_shown_with_the_record_it_was_made_through(client, owner, ana, ben):
    consent.withdraw(ana, categories=[Category.SURVEY], how="one_click", now=NOW)

    theirs, own = page(client, ben), page(client, ana)

    assert "who has the same address" in theirs
    assert theirs.count(link_to(ana)) > page(client, ana).count(link_to(ana))
    assert "who has the same address" not in own


def test_a_bounce_is_shown_with_the_record_it_came_from(client, owner, ana, ben):
    MessageFactory(
        customer=ana, state="failed", reason_code="no_such_mailbox", final_at=NOW
    )
    address = suppression.address_hash(ana.email_norm)
    suppression.suppress(address, reason=SuppressionReason.BOUNCE, now=NOW)

    text = page(client, ben)

    assert "There is no such mailbox: nothing goes to it." in text
    assert "who has the same address" in text


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (SuppressionReason.COMPLAINT, "Our mail was marked as spam there"),
        (SuppressionReason.STAFF, "Staff blocked the address: nothing goes to it."),
        (SuppressionReason.WITHDRAWN, "They opted out before this record was made"),
    ],
)
def test_what_stands_about_the_address_is_shown_on_every_record(
    client, owner, ana, ben, reason, words
):
    address = suppression.address_hash(ana.email_norm)
    suppression.suppress(address, reason=reason, now=NOW)

    for customer in (ana, ben):
        assert words in page(client, customer)


def test_an_erased_record_is_known_on_the_others_by_a_sentence_alone(
    client, owner, ana, ben
):
    personal_data.erase(ana, now=NOW)

    text = page(client, ben)

    assert "Somebody at this address was erased: only receipts and answers go." in text
    assert "Also the address of" not in text
    assert link_to(ana) not in text
    assert "Ana" not in text


def test_a_pause_through_one_record_is_shown_on_the_other(client, owner, ana, ben):
    from django.utils import timezone

    pauses.pause(ana, now=timezone.now() - timedelta(days=1))

    assert "Paused by the customer until" in page(client, ben)
