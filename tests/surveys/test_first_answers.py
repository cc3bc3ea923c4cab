"""A first answer through a link: one statement that is whole, and the rules of all."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client, RequestFactory

from crm.models import AuditEntry, Business, FollowUp
from messaging.public_language import page_language, wanted_language
from messaging.services import links
from surveys import selectors
from surveys.kinds.asking import link_to
from surveys.models import Response
from surveys.services import invitations
from surveys.services.responses import (
    answer_link,
    record_provisional,
    record_response,
)
from surveys.signals import response_recorded
from tests.factories import NOW, CustomerFactory, InvitationFactory, UserFactory

LATER = NOW + timedelta(hours=1)
# What differs between two customers, and what says where an answer came from.
OWN = {"id", "invitation_id", "customer_id", "source_key", "subject", "actor_id"}
DOOR = {"actor_kind", "via"}


def token_of(invitation):
    return links.make(
        link_to(invitation), customer_id=invitation.customer_id, message_id=None
    )


def send(token, score=9, comment="", wanted="", now=NOW):
    return answer_link(token, score=score, comment=comment, wanted=wanted, now=now)


@contextmanager
def heard_by(receiver):
    response_recorded.connect(receiver)
    try:
        yield
    finally:
        response_recorded.disconnect(receiver)


def rows_of(model, **which):
    rows = model.objects.filter(**which).order_by("id").values()
    return [
        {name: value for name, value in row.items() if name not in OWN | DOOR}
        for row in rows
    ]


@pytest.mark.parametrize("score", [9, 7, 6, 2])
def test_it_leaves_what_the_service_leaves(shop, score):
    owner = UserFactory(name="Noa")
    by_link, by_service = (
        InvitationFactory(customer=CustomerFactory(owner=owner, language="he"))
        for _ in range(2)
    )

    assert send(token_of(by_link), score, " Good\r\ncoffee ")
    record_response(
        by_service, score=score, comment=" Good\r\ncoffee ", language="", now=NOW
    )

    for model in (Response, AuditEntry, FollowUp):
        left, expected = (
            rows_of(model, customer_id=invitation.customer_id)
            for invitation in (by_link, by_service)
        )
        assert left == expected
    by_link.refresh_from_db()
    assert by_link.state == "answered"


def test_everything_it_does_is_the_customers_deed(invitation):
    send(token_of(invitation), 2)

    actors = AuditEntry.objects.filter(customer_id=invitation.customer_id).values_list(
        "action", "actor_kind", "actor_id", "via"
    )
    assert sorted(actors) == [
        ("follow_up.opened", "customer", invitation.customer_id, "public"),
        ("survey.answered", "customer", invitation.customer_id, "public"),
    ]


def test_a_second_one_is_not_its_business(invitation):
    token = token_of(invitation)
    send(token, 9)

    assert not send(token, 3, now=LATER)
    assert Response.objects.get().score == 9
    assert not FollowUp.objects.exists()


def test_a_press_before_it_is_not_its_business_either(invitation):
    invitation.survey.one_click = True
    invitation.survey.save()
    record_provisional(invitation, score=2, language="en", now=NOW)

    assert not send(token_of(invitation), 9)
    assert Response.objects.get().state == "provisional"


def close_by_time(invitation):
    invitation.expires_at = NOW
    invitation.save()


def close_by_revocation(invitation):
    invitations.revoke(invitation, now=NOW)


def erase_the_customer(invitation):
    invitation.customer.erased_at = NOW
    invitation.customer.save()


def merge_the_customer(invitation):
    invitation.customer.merged_into = CustomerFactory()
    invitation.customer.save()


@pytest.mark.parametrize(
    "end", [close_by_time, close_by_revocation, erase_the_customer, merge_the_customer]
)
def test_what_is_closed_takes_no_answer(invitation, end):
    token = token_of(invitation)
    end(invitation)

    assert not send(token)
    assert not Response.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "x" * 32, "x" * 33, "\x00" * 32])
def test_a_token_of_nobody_takes_no_answer(invitation, token):
    assert not send(token)


@pytest.mark.parametrize("house", ["en", "he", "tlh"])
@pytest.mark.parametrize("own", ["", "zh-hans", "he", "tlh"])
@pytest.mark.parametrize("wanted", ["", "zh-hant", "en", "tlh", "EN"])
def test_page_and_answer_speak_the_language_of_all_pages(shop, house, own, wanted):
    Business.objects.update(language=house)
    invitation = InvitationFactory(customer=CustomerFactory(language=own))
    token = token_of(invitation)
    request = RequestFactory().get("/", {"lang": wanted})
    expected = page_language(request, invitation.customer)

    page = selectors.open_page(token, wanted=wanted_language(request), now=NOW)
    send(token, wanted=wanted_language(request))

    assert (page.language, Response.objects.get().language) == (expected, expected)


# --- Whole ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_answer_without_its_audit_is_none(invitation):
    token = token_of(invitation)
    browser = Client(raise_request_exception=False)
    refuse = "ALTER TABLE crm_auditentry ADD CONSTRAINT none CHECK (false) NOT VALID"
    with connection.cursor() as cursor:
        cursor.execute(refuse)
    try:
        seen = browser.post(f"/s/{token}/", {"score": "9"})
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE crm_auditentry DROP CONSTRAINT none")

    invitation.refresh_from_db()
    assert seen.status_code == 500
    assert invitation.state == "open"
    assert not Response.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("score", [9, 2])
def test_who_hears_of_it_can_still_undo_it(invitation, score):
    token = token_of(invitation)
    inside = []

    def break_it(response, **kwargs):
        inside.append(connection.in_atomic_block and response.score)
        raise RuntimeError("a receiver failed")

    with heard_by(break_it), pytest.raises(RuntimeError):
        send(token, score)

    assert inside == [score]
    assert not Response.objects.exists()
    assert not FollowUp.objects.exists()
    assert not AuditEntry.objects.filter(action="survey.answered").exists()


def test_who_hears_of_it_hears_it_once(invitation):
    heard = []

    def hear(response, now, **kwargs):
        heard.append((response.pk, response.score, response.language, now))

    token = token_of(invitation)
    with heard_by(hear):
        send(token, 9, wanted="he")
        send(token, 9, wanted="he")

    assert heard == [(Response.objects.get().pk, 9, "he", NOW)]


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_waited_for_a_revocation_is_refused(invitation):
    token = token_of(invitation)

    def answer():
        try:
            return send(token)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as people:
        with transaction.atomic():
            invitations.revoke(invitation, now=NOW)
            waiting = people.submit(answer)
            wait_until_somebody_waits()
        assert waiting.result() is False
    assert not Response.objects.exists()


def wait_until_somebody_waits():
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), pg_sleep(0.01), pg_stat_clear_snapshot()"
                " FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")
