"""The database backend that Django loads by the name of this package."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Before each request Django asks the server whether it is still there.

    A server that has gone (restarted, or ended this session) has said so: its goodbye
    waits in the socket. Where nothing waits there is no need to ask. A network that
    fell silent is found by the keepalives (config/database.py), which end in the same.
    """

    def is_usable(self) -> bool:
        if self.connection is not None and not _has_news(self.connection.fileno()):
            return True
        return bool(super().is_usable())


def _has_news(socket: int) -> bool:
    waiting = select.poll()
    waiting.register(socket, select.POLLIN)
    return bool(waiting.poll(0))
