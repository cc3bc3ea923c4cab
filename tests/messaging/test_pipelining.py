"""Servers that take commands in one go (RFC 2920): fewer waits, as exact as before.

A mail's commands travel with the dot of the mail before it, so between two mails there
is one wait; what they were answered counts only when it is that mail's turn.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from messaging.models import Circuit, Message
from messaging.rules.smtp_replies import Meaning
from messaging.services import leases
from messaging.services.delivery.journal import Journal
from messaging.transports.base import Answer, Mail, NotTried
from messaging.transports.smtp import SmtpSender
from tests.faults.proxy import running_proxy
from tests.messaging.delivering import NOW, plan, row, run, states
from tests.smtp_sink import DROP, HANG, TAKE_AND_DROP

HANG_UP = "hang up"
AND_GO = "goodbye"
MAIL = Mail(
    to="dana@example.org",
    to_name="Dana",
    sender="hello@shop.example",
    sender_name="Shop",
    subject="Hello",
    text="Words.",
    html="<p>Words.</p>",
    message_id="<1@shop.example>",
    date=datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
)


class Server:
    """Answers MAIL, RCPT, DATA and the end of the mail by its script; to a word with a
    number ("RCPT 2") what it answers for that mail."""

    def __init__(self, shown: dict[str, str]) -> None:
        usual = {"MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on"}
        self.shown = usual | {".": "250 taken"} | shown
        self.reads: list[bytes] = []
        self.bodies = 0
        self.mails = 0
        # Forgets what came with a dot.
        self.forgets = False

    def listen(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                self.talk(listening.accept()[0])

    def talk(self, connection: socket.socket) -> None:
        with connection:
            connection.sendall(b"220 here\r\n")
            while read := connection.recv(65536, socket.MSG_PEEK):
                # Where it goes it has read this line and no more: what is left over
                # makes its system send a reset.
                for line in read.split(b"\r\n")[:-1]:
                    connection.recv(len(line) + 2)
                    reply = self._reply(line.decode())
                    if reply == HANG_UP:
                        return
                    if reply.endswith(AND_GO):
                        connection.sendall(f"{reply}\r\n".encode())
                        return
                    forgets = self.forgets and line == b"."
                    if forgets:
                        # Before the answer: what comes after it was not sent ahead.
                        with suppress(BlockingIOError):
                            connection.recv(65536, socket.MSG_DONTWAIT)
                    if reply:
                        connection.sendall(f"{reply}\r\n".encode())
                    if forgets:
                        break
                self.reads.append(read)

    def _reply(self, line: str) -> str:
        verb = line[:4].upper()
        if line == ".":
            self.bodies += 1
        if verb == "MAIL":
            self.mails += 1
        if verb == "EHLO":
            return "250-here\r\n250 PIPELINING"
        if verb in ("RSET", "QUIT"):
            return "250 ok"
        return self.shown.get(f"{verb} {self.mails}", self.shown.get(verb, ""))


@contextmanager
def serving(shown: dict[str, str], settings) -> Iterator[Server]:
    server, listening = Server(shown), socket.create_server(("127.0.0.1", 0))
    settings.EMAIL_HOST, settings.EMAIL_PORT = listening.getsockname()
    settings.EMAIL_TIMEOUT = 2
    thread = threading.Thread(target=server.listen, args=(listening,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        listening.close()


def send(shown: dict[str, str], settings) -> tuple[Answer, Server]:
    with serving(shown, settings) as server:
        sender = SmtpSender()
        sender.open()
        answer = sender.send(sender.pack(MAIL), lambda: True)
        sender.quit()
    return answer, server


def test_three_commands_travel_together(settings):
    answer, server = send({}, settings)

    assert (answer.meaning, server.bodies) == (Meaning.ACCEPTED, 1)
    assert any(
        read.startswith(b"MAIL") and read.endswith(b"DATA\r\n") for read in server.reads
    )


def test_a_refused_recipient_is_that_recipients_and_the_line_stays(settings):
    refusals = {"RCPT": "550 5.1.1 no such user", "DATA": "503 no recipient"}

    answer, server = send(refusals, settings)

    assert (answer.meaning, answer.code) == (Meaning.BOUNCED, 550)
    assert (answer.dropped, server.bodies) == (False, 0)


def test_a_server_that_wants_a_body_for_no_recipient_gets_none(settings):
    """It would take a dot for a mail: closing is the only way not to end one."""
    answer, server = send({"RCPT": "550 5.1.1 no such user"}, settings)

    assert (answer.meaning, answer.dropped) == (Meaning.BOUNCED, True)
    assert server.bodies == 0


@pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
def test_a_refusal_counts_though_the_server_hangs_up_behind_it(settings, verb):
    refusal = "550 5.7.1 not from you"
    after = {"MAIL": "RCPT", "RCPT": "DATA"}[verb]

    answer, server = send({verb: refusal, after: HANG_UP}, settings)

    assert (answer.code, answer.dropped) == (550, True)
    assert answer.meaning is not Meaning.LATER
    assert server.bodies == 0


# --- The next mail's commands, with the dot of the one before ------------------------


def send_two(shown: dict[str, str], settings) -> tuple[list[Answer], Server]:
    with serving(shown, settings) as server:
        sender = SmtpSender()
        sender.open()
        first = sender.pack(MAIL)
        second = sender.pack(replace(MAIL, to="eve@example.org"))
        answers = [sender.send(first, lambda: True, second)]
        if not answers[0].dropped:
            answers.append(sender.send(second, lambda: True))
        sender.quit()
    return answers, server


def test_the_next_commands_travel_with_the_dot_and_its_body_waits(settings):
    answers, server = send_two({}, settings)

    assert [one.meaning for one in answers] == [Meaning.ACCEPTED] * 2
    (group,) = [read for read in server.reads if b"RCPT TO:<eve@" in read]
    assert b".\r\nMAIL FROM:" in group
    assert group.endswith(b"DATA\r\n")
    assert (server.bodies, server.mails) == (2, 2)


def test_a_refused_mail_is_not_the_next_one_s_affair(settings):
    answers, server = send_two({". 1": "451 4.3.0 not now"}, settings)

    assert [one.meaning for one in answers] == [Meaning.LATER, Meaning.ACCEPTED]
    assert answers[0].code == 451
    assert server.mails == 2


def test_the_next_one_s_refusal_is_not_the_first_mail_s(settings):
    shown = {"RCPT 2": "550 5.1.1 no such user", "DATA 2": "503 no recipient"}

    answers, server = send_two(shown, settings)

    assert [one.meaning for one in answers] == [Meaning.ACCEPTED, Meaning.BOUNCED]
    assert (answers[1].dropped, server.bodies) == (False, 1)


def test_a_body_wanted_for_no_recipient_closes_without_a_dot(settings):
    answers, server = send_two({"RCPT 2": "550 5.1.1 no such user"}, settings)

    assert [one.meaning for one in answers] == [Meaning.ACCEPTED, Meaning.BOUNCED]
    assert (answers[1].dropped, server.bodies) == (True, 1)


def test_a_server_that_goes_after_a_mail_keeps_that_mail(settings):
    answers, server = send_two({"MAIL 2": HANG_UP}, settings)

    assert [one.meaning for one in answers] == [Meaning.ACCEPTED, Meaning.LATER]
    assert (answers[1].dropped, server.bodies) == (True, 1)


def test_an_answer_counts_though_a_reset_comes_behind_it(settings):
    """It takes one mail a connection, and goes with the next one's commands unread."""
    answers, server = send_two({". 1": f"250 taken, {AND_GO}"}, settings)

    assert [one.meaning for one in answers] == [Meaning.ACCEPTED, Meaning.LATER]
    assert (server.mails, server.bodies) == (1, 1)


def test_a_server_that_closes_at_a_mail_never_saw_the_next(settings):
    answers, server = send_two({". 1": "421 4.3.2 going down"}, settings)

    assert [(one.meaning, one.dropped) for one in answers] == [(Meaning.LATER, True)]
    assert server.bodies == 1


def test_without_the_word_of_the_next_its_dot_stays_here(settings):
    """Its deadline is looked at when it is its own turn."""
    with serving({}, settings) as server:
        sender = SmtpSender()
        sender.open()
        first, second = sender.pack(MAIL), sender.pack(MAIL)
        sender.send(first, lambda: True, second)
        with pytest.raises(NotTried):
            sender.send(second, lambda: False)
        sender.quit()

    assert (server.mails, server.bodies) == (2, 1)


def test_who_was_asked_for_and_does_not_come_leaves_no_line_behind(settings):
    """Its answers would be read as another mail's."""
    with serving({}, settings) as server:
        sender = SmtpSender()
        sender.open()
        first, second = sender.pack(MAIL), sender.pack(MAIL)
        sender.send(first, lambda: True, second)
        sender.quit()

    assert (server.mails, server.bodies) == (2, 1)
    assert not any(b"QUIT" in read for read in server.reads)


def test_a_server_that_forgets_what_came_with_a_dot_is_asked_ahead_once(settings):
    with serving({}, settings) as server:
        server.forgets = True
        sender = SmtpSender()
        first, second = sender.pack(MAIL), sender.pack(MAIL)
        meanings = []
        for _ in range(2):
            sender.open()
            meanings += [
                sender.send(first, lambda: True, second).meaning,
                sender.send(second, lambda: True).meaning,
            ]
        sender.close()

    taken = Meaning.ACCEPTED
    assert meanings == [taken, Meaning.LATER, taken, taken]
    assert server.bodies == 3


# --- A whole delivery, to a server that takes groups ---------------------------------


@pytest.fixture
def groups(sink, db, plain_kind):
    sink.pipelining = True
    return sink


@pytest.fixture
def short_waits(settings):
    """For a server that never answers; one that does is waited for, however busy."""
    settings.EMAIL_TIMEOUT = 1.5
    settings.EMAIL_DOT_TIMEOUT = 1.5


def plan_in_order(count: int) -> list[Message]:
    """The first goes first."""
    return [
        plan(f"c{n}@example.org", not_before=NOW - timedelta(seconds=count - n))
        for n in range(count)
    ]


def give_up_waiting() -> None:
    Message.objects.filter(state="handed").update(lease_until="2000-01-01T00:00Z")
    leases.sweep_leases(now=NOW)


def test_all_arrive_once_in_their_order(groups):
    plan_in_order(25)

    run()

    assert states() == {"sent": 25}
    assert groups.recipients == [f"c{n}@example.org" for n in range(25)]
    assert groups.seen["mail"] == groups.seen["rcpt"] == groups.seen["dot"] == 25


@pytest.mark.parametrize("who", [0, 2, 4])
@pytest.mark.parametrize(
    ("step", "reply", "ended"),
    [
        ("rcpt", "550 5.1.1 nobody", "failed"),
        ("rcpt", "450 4.2.1 busy", "planned"),
        ("mail", "451 4.7.1 greylisted", "planned"),
        ("data", "451 4.3.0 not now", "planned"),
        ("dot", "451 4.3.0 not now", "planned"),
        ("dot", "554 5.6.0 what is this", "failed"),
    ],
)
def test_a_refusal_in_the_middle_hits_that_mail_alone(groups, who, step, reply, ended):
    messages = plan_in_order(5)
    # MAIL comes without its recipient: the first of all that asks is refused.
    to = "" if step == "mail" else f"c{who}@example.org"
    groups.say(step, reply, to=to, times=1)
    who = 0 if step == "mail" else who

    run(limit=5)

    assert row(messages[who]).state == ended
    assert row(messages[who]).smtp_code == int(reply[:3])
    assert states() == {"sent": 4, ended: 1}
    others = [f"c{n}@example.org" for n in range(5) if n != who]
    assert groups.recipients == others


@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize("reply", [DROP, TAKE_AND_DROP, HANG])
def test_no_answer_to_a_dot_leaves_that_mail_in_doubt_and_the_next_unblamed(
    groups, reply
):
    messages = plan_in_order(4)
    groups.say("dot", reply, to="c1@example.org", times=1)

    run(limit=4)
    meanwhile = [row(message).state for message in messages]
    blamed = Message.objects.filter(state="planned", attempts__gt=0).count()
    give_up_waiting()
    run()

    assert meanwhile == ["sent", "handed", "planned", "planned"]
    assert blamed == 0
    assert states() == {"sent": 3, "uncertain": 1}
    assert row(messages[1]).state == "uncertain"
    taken = 4 if reply == TAKE_AND_DROP else 3
    assert len(groups.recipients) == len(set(groups.recipients)) == taken


@pytest.mark.usefixtures("short_waits")
def test_a_server_that_hangs_after_an_answer_costs_the_next_one_retry(groups):
    messages = plan_in_order(4)
    groups.say("rcpt", HANG, to="c2@example.org", times=1)

    run(limit=4)

    assert [row(message).state for message in messages] == [
        "sent",
        "sent",
        "planned",
        "planned",
    ]
    assert [row(message).refusals for message in messages] == [0, 0, 1, 0]


def test_a_refusal_of_us_at_a_dot_sends_no_dot_for_the_mail_asked_ahead(groups):
    plan_in_order(5)
    groups.say("dot", "535 5.7.8 credentials expired", to="c1@example.org")

    run()

    assert states() == {"sent": 1, "planned": 4}
    assert Circuit.objects.get().state == "open"
    assert Message.objects.filter(state="planned", attempts__gt=0).count() == 1
    assert groups.seen["dot"] == 2


@pytest.mark.slow
def test_the_deadline_holds_for_a_mail_that_was_asked_ahead(
    groups, settings, monkeypatch
):
    """F05 in the middle of a group: the sleeper's next dot stays here."""
    # The first mail has 4.4 seconds.
    settings.MAIL_LEASE_SECONDS, settings.EMAIL_DOT_TIMEOUT = 6, 1
    messages = plan_in_order(3)
    real = Journal.dotting

    def slow(self, message_id):
        real(self, message_id)
        if message_id == messages[1].pk:
            time.sleep(4.5)

    monkeypatch.setattr(Journal, "dotting", slow)

    run(limit=3)

    assert groups.recipients == ["c0@example.org"]
    assert states() == {"sent": 1, "planned": 2}


@pytest.mark.slow
def test_a_cut_at_any_byte_between_mails_doubles_and_loses_no_mail(groups, settings):
    """Counted from behind the first mail's end: the next one's commands, its body."""
    ends = []
    with running_proxy(("127.0.0.1", groups.port)) as proxy:
        settings.EMAIL_PORT = proxy.port
        for offset in [1, 2, 10, 20, 30, 40, 50, 400, 2000]:
            first = plan(f"a{offset}@example.org", not_before=NOW - timedelta(hours=1))
            second = plan(f"b{offset}@example.org")
            proxy.cut(offset, behind=b"\r\n.\r\n")
            run(limit=2)
            proxy.mend()
            give_up_waiting()
            run(at=NOW + timedelta(hours=1))
            ends.append((offset, row(first).state, row(second).state))

    # A reset may overtake the answer to the first. The second's dot can only be under
    # way behind its body.
    assert {first for _, first, _ in ends} <= {"sent", "uncertain"}
    assert {second for offset, _, second in ends if offset < 60} == {"sent"}
    assert {second for _, _, second in ends} <= {"sent", "uncertain"}
    assert len(groups.recipients) == len(set(groups.recipients))
