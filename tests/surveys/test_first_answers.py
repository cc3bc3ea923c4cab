"""A first answer through a link: whole or not at all, and the rules of all."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.test import Client, RequestFactory

from crm.models import AuditEntry, Business, FollowUp
from messaging.public_language import page_language, wanted_language
from messaging.services import links
from surveys import selectors
from surveys.kinds.mails import link_to
from surveys.models import Response, SurveyVersion
from surveys.services import invitations
from surveys.services.versions import questionnaire_of
from surveys.signals import response_recorded
from tests.factories import (
    NOW,
    CustomerFactory,
    InvitationFactory,
    OrderFactory,
    OrderLineFactory,
    UserFactory,
)
from tests.waiting import until_somebody_waits


def token_of(invitation):
    return links.make(
        link_to(invitation), customer_id=invitation.customer_id, message_id=None
    )


def send(token, score=9, comment="", wanted=""):
    """Whether the page took it."""
    given = {"score": score, "comment": comment}
    query = {"lang": wanted} if wanted else {}
    answer = Client().post(f"/s/{token}/", given, query_params=query)
    return answer.status_code == 302


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@contextmanager
def heard_by(receiver):
    response_recorded.connect(receiver)
    try:
        yield
    finally:
        response_recorded.disconnect(receiver)


def test_everything_it_does_is_the_customers_action(invitation):
    send(token_of(invitation), 2)

    actors = AuditEntry.objects.filter(customer_id=invitation.customer_id).values_list(
        "action", "actor_kind", "actor_id", "via"
    )
    assert sorted(actors) == [
        ("follow_up.opened", "customer", invitation.customer_id, "public"),
        ("survey.answered", "customer", invitation.customer_id, "public"),
    ]


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


@pytest.mark.parametrize("token", ["x", "x" * 32, "x" * 33, "%00" * 32])
def test_an_unknown_token_takes_no_answer(invitation, token):
    assert not send(token)


@pytest.mark.parametrize("shop_language", ["en", "he", "tlh"])
@pytest.mark.parametrize("own", ["", "zh-hans", "he", "tlh"])
@pytest.mark.parametrize("wanted", ["", "zh-hant", "en", "tlh", "EN"])
def test_page_and_answer_speak_the_language_of_all_pages(
    shop, shop_language, own, wanted
):
    Business.objects.update(language=shop_language)
    invitation = InvitationFactory(customer=CustomerFactory(language=own))
    token = token_of(invitation)
    request = RequestFactory().get("/", {"lang": wanted})
    expected = page_language(request, invitation.customer)

    page = selectors.open_page(token, wanted=wanted_language(request), now=NOW)
    send(token, wanted=wanted)

    assert (page.language, Response.objects.get().language) == (expected, expected)


def test_a_page_and_an_answer_take_few_queries(shop, django_assert_max_num_queries):
    order = OrderFactory()
    OrderLineFactory.create_batch(3, order=order)
    owner = UserFactory(name="Noa")
    invitation = InvitationFactory(
        customer=CustomerFactory(owner=owner),
        order=order,
    )
    token = token_of(invitation)

    with django_assert_max_num_queries(4):
        assert b"Noa" in Client().get(f"/s/{token}/").content
    # Two of them are the savepoint that a test makes of a transaction.
    with django_assert_max_num_queries(12):
        assert send(token)


def test_a_refused_answer_is_told_what_it_is_about(shop):
    order = OrderFactory(number="1042")
    OrderLineFactory(order=order, product__name="Ethiopia 1 kg")
    customer = CustomerFactory(owner=UserFactory(name="Noa"))
    token = token_of(InvitationFactory(customer=customer, order=order))

    refused = Client().post(f"/s/{token}/", {"comment": "Fast."})

    assert refused.status_code == 422
    for words in ("Ethiopia 1 kg", "Noa", "1042", "Fast."):
        assert words in refused.content.decode()


def test_the_questions_of_a_draft_are_not_kept(invitation):
    draft = SurveyVersion.objects.create(
        survey=invitation.survey, number=2, state="draft", content={}, made_at=NOW
    )
    with pytest.raises(SurveyVersion.DoesNotExist):
        questionnaire_of(draft.pk)


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
            until_somebody_waits()
        assert waiting.result() is False
    assert not Response.objects.exists()
