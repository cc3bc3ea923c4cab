"""Start a task once what it is to work on is committed.

The task carries no data and may be lost: beat sends every task as well. So a broken
broker costs seconds, and never a request.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# How long a silent broker may hold the process that sends.
PATIENCE_SECONDS = 1.0
# Brokers give out a task again that no worker has taken for long; what is due later
# waits in the database, and beat looks for it.
WAIT_MOST = timedelta(minutes=1)


@dataclass(frozen=True)
class Notification:
    """A call of `notify`; two for one task are equal."""

    task: str
    wait: timedelta = timedelta(0)

    def __call__(self) -> None:
        notify(self.task, self.wait)


def notify_on_commit(task: str, wait: timedelta = timedelta(0)) -> None:
    """Send this task when the transaction commits, once, however often called.

    `task` is the name: services never import tasks. A worker takes it up after `wait`;
    nothing is sent where that is longer than a minute.
    """
    if wait > WAIT_MOST:
        return
    notification = Notification(task, wait)
    if not any(waiting[1] == notification for waiting in connection.run_on_commit):
        transaction.on_commit(notification)


def notify(task: str, wait: timedelta = timedelta(0)) -> None:
    """Send it now, to be taken up after `wait`.

    A broker that does not answer is logged, never raised.
    """
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
            current_app.send_task(
                task,
                connection=broker,
                retry=False,
                countdown=wait.total_seconds() or None,
            )
    except (OperationalError, RedisError, OSError) as error:
        # RedisError: it took the connection and refused the message (full, read-only).
        logger.warning(
            "The workers were not notified; the next beat will do it: %s",
            type(error).__name__,
        )
