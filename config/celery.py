"""The Celery application. It starts work and never holds the only record of it.

Everything of value is a row in PostgreSQL. A lost, repeated or reordered task
changes nothing in the end; docs/architecture.md gives the reason for each setting.
"""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init

from config.broker import use_our_transport
from local.celery_children import tie_children

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

use_our_transport()
app = Celery("perennial")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
tie_children()


@beat_init.connect
def tick_at_once(**_: Any) -> None:
    """A schedule's first tick comes after a minute. Until then the first page that a
    new installation shows would report that no worker has ever run."""
    app.send_task("crm.tasks.beat_heartbeat")
