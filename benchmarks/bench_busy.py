"""F38: customers answer at a steady pace while mails go out; no answer is lost.

    script/bench busy [--seconds 20] [--mails 500] [--rate 100] [--full]

`--full` is ten minutes and 20,000 mails. The product as it is: gunicorn with two
processes, one delivering process, PostgreSQL, a mail server and the customers, all on
this machine. Exits 1 unless 95 of 100 requests took less than 300 ms, the pace was
kept, every answer counted by the client is stored, and every mail arrived once.
"""

import argparse
import os
import time

from django.db import connection

from benchmarks import answers_servers, answers_shop, bench_outbox, database
from benchmarks.bench_answers import OURS_SETTINGS, spread, visit
from benchmarks.mail_sink import check, sink
from config.celery import give_way
from messaging.models import Message
from messaging.services import delivery

MOST_MS = 300
CONNECTIONS = 32


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/bench busy")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--mails", type=int, default=500)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args(arguments)
    if options.full:
        options.seconds, options.mails = 600, 20_000
    with database.own_database("busy") as name:
        answers_shop.open_shop()
        answers_shop.ask(1, options.rate * options.seconds + 200)
        bench_outbox.people(options.mails)
        bench_outbox.plan_anniversaries()
        return busy(name, options)


def busy(name: str, options: argparse.Namespace) -> int:
    tokens = answers_shop.tokens(options.rate * options.seconds + 200)
    with (
        sink() as (mail_port, took),
        answers_servers.serving("gunicorn", OURS_SETTINGS, name) as at,
    ):
        visit(at.port, tokens[-200:], 30)
        child = sending(mail_port, options)
        seen = visit(
            at.port,
            tokens[:-200],
            options.seconds,
            pace=options.rate,
            connections=CONNECTIONS,
        )
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        check(took(), options.mails)
    return tell(seen, options)


def sending(port: int, options: argparse.Namespace) -> int:
    """A delivering process with its share of the mails in each second."""
    connection.close()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        # As a worker does, which is a session of its own.
        os.setsid()
        give_way()
        bench_outbox.send_to(port)
        deliver_steadily(options.mails, options.seconds)
        code = 0
    finally:
        os._exit(code)


def deliver_steadily(mails: int, seconds: int) -> None:
    share = -(-mails // seconds)
    for second in range(seconds):
        started = time.monotonic()
        delivery.deliver(now=bench_outbox.NOW, limit=share, seconds=60)
        if second < seconds - 1:
            time.sleep(max(0.0, 1 - (time.monotonic() - started)))
    delivery.deliver(now=bench_outbox.NOW, seconds=600)


def tell(seen: dict, options: argparse.Namespace) -> int:
    pages, answers = spread(seen["took"]["GET"]), spread(seen["took"]["POST"])
    worst = max(max(found) for found in seen["took"].values())
    sent = Message.objects.filter(state="sent").count()
    stored = answers_shop.stored() - 200
    print(f"\n{seen['asked']:,} customers in {seen['seconds']:.0f} s, {sent:,} mails\n")
    print(f"page    p50 / p95: {pages[0]:6.1f} / {pages[1]:6.1f} ms")
    print(f"answer  p50 / p95: {answers[0]:6.1f} / {answers[1]:6.1f} ms")
    print(f"the slowest request took {1000 * worst:.0f} ms")
    print(f"answers counted {seen['pairs']:,}, stored {stored:,}")
    checks = {
        f"95 of 100 under {MOST_MS} ms": max(pages[1], answers[1]) < MOST_MS,
        "no answer lost": seen["pairs"] == stored == seen["asked"],
        "no bad status": set(seen["statuses"]) == {"GET 200", "POST 302"},
        "the pace was kept": seen["asked"] >= 0.98 * options.rate * options.seconds,
        "every mail went out": sent == options.mails,
    }
    for name, holds in checks.items():
        print(f"{'ok  ' if holds else 'FAIL'} {name}")
    return 0 if all(checks.values()) else 1
