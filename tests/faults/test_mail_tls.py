"""F23: where TLS is asked for, no body ever goes in clear text."""

import socket
import ssl
import threading

import pytest

from messaging.desk import doctor
from messaging.models import Circuit
from messaging.rules.choices import Transport
from messaging.services import circuit
from tests.faults.certificates import server_context
from tests.faults.rude_server import rude_server
from tests.messaging.delivering import NOW, plan_many, run, states

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db,
    pytest.mark.usefixtures("plain_kind"),
]


@pytest.fixture(autouse=True)
def tls_is_asked_for(settings):
    settings.EMAIL_USE_TLS = True
    settings.EMAIL_TIMEOUT = 2
    settings.EMAIL_DOT_TIMEOUT = 2


@pytest.fixture
def trusting(monkeypatch):
    """The way a machine trusts a certificate of its own authority."""

    def trust(certificate):
        real = ssl.create_default_context

        def trusting_one(*args, **kwargs):
            context = real(*args, **kwargs)
            context.load_verify_locations(certificate)
            return context

        monkeypatch.setattr(ssl, "create_default_context", trusting_one)

    return trust


def assert_held(sink) -> None:
    assert states() == {"planned": 3}
    assert sink.seen["mail"] == sink.seen["auth"] == 0
    assert sink.raw == []
    assert Circuit.objects.get().reason_code == "tls_failed"


def test_a_good_certificate_lets_mail_go(sink, settings, tmp_path, trusting):
    """The other tests would pass with a TLS that never works."""
    sink.tls, certificate = server_context(tmp_path)
    trusting(certificate)
    settings.EMAIL_HOST = "localhost"
    plan_many(3)

    run()

    assert states() == {"sent": 3}


def test_without_starttls_nothing_goes(sink):
    plan_many(3)

    run()

    assert_held(sink)


@pytest.mark.parametrize("fault", ["unknown", "expired", "of another name"])
def test_with_a_bad_certificate_nothing_goes(sink, settings, tmp_path, trusting, fault):
    name = "elsewhere.example" if fault == "of another name" else "localhost"
    sink.tls, certificate = server_context(
        tmp_path, name=name, expired=fault == "expired"
    )
    if fault != "unknown":
        trusting(certificate)
    settings.EMAIL_HOST = "localhost"
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "shop", "secret"
    plan_many(3)

    run()

    assert_held(sink)


def test_after_the_certificate_is_mended_all_goes(sink, settings, tmp_path, trusting):
    sink.tls, certificate = server_context(tmp_path)
    settings.EMAIL_HOST = "localhost"
    plan_many(3)
    run()

    trusting(certificate)
    circuit.try_now(Transport.SMTP, now=NOW)
    run()

    assert states() == {"sent": 3}


@pytest.mark.parametrize(
    "answers",
    [
        {"EHLO": b"250-x\r\n250 STARTTLS\r\n", "STARTTLS": b"454 not now\r\n"},
        {"EHLO": b"250-x\r\n250 STARTTLS\r\n", "STARTTLS": b"250 yes\r\n"},
        {"EHLO": b"250-x\r\n250 STARTTLS\r\n", "STARTTLS": b"220 go\r\n250 mine\r\n"},
        {"EHLO": b"502 what\r\n"},
    ],
    ids=["refused", "no TLS after it", "words slipped in", "only HELO"],
)
def test_a_starttls_that_fails_half_way_sends_no_word_of_the_mail(settings, answers):
    settings.MAIL_TRANSPORT = "smtp"
    plan_many(3)
    with rude_server(answers) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "localhost", server.port
        run()

    heard = b"".join(server.heard)
    assert states() == {"planned": 3}
    assert b"MAIL FROM" not in heard
    assert b"News from" not in heard


def test_tls_from_the_first_byte_never_talks_to_a_plain_server(sink, settings):
    settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = False, True
    settings.EMAIL_HOST = "localhost"
    plan_many(3)

    run()

    assert states() == {"planned": 3}
    assert sink.raw == []


@pytest.mark.parametrize("way", ["EMAIL_USE_TLS", "EMAIL_USE_SSL"])
def test_the_doctor_signs_in_only_where_the_certificate_is_good(
    sink, settings, tmp_path, way
):
    """It speaks to the server as a delivery does, password and all."""
    context, _ = server_context(tmp_path)
    settings.EMAIL_USE_TLS = way == "EMAIL_USE_TLS"
    settings.EMAIL_USE_SSL = way == "EMAIL_USE_SSL"
    settings.EMAIL_HOST = "localhost"
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "shop", "secret"
    if way == "EMAIL_USE_SSL":
        settings.EMAIL_PORT = handshakes_only(context)
    sink.tls = context

    finding = doctor._smtp()

    assert not finding.is_well
    assert "certificate" in finding.text.lower()
    assert sink.seen["auth"] == 0


def handshakes_only(context: ssl.SSLContext) -> int:
    """The port of a server that begins with TLS and accepts one connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with listener:
            wire, _ = listener.accept()
            try:
                context.wrap_socket(wire, server_side=True).close()
            except OSError:
                wire.close()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]
