"""smtplib's conversation with a server, with a bound on each whole answer."""

import smtplib
import socket
import ssl
import time
from typing import Any, cast

# A reply of more bytes than this is none: an endless one would eat the memory.
_REPLY_MOST = 64 * 1024


class Replies:
    """The server's lines, read until a moment that no dripping byte can move."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._pending = b""
        self._taken = 0
        self._until = 0.0

    def within(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._taken = 0

    @property
    def is_unread(self) -> bool:
        return bool(self._pending)

    def readline(self, _limit: int = -1) -> bytes:
        while b"\n" not in self._pending:
            left = self._until - time.monotonic()
            if left <= 0:
                raise TimeoutError("the answer took too long")
            self._sock.settimeout(left)
            read = self._sock.recv(4096)
            if not read:
                rest, self._pending = self._pending, b""
                return rest
            self._taken += len(read)
            if self._taken > _REPLY_MOST:
                raise smtplib.SMTPServerDisconnected("the answer is endless")
            self._pending += read
        line, _, self._pending = self._pending.partition(b"\n")
        return line + b"\n"

    def close(self) -> None:
        pass


class SmtpConnection(smtplib.SMTP):
    """smtplib, with a limit on each whole answer instead of on each byte."""

    patience: float = 10.0

    @property
    def is_unread(self) -> bool:
        """The server sent more than we asked it for."""
        return self.file is not None and cast(Replies, self.file).is_unread

    def write(self, data: bytes) -> int:
        """How many of these bytes are on their way. An OSError means none."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        return self.sock.send(data)

    def getreply(self) -> tuple[int, bytes]:
        sock = cast(socket.socket, self.sock)
        if self.file is None:
            self.file = cast(Any, Replies(sock))
        cast(Replies, self.file).within(self.patience)
        try:
            return super().getreply()
        finally:
            if self.sock is not None:
                sock.settimeout(self.patience)


class SecureSmtpConnection(SmtpConnection):
    """TLS from the first byte."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), timeout)
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
