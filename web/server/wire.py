"""A client's connection as threads of the web server see it; the head of a request."""

import re
import socket
from typing import IO, Any

from web.server.upload import upload_of

# More than that is no header of any browser; each line has gunicorn's own limit.
MOST_HEAD = 64 * 1024
# The largest body that a page takes (DATA_UPLOAD_MAX_MEMORY_SIZE), and the head.
MOST_REQUEST = 1024 * 1024 + MOST_HEAD
CHUNK = 64 * 1024

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*(?=\r\n)", re.I)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.I)
# Whatever a mail program posts there counts, and no answer but a 200 (RFC 8058).
_STOP = re.compile(rb"POST /u/")
_EXPECT = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)", re.I)


class Wire:
    """A client's socket as threads see it: reading and writing never wait.

    What was collected is given to the parser; there is nothing else to read but what
    lies on disk in `body`. What the client does not take at once is kept in `unsent`.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.unsent = bytearray()
        self.body: IO[bytes] | None = None
        # The parser wanted more than was collected: where the next request begins is
        # unknown, so there is none on this connection.
        self.ran_dry = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sock, name)

    def recv(self, size: int) -> bytes:
        """The next bytes: of a kept body first, then of the socket."""
        if self.body is not None and (piece := self.body.read(size)):
            return piece
        self.ran_dry = True
        return b""

    def forget_body(self) -> None:
        """Drop the kept body."""
        if self.body is not None:
            self.body.close()
            self.body = None

    def sendall(self, data: bytes) -> None:
        """Send all bytes, or keep what the socket does not take now."""
        rest = memoryview(data)
        if not self.unsent:
            rest = rest[self.sent(data) :]
        self.unsent += rest

    def flush(self) -> None:
        """Send on; OSError where the client is gone."""
        del self.unsent[: self.sent(self.unsent[:CHUNK])]

    def sent(self, data: bytes | bytearray) -> int:
        """Send what the socket takes now; how many bytes."""
        try:
            return self.sock.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0


class Head:
    """What the first lines of a request say about its length."""

    def __init__(self, received: bytearray) -> None:
        end = received.find(b"\r\n\r\n", 0, MOST_HEAD)
        self.is_whole = end >= 0
        self.ends = end + 4
        self.is_too_long = end < 0 and len(received) >= MOST_HEAD
        head = bytes(received[: end + 4]) if self.is_whole else b""
        length = _LENGTH.search(head)
        self.size = end + 4 + (int(length[1][:18]) if length else 0)
        self.is_chunked = _CHUNKED.search(head) is not None
        self.is_stop = _STOP.match(head) is not None
        self.asks_first = _EXPECT.search(head) is not None
        self.upload = upload_of(head, self.size) if self.size > MOST_REQUEST else None
