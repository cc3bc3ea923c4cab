"""A message goes to exactly one recipient: a customer, a colleague or an address."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from crm.services import api_tokens
from messaging import selectors
from messaging.models import Automation, Body, Message, Suppression
from messaging.rules.choices import SuppressionReason
from messaging.services import automations, leases, messages, suppression
from messaging.services.direct import post
from tests.factories import CustomerFactory, MessageFactory, UserFactory
from tests.messaging.delivering import NOW, plan, row, run
from tests.messaging.notice_kind import NoticeKind, OpenNoticeKind
from tests.messaging.small_kind import registered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_kind", "notice")]


@pytest.fixture
def notice():
    with registered(NoticeKind()) as kind, registered(OpenNoticeKind()):
        yield kind


@pytest.fixture
def outbox(settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path


def ask(to, *, kind="notice", occurrence="once", now=NOW):
    return post(kind=kind, to=to, occurrence=occurrence, now=now)


# --- What the database refuses -------------------------------------------------------


@pytest.mark.parametrize(
    "recipient",
    [
        {},
        {"address": ""},
        {"user": True, "address": "a@example.org"},
        {"customer": True, "user": True},
        {"customer": True, "address": "a@example.org"},
    ],
)
def test_no_recipient_or_two_are_refused(recipient):
    made = {"customer": CustomerFactory, "user": UserFactory}
    found = {
        name: made[name]() if value is True else value
        for name, value in recipient.items()
    }

    with pytest.raises(IntegrityError, match="message_one_recipient"):
        MessageFactory(
            **{"customer": None, "user": None, "address": None, **found},
            category="transactional",
        )


def test_only_customers_get_what_needs_consent():
    with pytest.raises(IntegrityError, match="message_to_others_transactional"):
        MessageFactory(customer=None, address="a@example.org", category="survey")


def recipients():
    return [
        {"customer": CustomerFactory()},
        {"customer": None, "user": UserFactory()},
        {"customer": None, "address": "a@example.org"},
    ]


def test_each_recipient_gets_an_occurrence_once():
    for recipient in recipients():
        fields = {**recipient, "occurrence": "once", "category": "transactional"}
        over = MessageFactory(**fields, state="superseded", final_at=NOW)
        MessageFactory(**fields)
        with pytest.raises(IntegrityError, match="message_once"), transaction.atomic():
            MessageFactory(**fields)
        over.delete()
    assert Message.objects.filter(occurrence="once").count() == 3


# --- Posting -------------------------------------------------------------------------


def test_a_double_press_is_one_message_and_rings_once(
    django_capture_on_commit_callbacks,
):
    user = UserFactory()

    with django_capture_on_commit_callbacks() as rings:
        first, second = ask(user), ask(user)

    assert first.pk == second.pk
    assert Message.objects.count() == 1
    assert len(rings) == 1


def test_one_address_in_any_capitals_is_one_recipient():
    ask("Ana@Example.org")
    ask("ana@example.ORG")
    ask("ana@example.org", occurrence="later")

    assert [one.address for one in Message.objects.all()] == ["ana@example.org"] * 2


def test_a_swept_kind_cannot_be_posted():
    with pytest.raises(TypeError, match="sweep"):
        ask("ana@example.org", kind="plain")


def test_a_direct_kind_has_no_automation(notice):
    automations.ensure_automations()

    assert not Automation.objects.filter(kind=notice.name).exists()
    assert Automation.objects.filter(kind="anniversary").exists()


# --- Its delivery --------------------------------------------------------------------


def test_all_three_leave_on_one_pass(sink):
    plan("dana@example.org")
    ask(UserFactory(email="noa@shop.example", name="Noa Katz"))
    ask("ben@example.net")

    count = run()

    assert count.sent == 3
    assert sorted(sink.recipients) == [
        "ben@example.net",
        "dana@example.org",
        "noa@shop.example",
    ]


def test_who_just_asked_does_not_queue_behind_the_rest(outbox):
    for number in range(3):
        plan(f"c{number}@example.org", priority=1)
    message = ask("ben@example.net")

    run(limit=1)

    assert row(message).state == "sent"


def test_a_secret_is_fresh_at_each_attempt_and_never_kept(sink, notice):
    message = ask("ben@example.net")
    sink.say("dot", "451 4.3.0 try again")
    run()
    sink.recover()

    run(NOW + timedelta(minutes=30))

    assert row(message).state == "sent"
    assert notice.made == 2
    assert "secret-2" in sink.mails[-1].get_body().get_content()
    assert not Body.objects.exists()


@pytest.mark.parametrize(("kind", "kept"), [("notice", 0), ("open-notice", 1)])
def test_without_a_mail_server_it_is_not_kept_either(outbox, kind, kept):
    message = ask("ben@example.net", kind=kind)

    run()

    assert row(message).state == "sent"
    assert Body.objects.filter(message=message).count() == kept


def test_it_lapses_after_its_short_life(outbox):
    message = ask("ben@example.net")

    run(NOW + timedelta(hours=1))

    assert (row(message).state, row(message).reason_code) == ("expired", "too_late")


def test_a_colleague_who_left_gets_nothing(outbox):
    user = UserFactory(is_active=False)
    message = ask(user)

    run()

    ended = row(message)
    assert (ended.state, ended.reason_code) == ("suppressed", "colleague_gone")


def test_an_address_that_bounced_gets_nothing(outbox):
    gone = suppression.address_hash("ben@example.net")
    suppression.suppress(gone, reason=SuppressionReason.BOUNCE, now=NOW)
    message = ask("Ben@Example.net")

    run()

    assert (row(message).state, row(message).reason_code) == ("suppressed", "bounced")


def test_a_bounce_is_remembered_for_a_bare_address(sink):
    message = ask("ben@example.net")
    sink.say("rcpt", "550 5.1.1 no such user")

    run()

    assert row(message).reason_code == "no_such_mailbox"
    hashed = suppression.address_hash("ben@example.net")
    assert bytes(Suppression.objects.get().address_hash) == hashed


def test_what_a_killed_worker_held_goes_back(outbox):
    message = ask(UserFactory())
    Message.objects.filter(pk=message.pk).update(
        state="claimed",
        claim_token="6f1c0c50-0000-4000-8000-000000000000",
        lease_until="2000-01-01T00:00Z",
    )

    leases.sweep_leases(now=NOW)

    assert row(message).state == "planned"


# --- What staff see ------------------------------------------------------------------


@pytest.fixture
def owner(client):
    user = UserFactory(role="owner")
    client.force_login(user)
    return user


@pytest.mark.parametrize("to", ["colleague", "address"])
def test_the_outbox_and_the_page_name_the_recipient(client, owner, outbox, to):
    user = UserFactory(name="Noa Katz")
    message = ask(user if to == "colleague" else "ben@example.net")
    named = "Noa Katz" if to == "colleague" else "ben@example.net"

    planned = client.get(reverse("messaging:outbox"))
    page = client.get(reverse("messaging:message", args=[message.pk]))
    run()
    sent = client.get(reverse("messaging:outbox"), {"tab": "sent"})
    over = client.get(reverse("messaging:message", args=[message.pk]))

    for answer in (planned, page, sent, over):
        assert answer.status_code == 200
        assert named in answer.content.decode()
    assert "never kept or shown here" in over.content.decode()
    assert "secret-" not in over.content.decode()
    assert client.get(reverse("messaging:mail", args=[message.pk])).status_code == 404


def test_why_shows_that_somebody_asked(outbox):
    message = ask(UserFactory())
    run()

    checks = [check.text for check in selectors.why(row(message), now=NOW)]

    assert checks[0] == "Somebody asked for it."
    assert "May we write: yes" in checks


def test_a_person_may_cancel_it(owner):
    message = ask("ben@example.net")

    messages.cancel(message, staff=owner, now=NOW)

    assert row(message).state == "cancelled"


def test_the_api_lists_it_without_a_customer():
    message = ask("ben@example.net")
    _, key = api_tokens.issue(name="reader", scopes=["messages:read"], now=NOW)
    reader = Client(headers={"Authorization": f"Bearer {key}"})

    found = reader.get("/api/v1/messages/").json()

    assert [(one["id"], one["customer"]) for one in found["results"]] == [
        (message.pk, None)
    ]


# --- At no cost for customers --------------------------------------------------------


def test_the_claim_of_others_walks_its_own_small_index():
    MessageFactory()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO messaging_message (customer_id, kind, category, occurrence,"
            " is_reminder, priority, state, reason_code, reason_data, why, language,"
            " due_on, not_before, expires_at, planned_at, attempts, refusals, resends,"
            " deferrals, deferred_reason, message_uuid, smtp_text, transport,"
            " on_uncertain)"
            " SELECT customer_id, kind, category, 'n' || n, false, 50, 'planned', '',"
            " '{}', '{}', 'en', due_on, not_before, expires_at, planned_at, 0, 0, 0, 0,"
            " '', gen_random_uuid(), '', '', 'park'"
            " FROM messaging_message, generate_series(1, 5000) n"
        )
        cursor.execute("ANALYZE messaging_message")
        cursor.execute(
            "EXPLAIN SELECT m.id FROM messaging_message m WHERE m.state = 'planned'"
            " AND m.customer_id IS NULL AND m.not_before <= now()"
            " ORDER BY m.priority, m.not_before, m.id LIMIT 10"
        )
        plan_text = "\n".join(line for (line,) in cursor.fetchall())
    assert "message_claim_others" in plan_text
    assert "Sort" not in plan_text
