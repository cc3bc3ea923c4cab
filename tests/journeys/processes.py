"""Beat and worker as real processes, on the database of this test."""

import time
from collections.abc import Callable

from tests.faults.workers import Site

# Generous: on a busy machine a worker takes long to start.
PATIENCE = 60.0


def start_worker(site: Site) -> None:
    quiet = ("--without-gossip", "--without-mingle")
    words = ("--concurrency", "1", "--loglevel", "WARNING", *quiet)
    site.start("worker", *words, app="config")


def start_beat(site: Site) -> None:
    site.start("beat", "--loglevel", "INFO", app="tests.journeys.quick")


def logs(site: Site) -> str:
    return "\n".join(
        f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}"
        for path in sorted(site.folder.glob("*.log"))
    )


def wait_until(true: Callable[[], bool], site: Site) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, logs(site)
        time.sleep(0.05)
