"""F18, F20, F22: one person a transaction; broken, slow and rude mail servers."""

import time
import tracemalloc
from datetime import timedelta

import pytest

from messaging.models import Circuit, Message
from messaging.rules.choices import Transport
from messaging.services import circuit, leases
from messaging.transports.base import Mail
from messaging.transports.smtp import SmtpSender
from tests.factories import AutomationFactory
from tests.faults.proxy import Mode, running_proxy
from tests.faults.rude_server import deaf, dripping, rude_server
from tests.messaging.delivering import NOW, plan, plan_many, row, run, states

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db,
    pytest.mark.usefixtures("plain_kind"),
]

LATER = NOW + timedelta(hours=1)
MAIL = Mail(
    to="dana@example.org",
    to_name="Dana",
    sender="shop@shop.example",
    sender_name="Shop",
    subject="News",
    text="Hello",
    html="<p>Hello</p>",
    message_id="<1@shop.example>",
    date=NOW,
)


@pytest.fixture(autouse=True)
def patience(settings, tmp_path):
    settings.MAIL_TRANSPORT = "smtp"
    settings.JOURNAL_FOLDER = tmp_path / "journal"
    settings.EMAIL_HOST = "127.0.0.1"


@pytest.fixture
def short_waits(settings):
    """For servers that never come to an end; all others are waited for."""
    settings.EMAIL_TIMEOUT = 0.6
    settings.EMAIL_DOT_TIMEOUT = 0.6


def long_mail(characters: int) -> dict:
    """A message whose mail is so long."""
    automation = AutomationFactory(kind="plain")
    words = {"intro": ("word " * 15 + "\n") * (characters // 76)}
    automation.steps.get().wordings.update_or_create(
        language="en", defaults={"fields": words}
    )
    return {"automation": automation}


# --- F18: no two recipients share a transaction ---------------------------------------


@pytest.mark.usefixtures("both_smtp_modes")
def test_every_person_has_a_transaction_of_their_own(sink):
    """One refusal can never be taken for another person's."""
    plan_many(9)
    for number in (2, 5):
        sink.say("rcpt", "550 5.1.1 nobody", to=f"c{number}@example.org")

    run()

    assert states() == {"sent": 7, "failed": 2}
    # One RCPT for each MAIL: seen["rcpt"] of several in one would be larger.
    assert sink.seen["mail"] == sink.seen["rcpt"] == 9
    assert all(len(mail["To"].addresses) == 1 for mail in sink.mails)
    assert not any(mail["Cc"] or mail["Bcc"] for mail in sink.mails)


@pytest.mark.parametrize(
    "to",
    [
        "dana@example.org, eve@example.org",
        "dana@example.org> RCPT TO:<eve@example.org",
        "dana@example.org\r\nBcc: eve@example.org",
        "dana@example.org eve@example.org",
        "Dana <dana@example.org>",
    ],
)
def test_an_address_that_names_two_people_is_refused_before_anything_is_sent(to):
    mail = Mail(**{**MAIL.__dict__, "to": to})

    with pytest.raises(ValueError, match="address"):
        SmtpSender().pack(mail)


@pytest.mark.parametrize("name", ["Dana\r\nBcc: eve@example.org", "a, b@example.org"])
def test_no_name_or_subject_adds_a_recipient(sink, name):
    sender = SmtpSender()
    mail = Mail(**{**MAIL.__dict__, "to_name": name})

    sender.open()
    sender.send(sender.pack(mail), lambda: True)
    sender.quit()

    (arrived,) = sink.mails
    assert [one.addr_spec for one in arrived["To"].addresses] == ["dana@example.org"]
    assert arrived["Bcc"] is None


# --- F20: the connection breaks in the middle of the mail ----------------------------


@pytest.mark.usefixtures("both_smtp_modes")
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("size", [6_000, 300_000])
def test_a_mail_cut_in_its_middle_is_planned_again_and_arrives_once(
    sink, settings, size, share
):
    message = plan("dana@example.org", **long_mail(size))
    with running_proxy(("127.0.0.1", sink.port), window=2048) as proxy:
        settings.EMAIL_PORT = proxy.port
        proxy.cut(max(int(size * share), 1), behind=b"DATA\r\n")
        run()
        broken = row(message)
        proxy.mend()
        run(at=LATER)

    assert (broken.state, broken.refusals) == ("planned", 1)
    assert broken.smtp_text.endswith("before the end of the mail")
    assert row(message).state == "sent"
    assert sink.recipients == ["dana@example.org"]


@pytest.mark.usefixtures("both_smtp_modes")
def test_a_cut_at_any_byte_of_the_conversation_never_doubles_and_never_loses(
    sink, settings
):
    """Wide windows: the dot may be under way when the cut comes, and only then is the
    mail in doubt."""
    offsets = [*range(1, 85, 14), *range(90, 6_000, 500)]
    ends = []
    with running_proxy(("127.0.0.1", sink.port)) as proxy:
        settings.EMAIL_PORT = proxy.port
        for offset in offsets:
            message = plan(f"c{offset}@example.org")
            proxy.cut(offset)
            run()
            proxy.mend()
            Message.objects.filter(state="handed").update(
                lease_until="2000-01-01T00:00Z"
            )
            leases.sweep_leases(now=NOW)
            circuit.try_now(Transport.SMTP, now=NOW)
            run(at=LATER)
            ends.append(row(message).state)

    before_body = [
        end for offset, end in zip(offsets, ends, strict=True) if offset < 85
    ]
    assert set(before_body) == {"sent"}
    assert set(ends) <= {"sent", "uncertain"}
    assert len(sink.recipients) == len(set(sink.recipients))
    assert ends.count("sent") <= len(sink.recipients)


def test_a_reset_before_any_reply_blames_no_mail(sink, settings):
    plan_many(5)
    with running_proxy(("127.0.0.1", sink.port)) as proxy:
        settings.EMAIL_PORT = proxy.port
        proxy.mode = Mode.RESET
        run()
        held = states()
        proxy.mend()
        circuit.try_now(Transport.SMTP, now=NOW)
        run()

    assert held == {"planned": 5}
    assert states() == {"sent": 5}


@pytest.mark.usefixtures("both_smtp_modes")
def test_a_slow_network_is_waited_for(sink, settings):
    plan_many(2)
    with running_proxy(("127.0.0.1", sink.port)) as proxy:
        settings.EMAIL_PORT = proxy.port
        proxy.mode, proxy.delay = Mode.DELAY, 0.03
        run()

    assert states() == {"sent": 2}


@pytest.mark.usefixtures("short_waits")
def test_a_body_that_passes_a_byte_a_second_is_given_up_before_the_dot(settings):
    """The small part that the kernels hold is not the mail: no dot behind it."""
    message = plan("dana@example.org")
    with rude_server({"DATA": deaf(300)}, window=2048) as server:
        settings.EMAIL_PORT = server.port
        started = time.monotonic()
        run()

    assert time.monotonic() - started < 60
    assert (row(message).state, row(message).refusals) == ("planned", 1)


def test_a_server_that_refuses_in_the_middle_of_the_body_gets_no_dot(settings):
    message = plan("dana@example.org")
    busy = b"354 go ahead\r\n421 4.3.2 shutting down\r\n"
    with rude_server({"DATA": busy}) as server:
        settings.EMAIL_PORT = server.port
        run()
        heard = b"".join(server.heard)

    assert row(message).state == "planned"
    assert row(message).smtp_code == 421
    assert b"\r\n.\r\n" not in heard


# --- F22: rude servers ---------------------------------------------------------------

GARBAGE = b"\xff\xfe\x00\x9b not a reply \xe2\x28\xa1\r\n"
RUDE = {
    "64 KB banner": {"": b"220 " + b"x" * 65_536 + b"\r\n"},
    "64 KB banner of lines": {"": b"220-x\r\n" * 9_000 + b"220 x\r\n"},
    "banner without end": {"": b"2" * 300_000},
    "10,000 lines of EHLO": {"EHLO": b"250-NOTHING\r\n" * 10_000 + b"250 OK\r\n"},
    "10,000 lines at RCPT": {"RCPT": b"250-x\r\n" * 10_000 + b"250 x\r\n"},
    "10,000 lines at DATA": {"DATA": b"354-x\r\n" * 10_000 + b"354 x\r\n"},
    "garbage greeting": {"": GARBAGE},
    "garbage at MAIL": {"MAIL": GARBAGE},
    "garbage at RCPT": {"RCPT": GARBAGE},
    "garbage at DATA": {"DATA": GARBAGE},
    "dripping greeting": {"": dripping(b"220 slowly\r\n", 0.3)},
    "dripping RCPT": {"RCPT": dripping(b"250 slowly\r\n", 0.3)},
    "354 and then deaf": {"DATA": deaf(300)},
    "250 to everything": {},
    "nothing but line ends": {"": b"\r\n" * 1_000},
}


@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize("name", RUDE)
def test_a_rude_server_costs_bounded_time_and_memory_and_no_mail(settings, name):
    message = plan("dana@example.org", **long_mail(40_000))
    with rude_server(RUDE[name], window=2048) as server:
        settings.EMAIL_PORT = server.port
        tracemalloc.start()
        started = time.monotonic()
        run()
        took = time.monotonic() - started
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert took < 60
    assert most < 20_000_000
    assert row(message).state == "planned"
    assert row(message).attempts <= 1


def test_garbage_after_the_dot_is_in_doubt_and_stored_as_plain_words(settings):
    message = plan("dana@example.org")
    with rude_server({"DATA": b"354 go\r\n", ".": GARBAGE}) as server:
        settings.EMAIL_PORT = server.port
        run()

    assert row(message).state == "handed"
    assert b".\r\n" in server.heard


def test_an_answer_in_other_letters_is_stored_readable(sink):
    message = plan("dana@example.org")
    sink.say("rcpt", "550 5.1.1 Empfänger\x07 unbekannt")

    run()

    assert row(message).state == "failed"
    assert row(message).smtp_text.isprintable()


def test_a_server_that_only_accepts_never_gets_a_mail_marked_as_sent(settings):
    """250 to DATA instead of 354: it did not ask for the body."""
    plan_many(3)
    with rude_server({}) as server:
        settings.EMAIL_PORT = server.port
        run()

    assert states() == {"planned": 3}
    assert server.heard
    assert not any(b"Subject" in line for line in server.heard)
    assert Circuit.objects.get().state == "open"
