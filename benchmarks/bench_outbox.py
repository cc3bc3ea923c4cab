"""W3: rendered mails out of the outbox, beside django-post-office in the same run.

    script/bench outbox [--mails 10000] [--rounds 3] [--no-peer] [--profile]

Ours: anniversaries, planned by the real sweep; every guarantee on: claim with locks,
consent, suppression, holds, contact limits, still due, fresh body row, `handed`
committed before the dot, journal, outcome. The peer sends the very same words from its
own queue in the same PostgreSQL, to the same sink; its templates only fill in four
values. One process each, and two of ours; they take turns, and each ratio is taken
within a round (benchmarks/rounds.py). Read the ratios, not the rates.
"""

import argparse
import cProfile
import json
import os
import pstats
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

from django.conf import settings
from django.db import connection
from django.urls import reverse

from benchmarks import database, rounds
from crm.models import Business, Customer
from crm.rules import search
from messaging.kinds import get
from messaging.models import Automation, Message
from messaging.rendering import sample
from messaging.services import automations, delivery, planning

ROOT = Path(__file__).resolve().parent.parent
PEER = ROOT / "benchmarks" / "peer_post_office.py"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KIND = "anniversary"
ONE, TWO = "ours, 1 process", "ours, 2 processes"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/bench outbox")
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args(arguments)
    with database.own_database("outbox"):
        people(options.mails)
        plan_anniversaries()
        if options.profile:
            return profile(options.mails)
        return contest(options)


def contest(options: argparse.Namespace) -> int:
    mails = options.mails
    peer = None if options.no_peer else Peer(mails)
    contenders = {ONE: lambda: ours(mails, processes=1)}
    if peer:
        contenders[peer.name] = peer.rate
    contenders[TWO] = lambda: ours(mails, processes=2)
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(options.rounds):
        for name in rounds.in_turn(list(contenders), number):
            rates[name].append(contenders[name]())
    if peer:
        peer.close()
    tell(mails, rates)
    return 0


def tell(mails: int, rates: dict[str, list[float]]) -> None:
    html = len(sample(get(KIND), "en", NOW).html)
    count = len(rates[ONE])
    print(f"\n{mails:,} mails, {html / 1000:.1f} kB of HTML each, {count} rounds\n")
    for name, found in rates.items():
        print(f"{name:<32} {median(found):6,.0f} mails/s")
    print(f"\ntwo processes are {rounds.ratios(rates[TWO], rates[ONE])} x one")
    if Peer.name in rates:
        to_peer = rounds.ratios(rates[ONE], rates[Peer.name])
        print(f"ours on one process is {to_peer} x the peer (target: 1.5)")


# --- Ours ----------------------------------------------------------------------------


def people(count: int) -> None:
    """Customers with their day on the same date, so that all mails are due at once."""
    Business.objects.update(
        quiet_from=0,
        quiet_until=0,
        from_loyalty="hello@shop.example",
        public_url="https://shop.example",
        postal_address="4 Mill Lane, Leeds",
    )
    Customer.objects.bulk_create(
        Customer(
            external_id=f"C{number}",
            given_name="Dana",
            family_name=f"Levi {number}",
            greeting_name="Dana",
            sort_name=f"levi {number}",
            search_text=search.customer_search_text("Dana", "Levi", "", ""),
            email=f"c{number}@example.org",
            email_norm=f"c{number}@example.org",
            language="en",
            country="GB",
            since_on=date(2019 + number % 5, 11, 20),
            since_from="given",
            mail_ground="Bought",
            created_at=NOW,
            updated_at=NOW,
        )
        for number in range(count)
    )


def plan_anniversaries() -> None:
    # The site's addresses are read once in a process: no mail of a worker waits for it.
    reverse("login")
    automations.ensure_automations()
    automation = Automation.objects.get(kind=KIND)
    before = datetime(2026, 11, 18, tzinfo=UTC)
    automations.switch_on(automation, now=before)
    planning.sweep(now=NOW, kinds={KIND})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def wait_again() -> None:
    """As planned once more: the next round begins where the first did."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE messaging_body, messaging_link")
        cursor.execute(
            """UPDATE messaging_message SET state = 'planned', claim_token = NULL,
                lease_until = NULL, counted_at = NULL, handed_at = NULL,
                final_at = NULL, attempts = 0, address_hash = NULL, transport = '',
                smtp_code = NULL, smtp_text = ''"""
        )
        cursor.execute("VACUUM ANALYZE messaging_message")
        cursor.execute("CHECKPOINT")


def ours(mails: int, *, processes: int) -> float:
    wait_again()
    with sink() as (port, took):
        started = time.perf_counter()
        children = [deliverer(port) for _ in range(processes)]
        _end_of(children)
        seconds = time.perf_counter() - started
    check(took(), mails)
    assert Message.objects.filter(state="sent").count() == mails
    return mails / seconds


def deliverer(port: int) -> int:
    """A fork with connections of its own: nothing of Python's start is measured."""
    connection.close()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        send_to(port)
        delivery.deliver(now=NOW, seconds=600)
        code = 0
    finally:
        os._exit(code)


def send_to(port: int) -> None:
    settings.MAIL_TRANSPORT = "smtp"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = ""


def _end_of(children: list[int]) -> None:
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def profile(mails: int) -> int:
    """Where the time goes, by function."""
    with sink() as (port, took):
        send_to(port)
        watch = cProfile.Profile()
        watch.enable()
        delivery.deliver(now=NOW, seconds=600)
        watch.disable()
    check(took(), mails)
    pstats.Stats(watch).sort_stats("cumulative").print_stats(70)
    return 0


# --- The peer ------------------------------------------------------------------------


class Peer:
    """django-post-office in a scratch environment, with a database of its own."""

    name = "django-post-office, 1 process"

    def __init__(self, mails: int) -> None:
        self._mails = mails
        self._python = scratch_environment(Path(os.environ["PERENNIAL_VAR"]))
        self._database = f"bench_peer_{os.getpid()}"
        database.create(self._database)

    def rate(self) -> float:
        with sink() as (port, took):
            seconds = float(self._run(port).splitlines()[-1])
        check(took(), self._mails)
        return self._mails / seconds

    def close(self) -> None:
        database.drop(self._database)

    def _run(self, port: int) -> str:
        mail = sample(get(KIND), "en", NOW)
        work = {
            "database": database.url(self._database),
            "port": port,
            "mails": self._mails,
            "subject": mail.subject,
            "text": as_template(mail.text),
            "html": as_template(mail.html),
        }
        done = subprocess.run(
            [str(self._python), str(PEER)],
            input=json.dumps(work),
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        return done.stdout


def as_template(text: str) -> str:
    """The same words; what differs from person to person is filled in by the peer."""
    text = text.replace("{", "&#123;")
    text = re.sub(r"/u/sample/", "/u/{{ stop }}/", text)
    text = re.sub(r"/p/sample/", "/p/{{ preferences }}/", text)
    return text.replace("Dana", "{{ name }}").replace("6 years", "{{ years }}")


def scratch_environment(folder: Path) -> Path:
    """The peer's own packages: it never becomes a dependency of the product."""
    python = folder / "peer" / "bin" / "python"
    if not (folder / "peer" / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", folder / "peer"], check=True)
        wanted = ["django~=5.2.0", "django-post-office", "psycopg[binary]"]
        subprocess.run([python, "-m", "pip", "install", "-q", *wanted], check=True)
        (folder / "peer" / "installed").touch()
    return python


# --- The mail server -----------------------------------------------------------------


@contextmanager
def sink() -> Iterator[tuple[int, Callable[[], dict[str, int]]]]:
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    listening.set_inheritable(True)
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.fast_sink", str(listening.fileno())],
        pass_fds=[listening.fileno()],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )

    def took() -> dict[str, int]:
        process.send_signal(signal.SIGTERM)
        return json.loads(process.communicate(timeout=30)[0])

    try:
        yield listening.getsockname()[1], took
    finally:
        # What it took is asked after the block: the process lives until then.
        listening.close()


def check(took: dict[str, int], mails: int) -> None:
    assert took["mails"] == took["recipients"] == mails, took
    assert took["repeated"] == 0, took
