"""F40: the worker and its database lose each other; the mail server stays in reach."""

import os
import socket
import time

import psycopg
import pytest
from django.db import connection, connections

from config.database import PATIENCE, database_from_url
from messaging.models import Message
from messaging.services import leases
from messaging.services.delivery import smtp_delivery
from tests.faults import children
from tests.faults.proxy import Mode, Proxy, running_proxy
from tests.messaging.delivering import NOW, plan_many, run, states

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("plain_kind", "short_waits"),
]

MESSAGES = 6


@pytest.fixture
def proxy():
    settings = connection.settings_dict
    host = settings["HOST"]
    upstream = (
        f"{host}/.s.PGSQL.{settings['PORT'] or 5432}"
        if host.startswith("/")
        else (host, int(settings["PORT"] or 5432))
    )
    with running_proxy(upstream) as running:
        yield running


def through(proxy: Proxy) -> None:
    """In a child: its database is on the other side of the network."""
    settings = connections["default"].settings_dict
    settings["HOST"], settings["PORT"] = "127.0.0.1", str(proxy.port)


def parted_at(name: str, *, before: bool, seconds: float, mode: Mode, proxy: Proxy):
    """A child that delivers, and informs its parent when it comes to this step."""
    reading, writing = os.pipe()

    def work() -> None:
        through(proxy)
        real = getattr(smtp_delivery, name)

        def step(*args, **kwargs):
            result = None if before else real(*args, **kwargs)
            os.write(writing, b"x")
            time.sleep(0.4)  # The parent cuts the network meanwhile.
            return real(*args, **kwargs) if before else result

        setattr(smtp_delivery, name, step)
        run()

    child = children.start(work)
    os.read(reading, 1)
    proxy.mode = mode
    time.sleep(seconds)
    return child


def recover() -> None:
    Message.objects.filter(lease_until__isnull=False).update(
        lease_until="2000-01-01T00:00Z"
    )
    leases.sweep_leases(now=NOW)
    run()


@pytest.mark.parametrize("mode", [Mode.BLACK_HOLE, Mode.SWALLOW_ANSWERS, Mode.RESET])
def test_without_a_committed_hand_over_no_dot_is_sent(sink, proxy, mode):
    """Swallowed answers: the commit may stand, and we do not know. Still no dot."""
    plan_many(MESSAGES)

    child = parted_at("prepare", before=False, seconds=1.5, mode=mode, proxy=proxy)
    while_parted = list(sink.recipients)
    if mode is not Mode.RESET:
        # What the time limit of the task does to a worker that hears nothing.
        os.kill(child, 9)
    code = children.wait(child)
    recover()

    assert while_parted == []
    assert code != 0
    assert states() == {"sent": MESSAGES}
    assert len(sink.recipients) == len(set(sink.recipients)) == MESSAGES


def test_what_is_out_when_the_database_goes_is_written_when_it_is_back(sink, proxy):
    plan_many(MESSAGES)

    child = parted_at("record", before=True, seconds=1.0, mode=Mode.RESET, proxy=proxy)
    meanwhile = states()
    proxy.mend()
    code = children.wait(child)

    assert meanwhile == {"handed": MESSAGES}
    assert code == 0
    assert states() == {"sent": MESSAGES}
    assert len(sink.recipients) == MESSAGES


def test_what_is_out_when_the_worker_dies_parted_is_read_from_its_journal(sink, proxy):
    plan_many(MESSAGES)

    child = parted_at(
        "record", before=True, seconds=1.0, mode=Mode.BLACK_HOLE, proxy=proxy
    )
    os.kill(child, 9)
    children.wait(child)
    recover()

    assert states() == {"sent": MESSAGES}
    assert len(sink.recipients) == MESSAGES


def test_a_database_that_does_not_answer_is_given_up_in_time(proxy):
    """The port is open and no server answers: connect_timeout ends the wait."""
    proxy.mode = Mode.BLACK_HOLE
    options = database_from_url(
        f"postgresql://crm@127.0.0.1:{proxy.port}/x?connect_timeout=2"
    )["OPTIONS"]
    started = time.monotonic()

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(
            host="127.0.0.1", port=proxy.port, user="crm", dbname="x", **options
        )

    # Its own patience is longer, and the machine may be busy.
    assert time.monotonic() - started < 60


def test_a_silent_network_is_noticed_by_every_connection(proxy):
    """What the kernel promises, read back from the socket of a real connection."""
    settings = connection.settings_dict
    with psycopg.connect(
        host="127.0.0.1",
        port=proxy.port,
        user=settings["USER"],
        dbname=settings["NAME"],
        **PATIENCE,
    ) as link:
        wire = socket.socket(fileno=os.dup(link.fileno()))
        with wire:
            alive = wire.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            probes = [
                wire.getsockopt(socket.IPPROTO_TCP, option)
                for option in (
                    socket.TCP_KEEPIDLE,
                    socket.TCP_KEEPINTVL,
                    socket.TCP_KEEPCNT,
                    socket.TCP_USER_TIMEOUT,
                )
            ]

    assert alive
    assert probes == [10, 5, 2, 20_000]
    assert PATIENCE.items() <= connection.settings_dict["OPTIONS"].items()
