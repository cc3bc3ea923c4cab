"""Start a task once what it is to work on is committed.

The task carries no data and may be lost: beat sends every task as well. So a broken
broker costs seconds, and never a request.
"""

import logging
from dataclasses import dataclass

from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# How long a silent broker may hold the process that sends.
PATIENCE_SECONDS = 1.0


@dataclass(frozen=True)
class Notification:
    """A call of `notify`; two for one task are equal."""

    task: str

    def __call__(self) -> None:
        notify(self.task)


def notify_on_commit(task: str) -> None:
    """Send this task when the transaction commits, once, however often called.

    `task` is the name: services never import tasks.
    """
    notification = Notification(task)
    if not any(waiting[1] == notification for waiting in connection.run_on_commit):
        transaction.on_commit(notification)


def notify(task: str) -> None:
    """Send it now. A broker that does not answer is logged, never raised."""
    options = {
        **current_app.conf.broker_transport_options,
        "socket_timeout": PATIENCE_SECONDS,
        "socket_connect_timeout": PATIENCE_SECONDS,
        "retry_on_timeout": False,
        # kombu would try again for four seconds, and redis-py would then, too.
        "max_retries": 0,
        "interval_start": 0,
        "connect_retries_timeout": PATIENCE_SECONDS,
    }
    try:
        with current_app.connection_for_write(transport_options=options) as broker:
            current_app.send_task(task, connection=broker, retry=False)
    except (OperationalError, RedisError, OSError) as error:
        # RedisError: it took the connection and refused the message (full, read-only).
        logger.warning(
            "The workers were not notified; the next beat will do it: %s",
            type(error).__name__,
        )
