"""Do web, worker and beat stay as large as they are? 50,000 tasks and as many pages.

    script/bench memory [--tasks 50000]

A real worker with two processes, beat with a quick schedule and the web server, on a
private broker. Tasks are the real ones; pages are the health page, that of an unknown
link, and those of surveys in four languages with an answer each. Children are
replaced after a thousand tasks or ten thousand requests, as in production; so the
masters show what never goes away, and the largest child what one grows to. Exits 1
where a master grew by 20 MB, keys were left behind or a page was not what it should be.
"""

import argparse
import contextlib
import http.client
import itertools
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import redis
from celery import current_app
from django.conf import settings

from benchmarks import answers_shop
from benchmarks.database import own_database, url
from local.embedded.paths import BASE_DIR
from local.embedded.process import Child, spawn
from tests.faults.workers import Site, running_site
from tests.smtp_sink import running_sink

TASKS = (
    "messaging.tasks.deliver",
    "messaging.tasks.sweep_leases",
    "messaging.tasks.sweep_due",
    "loyalty.tasks.work_out_next_purchases",
    "crm.tasks.worker_heartbeat",
)
CHECKS = 10
WAITING_MOST = 400
RIGHT, WRONG = "right", "wrong"
PEOPLE = 400
DEAD = f"/s/{'x' * 32}/"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "null"}
GROWTH_MOST_MB = 20


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/bench memory")
    parser.add_argument("--tasks", type=int, default=50_000)
    tasks = parser.parse_args(arguments).tasks
    with (
        own_database("memory"),
        tempfile.TemporaryDirectory() as folder,
        running_sink(Path(folder)) as sink,
        running_site(sink) as site,
    ):
        invite()
        site.database_url, site.app = url(), "config"
        try:
            return watch(site, tasks)
        except TimeoutError as error:
            print(error, *map(tail, site.folder.glob("*.log")), sep="\n")
            return 1


def invite() -> None:
    """People of each language with a survey to answer."""
    answers_shop.open_shop()
    answers_shop.ask(1, PEOPLE)
    languages = [code for code, _ in settings.LANGUAGES]
    answers_shop.run(
        "UPDATE crm_customer SET language = (%(languages)s::text[])[1 + id / 2 %% 4]",
        {"languages": languages},
    )


def watch(site: Site, tasks: int) -> int:
    port = free_port()
    site.env |= {"PORT": str(port), "DJANGO_SETTINGS_MODULE": "config.settings"}
    roles = {
        "worker": site.start_worker(),
        "beat": site.start("beat", "--loglevel", "WARNING", app="tests.journeys.quick"),
        "web": web_server(site),
    }
    broker = redis.Redis(
        unix_socket_path=site.redis_url.partition("://")[2].partition("?")[0]
    )
    wait_for(lambda: answers(port))
    rows = []
    with visiting(port) as seen:
        # The first round warms everything up, and is where growth is counted from.
        for round_ in range(CHECKS + 1):
            send_tasks(site, broker, tasks // CHECKS)
            wait_for(lambda: waiting(broker) < WAITING_MOST / 10)
            rows.append([*sizes(roles), broker.dbsize()])
            tell(round_ * (tasks // CHECKS), seen[RIGHT], rows)
    return result_code(rows, seen[WRONG])


def web_server(site: Site) -> Child:
    child = spawn(
        [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn"],
        log=site.folder / "web.log",
        death_signal=signal.SIGKILL,
        cwd=BASE_DIR,
        env=site.environment(),
    )
    site.workers.append(child)
    return child


def send_tasks(site: Site, broker: redis.Redis, count: int) -> None:
    with current_app.connection_for_write(site.redis_url) as connection:
        for number in range(count):
            if number % 50 == 0:
                wait_for(lambda: waiting(broker) < WAITING_MOST)
            name = TASKS[number % len(TASKS)]
            current_app.send_task(name, connection=connection, retry=False)


def waiting(broker: redis.Redis) -> int:
    return sum(broker.llen(f"perennial:{queue}") for queue in ("celery", "mail"))


@contextlib.contextmanager
def visiting(port: int) -> Iterator[Counter[str]]:
    """One visitor all the time; how many pages were what they should be."""
    seen: Counter[str] = Counter()
    over = threading.Event()
    links = itertools.cycle(f"/s/{token}/" for token in answers_shop.tokens(PEOPLE))

    def visit() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                for number, link in zip(range(50), links, strict=False):
                    score = f"score={number % 11}"
                    for expected, request in (
                        (200, ("GET", "/healthz")),
                        (404, ("GET", DEAD)),
                        (200, ("GET", f"{link}?{score}")),
                        (302, ("POST", link, score, FORM)),
                    ):
                        connection.request(*request)
                        response = connection.getresponse()
                        response.read()
                        seen[RIGHT if response.status == expected else WRONG] += 1
                        # The tasks are to have most of the machine.
                        time.sleep(0.005)
                connection.close()

    thread = threading.Thread(target=visit)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


# --- Sizes ---------------------------------------------------------------------------


def sizes(roles: dict[str, Child]) -> list[float]:
    """In MB: worker, its largest child, beat, web, its largest child."""
    worker, beat, web = (roles[name].pid for name in ("worker", "beat", "web"))
    return [
        resident(worker),
        max(map(resident, children(worker)), default=0.0),
        resident(beat),
        resident(web),
        max(map(resident, children(web)), default=0.0),
    ]


def resident(pid: int) -> float:
    with contextlib.suppress(OSError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * 4096 / 1e6
    return 0.0


def children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in found.split()]
    return []


def tell(tasks: int, visits: int, rows: list[list[float]]) -> None:
    if len(rows) == 1:
        print(
            f"{'tasks':>8} {'pages':>8} {'worker':>9} {'child':>9} {'beat':>9}"
            f" {'web':>9} {'child':>9} {'keys':>6}"
        )
    *sizes_now, keys = rows[-1]
    print(
        f"{tasks:>8,} {visits:>8,} "
        + " ".join(f"{size:6.1f} MB" for size in sizes_now)
        + f" {keys:>6}",
        flush=True,
    )


def result_code(rows: list[list[float]], wrong: int) -> int:
    grown = [last - first for first, last in zip(rows[0], rows[-1], strict=True)]
    masters = max(grown[0], grown[2], grown[3])
    print(f"grown since the first round: {masters:.1f} MB at most, {grown[5]:.0f} keys")
    print(f"pages that were not what they should be: {wrong}")
    return int(masters > GROWTH_MOST_MB or grown[5] > 5 or wrong > 0)


# --- Waiting -------------------------------------------------------------------------


def tail(log: Path) -> str:
    return f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}"


def answers(port: int) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    return False


def wait_for(true, seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise TimeoutError(f"Nothing moved for {seconds:.0f} seconds.")
        time.sleep(0.05)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
