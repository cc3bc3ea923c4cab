"""Beat and worker as real processes, on the database of this test."""

import subprocess
import sys
import time
from collections.abc import Callable

from config.embedded.places import BASE_DIR
from tests.faults.workers import Site

# Generous: on a busy machine a worker takes long to start.
PATIENCE = 60.0


def start_worker(site: Site) -> None:
    _start(site, "config", "worker", "--concurrency", "1", "--loglevel", "WARNING")


def start_beat(site: Site) -> None:
    schedule = site.folder / f"beat-{len(site.workers)}"
    _start(
        site,
        "tests.journeys.quick",
        "beat",
        "--schedule",
        str(schedule),
        "--loglevel",
        "INFO",
    )


def _start(site: Site, app: str, role: str, *words: str) -> None:
    """In a group of its own; `running_site` ends what stands in its list."""
    quiet = ["--without-gossip", "--without-mingle"] if role == "worker" else []
    with (site.folder / f"{role}-{len(site.workers)}.log").open("wb") as log:
        site.workers.append(
            subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", app, role, *words, *quiet],
                cwd=BASE_DIR,
                env=site._environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        )


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
