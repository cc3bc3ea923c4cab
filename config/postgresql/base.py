"""The database backend that Django loads by the name of this package."""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection
from psycopg.pq import TransactionStatus


class DatabaseWrapper(base.DatabaseWrapper):
    """Before each request Django asks the server whether it is still there.

    A server that has gone (restarted, or ended this session) has said so: its goodbye
    waits in the socket. Where nothing waits there is no need to ask. A network that
    fell silent is found by the keepalives (config/database.py), which end in the same.
    """

    def is_usable(self) -> bool:
        if _is_quiet(self.connection):
            return True
        return bool(super().is_usable())


def _is_quiet(connection: Connection[Any] | None) -> bool:
    """Open, in no transaction, and nothing waits to be read."""
    if connection is None or connection.closed:
        return False
    if connection.pgconn.transaction_status != TransactionStatus.IDLE:
        return False
    waiting = select.poll()
    waiting.register(connection.pgconn.socket, select.POLLIN)
    return not waiting.poll(0)
