"""W3: rendered mails out of the outbox, beside django-post-office in the same run.

    script/bench outbox [--mails 10000] [--rounds 3] [--no-peer] [--profile]

Ours: anniversaries, planned by the real sweep; every guarantee on: claim with locks,
consent, suppression, holds, contact limits, still due, fresh body row, `handed`
committed before the dot, journal, outcome. The peer sends the very same words from its
own queue in the same PostgreSQL, to the same sink; its templates only fill in four
values. One process each, and two of ours; they take turns, and each ratio is taken
within a round (benchmarks/rounds.py). Read the ratios, not the rates; where the machine
has other work, those of the processor time of the processes that send.
"""

import argparse
import cProfile
import json
import os
import pstats
import re
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

from django.conf import settings
from django.db import connection
from django.urls import reverse

from benchmarks import database, rounds
from benchmarks.mail_sink import check, sink
from benchmarks.plans import Took
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
# Before the clock runs, so that both have read what a process keeps.
WARM_UP = 20
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
    warm_up()
    peer = None if options.no_peer else Peer(mails)
    contenders = {ONE: lambda: ours(mails, processes=1)}
    if peer:
        contenders[peer.name] = peer.took
    contenders[TWO] = lambda: ours(mails, processes=2)
    found: dict[str, list[Took]] = {name: [] for name in contenders}
    for number in range(options.rounds):
        for name in rounds.in_turn(list(contenders), number):
            found[name].append(contenders[name]())
    if peer:
        peer.close()
    tell(mails, found)
    return 0


def tell(mails: int, found: dict[str, list[Took]]) -> None:
    html = len(sample(get(KIND), "en", NOW).html)
    count = len(found[ONE])
    print(f"\n{mails:,} mails, {html / 1000:.1f} kB of HTML each, {count} rounds\n")
    for name, all_took in found.items():
        rate = median(1 / took.clock for took in all_took)
        busy = median(took.processor for took in all_took)
        print(f"{name:<32} {rate:6,.0f} mails/s  {1000 * busy:.2f} ms of Python a mail")
    clock = {name: [took.clock for took in each] for name, each in found.items()}
    busy = {name: [took.processor for took in each] for name, each in found.items()}
    print(f"\ntwo processes are {rounds.ratios(clock[ONE], clock[TWO])} x one")
    if Peer.name in found:
        by_clock = rounds.ratios(clock[Peer.name], clock[ONE])
        by_processor = rounds.ratios(busy[Peer.name], busy[ONE])
        print(f"ours on one process is {by_clock} x the peer (target: 1.5),")
        print(f"{by_processor} x by the processor time of both processes")


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


def warm_up() -> None:
    """Layouts and calendars are read once in a process, too. Children are forked with
    them."""
    with sink() as (port, took):
        send_to(port)
        delivery.deliver(now=NOW, limit=WARM_UP, seconds=60)
    check(took(), WARM_UP)


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


def ours(mails: int, *, processes: int) -> Took:
    wait_again()
    with sink() as (port, took):
        started = time.perf_counter()
        children = [deliverer(port) for _ in range(processes)]
        processor = sum(map(_end_of, children))
        seconds = time.perf_counter() - started
    check(took(), mails)
    assert Message.objects.filter(state="sent").count() == mails
    return Took(seconds / mails, processor / mails)


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


def _end_of(child: int) -> float:
    """The processor time that it took, in seconds."""
    _pid, status, used = os.wait4(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return used.ru_utime + used.ru_stime


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

    def took(self) -> Took:
        with sink() as (port, took):
            seconds, processor = map(float, self._run(port).splitlines()[-1].split())
        check(took(), self._mails + WARM_UP)
        return Took(seconds / self._mails, processor / self._mails)

    def close(self) -> None:
        database.drop(self._database)

    def _run(self, port: int) -> str:
        mail = sample(get(KIND), "en", NOW)
        work = {
            "database": database.url(self._database),
            "port": port,
            "mails": self._mails,
            "warm_up": WARM_UP,
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
