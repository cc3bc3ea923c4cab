"""F29: two clicks, two people, back and send again: one effect."""

import re
import threading
from datetime import UTC, datetime

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from crm.models import AuditEntry, FollowUp, Interaction
from messaging.models import Consent, Message
from messaging.rules.choices import Category
from messaging.services import last_words, links
from surveys.models import Response
from tests.factories import CustomerFactory, UserFactory
from tests.journeys.support import small_shop
from tests.messaging.delivering import plan

pytestmark = pytest.mark.faults

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOTE = {"body": "Called, nobody there.", "channel": "call"}
PROMISE = {"why": "Call again", "due_on": "2031-05-01"}


@pytest.fixture
def noa(client, db):
    client.force_login(UserFactory())
    return client


def filled(client, name, customer, words):
    """The form as its page gives it, hidden fields and all."""
    url = reverse(f"crm:{name}", args=[customer.pk])
    page = client.get(url).content.decode()
    (once,) = re.findall(r'name="once" value="([^"]+)"', page)
    return url, {**words, "once": once}


FORMS = {
    "interaction-create": (NOTE, Interaction, "body"),
    "follow-up-create": (PROMISE, FollowUp, "why"),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_sent_again_after_back_is_one_action(noa, name):
    words, model, _ = FORMS[name]
    customer = CustomerFactory()
    url, data = filled(noa, name, customer, words)

    answers = [noa.post(url, data) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert model.objects.count() == 1
    assert AuditEntry.objects.filter(customer_id=customer.pk).count() == 1


@pytest.mark.parametrize("name", FORMS)
def test_after_back_other_words_are_another_action(noa, name):
    words, model, field = FORMS[name]
    url, data = filled(noa, name, CustomerFactory(), words)

    noa.post(url, data)
    noa.post(url, {**data, field: "Something else"})

    assert model.objects.count() == 2


OVER = {
    "interaction-create": {"version": 2},
    "follow-up-create": {"state": "dropped", "done_at": NOW},
}


@pytest.mark.parametrize("name", FORMS)
def test_after_back_what_no_longer_stands_is_wished_anew(noa, name):
    """Dropped or overwritten since: the page must not claim that it is saved."""
    words, model, _ = FORMS[name]
    url, data = filled(noa, name, CustomerFactory(), words)
    for made in (1, 2, 3):
        for _ in range(2):
            assert noa.post(url, data).status_code == 303
        assert model.objects.count() == made
        model.objects.update(**OVER[name])


@pytest.mark.parametrize("name", FORMS)
def test_the_same_words_from_a_new_page_are_another_action(noa, name):
    words, model, _ = FORMS[name]
    customer = CustomerFactory()
    for _ in range(2):
        url, data = filled(noa, name, customer, words)
        noa.post(url, data)

    assert model.objects.count() == 2


def at_once(*actions):
    """Each action in a thread with a connection of its own, begun together."""
    together, ends = threading.Barrier(len(actions)), []

    def work(action):
        together.wait(60)
        try:
            ends.append(action())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ends


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", FORMS)
def test_a_form_sent_four_times_at_once_is_one_action(name):
    words, model, _ = FORMS[name]
    user, customer = UserFactory(), CustomerFactory()
    clients = [signed_in(user) for _ in range(4)]
    url, data = filled(clients[0], name, customer, words)

    codes = at_once(
        *(lambda one=one: one.post(url, data).status_code for one in clients)
    )

    assert codes == [303] * 4
    assert model.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_who_send_an_uncertain_mail_again_send_it_once():
    message = plan("dana@example.org", state="uncertain", final_at=NOW)
    clients = [signed_in(UserFactory(role="manager")) for _ in range(2)]
    url = reverse("messaging:message-send-again", args=[message.pk])

    codes = at_once(*(lambda one=one: one.post(url).status_code for one in clients))

    assert len(codes) == 2
    assert all(code < 500 for code in codes)
    assert Message.objects.get().state == "planned"
    assert AuditEntry.objects.filter(subject=f"message:{message.pk}").count() == 1


@pytest.mark.slow
@pytest.mark.pipeline
@pytest.mark.django_db(transaction=True)
def test_an_answer_sent_four_times_at_once_is_one_answer(
    settings, tmp_path, time_machine
):
    settings.MAIL_TRANSPORT, settings.JOURNAL_FOLDER = "outbox", tmp_path
    time_machine.move_to(NOW, tick=False)
    shop = small_shop(NOW)
    before = Response.objects.count()
    page = shop.links["survey_too"]

    codes = at_once(
        *(
            lambda: Client().post(page, {"score": "9", "comment": "Good"}).status_code
            for _ in range(4)
        )
    )

    assert all(code in (200, 302, 303) for code in codes), codes
    assert Response.objects.count() == before + 1
    assert Response.objects.latest("id").score == 9


def stop_page(customer):
    page = f"/u/{links.stop_token(customer.pk, Category.SURVEY)}/"
    found = re.search(
        r'name="act" value="([^"]+)"', Client().get(page).content.decode()
    )
    return page, found[1]


def hows():
    return [row.how for row in Consent.objects.order_by("id")]


@pytest.mark.slow
@pytest.mark.pipeline
@pytest.mark.django_db(transaction=True)
def test_fifty_presses_at_once_are_one_stop_before_and_after_an_undo():
    page, act = stop_page(CustomerFactory())
    press = {"choice": "stop", "act": act}
    for seen in (["stop_page"], ["stop_page", "undo", "stop_page"]):
        codes = at_once(
            *(lambda: Client().post(page, press).status_code for _ in range(50))
        )

        assert codes == [302] * 50
        assert hows() == seen
        Client().post(page, {"choice": "undo", "act": act})


@pytest.mark.slow
@pytest.mark.pipeline
@pytest.mark.django_db(transaction=True)
def test_fifty_presses_and_one_click_posts_at_once_leave_it_stopped():
    customer = CustomerFactory()
    page, act = stop_page(customer)
    press = {"choice": "everything", "act": act}

    codes = at_once(
        *(
            lambda data=data: Client().post(page, data).status_code
            for data in [press, {"List-Unsubscribe": "One-Click"}] * 25
        )
    )

    assert sorted(codes) == [200] * 25 + [302] * 25
    newest = last_words.rows_of(customer)
    stopped = {"survey", "loyalty", "marketing", "birthday"}
    assert {category.value for category in newest} == stopped
    assert not any(row.granted for row in newest.values())
    assert Consent.objects.count() == len(stopped)
