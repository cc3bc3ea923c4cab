"""The Celery application. It starts work and never holds the only record of it.

Everything of value is a row in PostgreSQL. A lost, repeated or reordered task
changes nothing in the end; docs/architecture.md gives the reason for each setting.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init

from config import env
from config.broker import use_our_transport
from local.celery_children import tie_children

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

AUTOGROUP = Path("/proc/self/autogroup")

use_our_transport()
app = Celery("perennial")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
tie_children()


@worker_init.connect
def give_way(**_: Any) -> None:
    """Who waits for a page goes before what runs in the background: a full outbox on
    the machine of the web server holds up nobody's answer. The processes that a worker
    starts have its niceness."""
    niceness = env.number("WORKER_NICE", 5, most=19)
    os.nice(niceness)
    # Where Linux groups processes by session, those of one session weigh this much
    # against all others; what is above holds among themselves.
    with suppress(OSError):
        AUTOGROUP.write_text(str(niceness))


@beat_init.connect
def tick_at_once(**_: Any) -> None:
    """A schedule's first tick comes after a minute. Until then the first page that a
    new installation shows would report that no worker has ever run."""
    app.send_task("crm.tasks.beat_heartbeat")
