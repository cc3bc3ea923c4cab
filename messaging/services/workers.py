"""Ring for the deliverers once what there is to deliver is committed.

The ring carries nothing and may be lost: beat drains every half minute anyway. So a
broken broker costs seconds, and never a request.
"""

import logging

from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# By name: services never import tasks.
DELIVER = "messaging.tasks.deliver"
# How long a silent broker may hold the process that rings.
PATIENCE_SECONDS = 1.0


def notify_workers_on_commit() -> None:
    """Ring when the transaction commits, once, however often this is called."""
    if not any(waiting[1] is notify_workers for waiting in connection.run_on_commit):
        transaction.on_commit(notify_workers)


def notify_workers() -> None:
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
            current_app.send_task(DELIVER, connection=broker, retry=False)
    except (OperationalError, RedisError, OSError) as error:
        # RedisError: it took the connection and refused the message (full, read-only).
        logger.warning("The bell did not ring, beat will: %s", type(error).__name__)
