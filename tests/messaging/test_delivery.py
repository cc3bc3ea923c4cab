"""A planned message comes to exactly one end, with its reason."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from crm.models import Business
from crm.rules import names
from messaging import signals
from messaging.models import Body, Link, Message, Wording
from messaging.rules.choices import Category
from messaging.services import consent, leases
from messaging.services.delivery import prepare
from messaging.services.delivery.questions import ATTEMPTS_MOST
from tests.factories import AutomationFactory, CustomerFactory
from tests.messaging.delivering import NOW, plan, plan_many, row, run, states
from tests.messaging.plain_kind import PlainKind, TransactionalKind
from tests.messaging.small_kind import registered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_kind")]


@pytest.fixture
def outbox(settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path


# --- The outbox: kept whole, not sent ------------------------------------------------


def test_without_a_mail_server_a_message_ends_in_the_outbox(outbox):
    message = plan()

    count = run()

    ended = row(message)
    assert count.sent == 1
    assert (ended.state, ended.transport) == ("sent", "outbox")
    assert (ended.final_at, ended.counted_at) == (NOW, NOW)
    assert ended.lease_until is None


def test_the_outbox_keeps_bodies_whole_so_that_their_links_work(outbox):
    message = plan()

    run()

    body = Body.objects.get(message=message)
    assert "Your Ethiopia 1 kg arrived." in body.text
    assert prepare.BLANK not in body.text + body.html
    assert Link.objects.get(message=message).subject_id == message.pk


def test_a_message_is_not_delivered_before_its_time(outbox):
    plan(not_before=NOW + timedelta(seconds=1))

    assert run().seen == 0


def test_the_most_important_go_first(outbox):
    plan("late@example.org", priority=60)
    first = plan("first@example.org", priority=10)

    run(limit=1)

    assert row(first).state == "sent"
    assert states() == {"sent": 1, "planned": 1}


def test_a_limit_bounds_how_many_are_looked_at(outbox):
    plan_many(7)

    count = run(limit=5)

    assert (count.seen, count.sent, count.unfinished) == (5, 5, True)


def test_a_message_that_is_over_for_its_kind_is_cancelled_with_the_reason(outbox):
    answered = plan(why={"over": "already_answered"})
    moved = plan(why={"over": "superseded_date"})

    run()

    assert (row(answered).state, row(answered).reason_code) == (
        "cancelled",
        "already_answered",
    )
    assert row(moved).state == "superseded"


def test_a_message_without_an_address_is_suppressed(outbox):
    message = plan(customer=CustomerFactory(email=""))

    run()

    assert (row(message).state, row(message).reason_code) == (
        "suppressed",
        "no_address",
    )


def test_quiet_hours_put_a_message_off_and_blame_no_mail(outbox):
    Business.objects.update(quiet_from=11, quiet_until=14)
    message = plan()

    count = run()

    later = row(message)
    assert (count.deferred, later.state) == (1, "planned")
    assert later.not_before == NOW + timedelta(hours=2)
    assert (later.deferrals, later.attempts) == (1, 0)
    assert later.deferred_reason == "quiet_hours"
    assert later.reason_data["until"]


def test_what_was_put_off_goes_when_its_time_has_come(outbox):
    Business.objects.update(quiet_from=11, quiet_until=14)
    message = plan()
    run()

    run(at=NOW + timedelta(hours=2))

    assert row(message).state == "sent"
    assert row(message).deferred_reason == ""


def test_two_messages_of_one_person_never_go_in_one_group(outbox):
    """The budget would not see the first when it asks about the second."""
    customer = CustomerFactory()
    Business.objects.update(quiet_from=0, quiet_until=0)
    for _ in range(3):
        plan(customer=customer)

    run()

    assert states() == {"sent": 1, "planned": 2}


def test_a_poisoned_message_fails_and_the_rest_goes_on(outbox):
    """F31: one poison in a hundred."""
    good = plan_many(99)
    poison = plan(why={"poison": True})

    run()

    assert states() == {"sent": len(good), "failed": 1}
    assert row(poison).reason_code == "render_failed"


class ExplodingKind(PlainKind):
    """Whole-group calls fail as soon as one poisoned message is among them."""

    name = "exploding"

    def prepare(self, messages, now):
        if any(message.why.get("poison") for message in messages):
            raise RuntimeError("boom")
        return super().prepare(messages, now)

    def no_longer_due(self, messages, now):
        if any(message.why.get("unasked") for message in messages):
            raise RuntimeError("boom")
        return {}


def test_a_kind_that_breaks_on_one_message_still_prepares_the_others(outbox):
    with registered(ExplodingKind()):
        for number in range(20):
            plan(kind="exploding", why={"poison": number == 7})

        run()

    assert states() == {"sent": 19, "failed": 1}


def test_a_kind_that_cannot_say_whether_it_is_due_gives_up_after_five_tries(outbox):
    with registered(ExplodingKind()):
        broken = plan(kind="exploding", why={"unasked": True})
        fine = plan(kind="exploding")
        for hour in range(7):
            run(at=NOW + timedelta(hours=hour))

    assert row(fine).state == "sent"
    assert (row(broken).state, row(broken).reason_code) == (
        "failed",
        "too_many_attempts",
    )


def bodies_meet(code):
    """The database answers so to a mail that is to be kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION pg_temp.refused() RETURNS trigger LANGUAGE"
            " plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE ="
            f" '{code}'; END $$;"
            "CREATE TRIGGER refused BEFORE INSERT ON messaging_body"
            " EXECUTE FUNCTION pg_temp.refused()"
        )


def test_a_database_without_room_for_mails_uses_up_no_tries(outbox):
    message = plan()
    bodies_meet("53100")

    for _ in range(2 * ATTEMPTS_MOST):
        with pytest.raises(OperationalError):
            run()

    assert (row(message).state, row(message).attempts) == ("planned", 0)


def test_a_statement_that_takes_too_long_may_be_the_fault_of_its_mail(outbox):
    message = plan()
    bodies_meet("57014")

    with pytest.raises(OperationalError):
        run()

    assert (row(message).state, row(message).attempts) == ("claimed", 1)


def test_a_kind_that_is_gone_ends_its_messages(outbox):
    message = plan(kind="gone")

    run()

    assert (row(message).state, row(message).reason_code) == (
        "cancelled",
        "unknown_kind",
    )


def test_attempts_without_an_answer_run_out(outbox):
    message = plan(attempts=5)

    run()

    assert row(message).reason_code == "too_many_attempts"


def test_answers_of_a_server_are_no_attempts_without_one(outbox):
    message = plan(attempts=9, refusals=8)

    run()

    assert row(message).state == "sent"


def test_staff_s_words_are_used_in_the_language_of_the_message(outbox):
    automation = AutomationFactory(kind="plain")
    Wording.objects.create(
        step=automation.steps.get(),
        language="en",
        fields={"subject": "{shop} says hello"},
    )
    message = plan(automation=automation)

    run()

    assert Body.objects.get(message=message).subject == "My shop says hello"


def test_the_news_of_an_end_is_sent_once_inside_the_transaction(outbox):
    output = []

    def hear(messages, now, **_):
        output.extend((message.pk, message.state) for message in messages)

    signals.messages_finished.connect(hear)
    try:
        sent, failed = plan(), plan(why={"poison": True})
        run()
        run()
    finally:
        signals.messages_finished.disconnect(hear)

    assert sorted(output) == [(sent.pk, "sent"), (failed.pk, "failed")]


def test_a_receiver_that_fails_does_not_undo_what_was_sent(outbox):
    def fail(**_):
        raise RuntimeError("a receiver's mistake")

    signals.messages_finished.connect(fail)
    try:
        message = plan()
        run()
    finally:
        signals.messages_finished.disconnect(fail)

    assert row(message).state == "sent"


# --- SMTP ----------------------------------------------------------------------------


def test_a_message_arrives_with_both_parts_and_the_right_headers(sink):
    Business.objects.update(
        name="Kettle & Leaf",
        from_name="Noa, Kettle",
        from_survey="ask@kettle.example",
        reply_to="noa@kettle.example",
        public_url="https://kettle.example",
    )
    message = plan("dana@example.org")

    run()

    mail = sink.mails[0]
    assert row(message).state == "sent"
    assert row(message).smtp_code == 250
    assert mail["From"] == "Noa Kettle <ask@kettle.example>"
    assert mail["To"] == "Dana Levi <dana@example.org>"
    assert mail["Reply-To"] == "noa@kettle.example"
    assert mail["Subject"] == "News from Kettle & Leaf"
    assert mail["Message-ID"] == f"<{message.message_uuid}@kettle.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].startswith("<https://kettle.example/u/")
    assert mail["List-Id"] == "<survey.kettle.example>"
    assert mail["Precedence"] == "bulk"
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert "Your Ethiopia 1 kg arrived." in text
    assert "<bdi>Ethiopia 1 kg</bdi> arrived." in html


def test_the_one_click_address_of_the_header_is_the_one_in_the_mail(sink):
    plan("dana@example.org")

    run()

    mail = sink.mails[0]
    address = mail["List-Unsubscribe"].strip("<>")
    assert address in mail.get_body(("plain",)).get_content()


def test_a_transactional_mail_offers_no_unsubscribing(sink):
    with registered(TransactionalKind()):
        plan("dana@example.org", kind="plain-transactional", category="transactional")
        run()

    mail = sink.mails[0]
    assert mail["List-Unsubscribe"] is None
    assert mail["List-Unsubscribe-Post"] is None


def test_words_in_other_scripts_arrive_as_they_were_written(sink):
    hebrew = CustomerFactory(
        email="dana@example.org", greeting_name="דנה", given_name="דנה", language="he"
    )
    message = plan(customer=hebrew, language="he")

    run()

    mail = sink.mails[0]
    assert row(message).state == "sent"
    assert "דנה" in mail.get_body(("plain",)).get_content()
    assert "דנה" in unescape(mail.get_body(("html",)).get_content())
    assert "דנה" in mail["To"]


@pytest.mark.parametrize(
    ("given", "family", "to"),
    [
        ("小明", "王", "王小明 <dana@example.org>"),
        ("Dana", "Levi", "Dana Levi <dana@example.org>"),
        ("Inc.", "Acme", "Acme Inc. <dana@example.org>"),
        ("NULL", "", "dana@example.org"),
        ("dana@example.org", "", "dana@example.org"),
    ],
)
def test_a_mail_is_addressed_as_its_people_write_their_name(sink, given, family, to):
    plan(
        customer=CustomerFactory(
            email="dana@example.org",
            given_name=given,
            family_name=family,
            greeting_name=names.greeting_name(given, family),
        )
    )

    run()

    text = sink.mails[0].get_body(("plain",)).get_content()
    assert str(sink.mails[0]["To"]).replace('"', "") == to
    assert text.startswith("Hello" + {"王": " 王小明", "Levi": " Dana"}.get(family, ""))
    assert text.splitlines()[0][-2:-1].isalpha()


def test_the_stored_body_of_a_real_mail_has_no_working_link(sink):
    message = plan("dana@example.org")

    run()

    body = Body.objects.get(message=message)
    mail = sink.mails[0].get_body(("plain",)).get_content()
    assert "/s/" in mail
    assert f"/s/{prepare.BLANK}/" in body.text
    for address in mail.split():
        if "://" in address:
            assert address not in body.text
            assert address not in body.html


def test_a_line_with_a_single_dot_and_long_lines_arrive_identical(sink):
    automation = AutomationFactory(kind="plain")
    words = "first\n.\n..two\n" + "long " * 400 + "é"
    Wording.objects.create(
        step=automation.steps.get(), language="en", fields={"intro": words}
    )
    plan("dana@example.org", automation=automation)

    run()

    text = sink.mails[0].get_body(("plain",)).get_content()
    assert words in text.replace("\r\n", "\n")
    assert all(len(line) <= 998 for line in sink.raw[0].split(b"\r\n"))


def test_a_bad_address_or_name_spoils_only_its_own_message(sink):
    nobody = plan("no address at all")
    injected = plan(
        customer=CustomerFactory(
            email="eve@example.org", given_name="Eve\r\nBcc: all@example.org"
        )
    )
    fine = plan("dana@example.org")

    run()

    assert row(nobody).state == "failed"
    assert row(fine).state == "sent"
    assert row(injected).state == "sent"
    assert sorted(sink.recipients) == ["dana@example.org", "eve@example.org"]
    assert all(mail["Bcc"] is None for mail in sink.mails)


def test_a_sender_name_with_commas_and_controls_stays_one_sender(sink):
    Business.objects.update(from_name='Noa, "Kettle": a@b.c \u202e')
    plan("dana@example.org")

    run()

    assert len(sink.mails[0]["From"].addresses) == 1


def test_the_hash_of_the_address_is_kept_with_the_message(sink):
    message = plan("dana@example.org")

    run()

    assert len(bytes(row(message).address_hash)) == 32


def test_many_messages_go_over_one_connection(sink):
    plan_many(60)

    run()

    assert states() == {"sent": 60}
    assert sink.seen["greeting"] == 1
    assert len(set(sink.accepted)) == 60


def test_a_group_asks_the_same_number_of_queries_whatever_its_size(sink):
    def asked(count):
        for number in range(count):
            plan(f"c{number}of{count}@example.org")
        with CaptureQueriesContext(connection) as seen:
            assert run().sent == count
        return len(seen)

    asked(1)  # looks up what is kept in a process

    assert asked(3) == asked(9)


def test_a_withdrawal_between_claim_and_hand_over_stops_the_mail(sink, monkeypatch):
    message = plan("dana@example.org")
    asked = PlainKind.prepare

    def withdraw_meanwhile(self, messages, now):
        consent.withdraw(
            message.customer, categories={Category.SURVEY}, how="stop_page", now=NOW
        )
        return asked(self, messages, now)

    monkeypatch.setattr(PlainKind, "prepare", withdraw_meanwhile)

    run()

    assert sink.recipients == []
    assert row(message).state == "suppressed"


def test_a_second_pass_sends_nothing_again(sink):
    plan_many(5)
    run()

    count = run()

    assert count.seen == 0
    assert len(sink.recipients) == 5


def test_a_clean_pass_leaves_no_journal_behind(sink, settings):
    plan_many(3)

    run()
    leases.sweep_leases(now=NOW)

    assert list(settings.JOURNAL_FOLDER.glob("*.journal")) == []
    assert Message.objects.filter(state="sent").count() == 3
