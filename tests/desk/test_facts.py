"""The facts beside the timeline: what staff stop for a customer, and their tags."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from crm.models import AuditEntry, Tag
from crm.services import customers
from messaging.models import Consent
from messaging.rules.choices import Category
from messaging.services import consent
from tests.desk.conftest import NOW, sign_up
from tests.factories import MessageFactory
from tests.pages import read
from web.errors import InvalidValue


def withdraw_url(customer, category):
    return reverse("messaging:consent-withdraw", args=[customer.pk, category])


def page_of(client, customer):
    return read(client.get(f"/customers/{customer.pk}/"), customer.family_name)


# --- May we write --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "words"),
    [("survey", "Surveys stopped."), ("loyalty", "Reminders stopped.")],
)
def test_staff_stop_one_class_and_get_a_notice(desk, noa, dana, category, words):
    answer = desk.post(withdraw_url(dana, category), follow=True)

    assert answer.redirect_chain == [(f"/customers/{dana.pk}/", 302)]
    assert words in answer.content.decode()
    (row,) = Consent.objects.filter(customer=dana)
    assert (row.category, row.granted, row.how) == (category, False, "staff")
    entry = AuditEntry.objects.get(action="consent.withdrawn")
    assert (entry.actor_id, entry.customer_id) == (noa.pk, dana.pk)


def test_what_was_planned_of_that_class_does_not_go(desk, dana):
    survey = MessageFactory(customer=dana, not_before=NOW, category="survey")
    loyalty = MessageFactory(customer=dana, not_before=NOW, category="loyalty")

    desk.post(withdraw_url(dana, "survey"))

    survey.refresh_from_db()
    loyalty.refresh_from_db()
    assert (survey.state, survey.reason_code) == ("suppressed", "opted_out")
    assert loyalty.state == "planned"


def test_stopping_twice_is_one_withdrawal(desk, dana):
    desk.post(withdraw_url(dana, "survey"))
    answer = desk.post(withdraw_url(dana, "survey"))

    assert answer.status_code == 302
    assert Consent.objects.filter(customer=dana).count() == 1


def test_the_button_stands_only_where_we_may_write(desk, dana):
    desk.post(withdraw_url(dana, "survey"))

    page = page_of(desk, dana)

    assert withdraw_url(dana, "loyalty") in page
    assert f'"{withdraw_url(dana, "survey")}"' not in page
    assert withdraw_url(dana, "marketing") not in page


def test_the_offers_they_agreed_to_can_be_stopped(desk, dana):
    consent.grant(dana, categories=[Category.MARKETING], how="preference_page", now=NOW)
    assert withdraw_url(dana, "marketing") in page_of(desk, dana)

    answer = desk.post(withdraw_url(dana, "marketing"), follow=True)

    assert "Offers stopped." in answer.content.decode()


@pytest.mark.parametrize("category", ["transactional", "everything"])
def test_nothing_else_can_be_stopped(desk, dana, category):
    assert desk.post(withdraw_url(dana, category)).status_code == 404
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    ("role", "sees", "may"),
    [
        ("owner", True, True),
        ("manager", True, True),
        ("agent", True, True),
        ("marketer", True, False),
        ("analyst", False, False),
    ],
)
def test_only_some_roles_stop_mail(client, db, dana, role, sees, may):
    client.force_login(sign_up("omer", role))
    if sees:
        assert (withdraw_url(dana, "survey") in page_of(client, dana)) is may

    seen = client.post(withdraw_url(dana, "survey")).status_code

    assert seen == (302 if may else 403)
    assert Consent.objects.exists() is may


# --- Tags ----------------------------------------------------------------------------


def retag(customer, tags):
    customers.update_customer(customer, changes={"tags": tags}, now=NOW)


def tags_of(customer):
    return list(customer.tags.values_list("name", flat=True))


def test_tags_stand_among_the_facts_and_are_edited_in_place(desk, dana):
    address = reverse("crm:customer-fact", args=[dana.pk, "tags"])
    retag(dana, ["office", "core"])
    dana.refresh_from_db()
    assert "core, office" in page_of(desk, dana)

    answer = desk.post(
        address,
        {
            "tags": "core, wholesale,, ",
            "initial-tags": "core, office",
            "version": dana.version,
        },
        headers={"HX-Request": "true"},
    )

    assert answer.status_code == 200
    assert "core, wholesale" in answer.content.decode()
    assert tags_of(dana) == ["core", "wholesale"]


def test_changed_tags_are_audited_and_raise_the_version(noa, dana):
    before = dana.version

    retag(dana, ["core"])
    retag(dana, ["core"])

    dana.refresh_from_db()
    assert dana.version == before + 1
    (entry,) = AuditEntry.objects.filter(action="customer.changed")
    assert entry.fields == ["tags"]


def test_tags_that_somebody_else_changed_are_shown_beside_mine(desk, dana):
    address = reverse("crm:customer-fact", args=[dana.pk, "tags"])
    stale = dana.version
    retag(dana, ["theirs"])

    answer = desk.post(address, {"tags": "mine", "initial-tags": "", "version": stale})

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "theirs" in page
    assert 'value="mine"' in page
    assert tags_of(dana) == ["theirs"]


def test_other_capitals_are_the_same_tag(dana):
    retag(dana, ["Office"])
    retag(dana, ["OFFICE", "office"])

    assert tags_of(dana) == ["Office"]
    assert Tag.objects.count() == 1


@pytest.mark.parametrize(
    "tags", [["x" * 61], ["one\ntwo"], [f"tag {number}" for number in range(51)]]
)
def test_tags_that_no_list_could_show_are_refused(dana, tags):
    with pytest.raises(InvalidValue) as refused:
        retag(dana, tags)

    assert set(refused.value.fields) == {"tags"}
    assert tags_of(dana) == []


def test_a_tag_that_is_too_long_is_refused_beside_the_field(desk, dana):
    address = reverse("crm:customer-fact", args=[dana.pk, "tags"])

    answer = desk.post(
        address, {"tags": "x" * 61, "initial-tags": "", "version": dana.version}
    )

    assert answer.status_code == 422
    assert "Use fewer characters" in answer.content.decode()
    assert "x" * 61 in answer.content.decode()


def test_a_new_customer_may_have_tags(desk, db):
    answer = desk.post(
        reverse("crm:customer-create"), {"given_name": "Ruth", "tags": "core, office"}
    )

    assert answer.status_code == 303
    assert set(Tag.objects.values_list("name", flat=True)) == {"core", "office"}


# --- Undo ----------------------------------------------------------------------------


def undo_url(customer, category):
    return reverse("messaging:consent-undo", args=[customer.pk, category])


def test_a_withdrawal_offers_undo_at_once_and_for_ten_minutes(desk, dana):
    for _ in range(2):
        answer = desk.post(withdraw_url(dana, "survey"), follow=True)
    # In the news of the page, and beside the class.
    assert answer.content.decode().count(undo_url(dana, "survey")) == 2

    with time_machine.travel(NOW + timedelta(minutes=9), tick=False):
        assert undo_url(dana, "survey") in page_of(desk, dana)
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        assert undo_url(dana, "survey") not in page_of(desk, dana)
        late = desk.post(undo_url(dana, "survey"), follow=True).content.decode()
    assert "This can be undone for ten minutes" in late
    assert Consent.objects.count() == 1


def test_undo_allows_it_again_and_shows_what_stays_ended(desk, dana):
    desk.post(withdraw_url(dana, "survey"))

    answer = desk.post(undo_url(dana, "survey"), follow=True).content.decode()

    assert "Undone. What was planned before stays ended." in answer
    assert "Yes, since" in answer
    assert withdraw_url(dana, "survey") in answer


def test_undo_of_what_the_customer_stopped_is_refused_in_words(desk, dana):
    consent.withdraw(dana, categories=[Category.SURVEY], how="stop_page", now=NOW)
    assert undo_url(dana, "survey") not in page_of(desk, dana)

    answer = desk.post(undo_url(dana, "survey"), follow=True).content.decode()

    assert "Somebody else stopped these, so it stays." in answer
    assert "No, since 18 Nov 2026" in answer


@pytest.mark.parametrize("role", ["marketer", "analyst"])
def test_who_may_not_withdraw_may_not_undo(client, dana, role):
    client.force_login(sign_up("mo", role))

    assert client.post(undo_url(dana, "survey")).status_code == 403
