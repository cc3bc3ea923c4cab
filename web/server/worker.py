"""The gunicorn worker of the web server: threads that never wait for a client.

gunicorn's own gthread gives a connection to a thread with its first byte, and the
thread reads the rest. Twelve clients that send a byte at a time, or forty that stop in
the middle of their headers, then hold every thread, and no one is answered. Here the
loop of the worker collects a request, and a thread gets it when it is whole. Of an
answer the loop sends what the client does not take at once.

A form is collected in memory. A file that somebody brings in (web/uploads.py) is
collected on disk, and one beyond the limit is received without being kept.
"""

import contextlib
import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import TConn, ThreadWorker

from web.server.upload import Upload
from web.server.wire import CHUNK, MOST_REQUEST, Head, Wire

# From the first byte of a request to its last one, and from the first byte of an answer
# that waits for its client to the last.
REQUEST_SECONDS = 30.0
ANSWER_SECONDS = 60.0
# For a client to close after the last answer; closing first could cut that answer off.
CLOSE_SECONDS = 2.0


class Worker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """See the module. All methods but `_keepalive_after` run in the worker's loop."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Connections outside the threads. Each has `until`, when its patience ends.
        self.waiting: dict[TConn, None] = {}

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        if cfg.is_ssl:
            raise RuntimeError("This web server speaks HTTP: let a proxy speak TLS.")

    # --- A request arrives ------------------------------------------------------------

    def enqueue_req(self, conn: TConn) -> None:
        """A new connection."""
        if self.nr_conns >= self.worker_connections:
            self._make_room()
        conn.sock = Wire(conn.sock)
        conn.init()
        self._await_request(conn)

    def _await_request(self, conn: TConn) -> None:
        # A client may have sent the beginning of its next request behind the last.
        conn.received = bytearray(conn.parser.unreader.take_buffered())
        conn.head = None
        patience = REQUEST_SECONDS if conn.received else self.cfg.keepalive
        conn.until = self._deadline(patience)
        self._collect(conn)

    def _deadline(self, patience: float) -> float:
        """Return when to stop waiting for a request, in seconds of time.monotonic().

        Also for one whose first byte comes while the worker stops: the stop would wait
        for the rest of it.
        """
        return time.monotonic() + (patience if self.alive else CLOSE_SECONDS)

    def _receive(self, conn: TConn) -> None:
        upload = conn.head.upload if conn.head else None
        most = min(CHUNK, upload.missing) if upload else CHUNK
        try:
            data = conn.sock.sock.recv(most, socket.MSG_DONTWAIT)
        except BlockingIOError:
            data = None
        except OSError:
            data = b""
        if data == b"":
            self._drop(conn)
            return
        if upload and data:
            self._add_to_upload(conn, upload, data)
            return
        if data and not conn.received:
            conn.until = self._deadline(REQUEST_SECONDS)
        conn.received += data or b""
        self._collect(conn)

    def _collect(self, conn: TConn) -> None:
        """Give the request to a thread, or wait for more of it."""
        if conn.head is None and conn.received:
            self._read_head(conn)
        if conn.head is None:
            self._wait(conn, selectors.EVENT_READ, self._receive)
        elif conn.head.is_too_long:
            self._refuse(conn, "431 Request Header Fields Too Large")
        elif conn.head.is_chunked and conn.head.is_stop:
            # Its view needs no body: the words of it are left on the wire.
            self._give_to_thread(conn)
        elif conn.head.is_chunked:
            # Pages take bodies of a known length only; a proxy sends no others.
            self._refuse(conn, "411 Length Required")
        elif conn.head.upload:
            self._wait(conn, selectors.EVENT_READ, self._receive)
        elif len(conn.received) >= conn.head.size or conn.head.size > MOST_REQUEST:
            # What is larger than a page takes is not received: it answers so.
            self._give_to_thread(conn)
        else:
            self._wait(conn, selectors.EVENT_READ, self._receive)

    def _read_head(self, conn: TConn) -> None:
        head = Head(conn.received)
        if not (head.is_whole or head.is_too_long):
            return
        conn.head = head
        if head.upload is not None:
            self._begin_upload(conn, head.upload)
        elif head.asks_first and len(conn.received) < head.size <= MOST_REQUEST:
            conn.sock.sent(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _begin_upload(self, conn: TConn, upload: Upload) -> None:
        """What has come is the head, and a first piece of the body behind it."""
        if conn.head.asks_first:
            conn.sock.sent(b"HTTP/1.1 100 Continue\r\n\r\n")
        upload.missing -= conn.head.ends
        upload.add(conn.received[conn.head.ends :])
        del conn.received[conn.head.ends :]

    def _add_to_upload(self, conn: TConn, upload: Upload, data: bytes) -> None:
        upload.add(data)
        conn.until = min(self._deadline(REQUEST_SECONDS), upload.until)
        if upload.is_broken:
            self._refuse(conn, "507 Insufficient Storage")
        elif upload.missing:
            self._wait(conn, selectors.EVENT_READ, self._receive)
        else:
            conn.sock.body = upload.file
            self._give_to_thread(conn)

    def _give_to_thread(self, conn: TConn) -> None:
        conn.parser.unreader.unread(bytes(conn.received))
        conn.received = bytearray()
        super().enqueue_req(conn)

    # --- An answer leaves -------------------------------------------------------------

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """In the thread: is the connection good for another request?"""
        return super()._keepalive_after(conn, keepalive) and not conn.sock.ran_dry

    def finish_request(self, conn: TConn, fs: "Future[bool]") -> None:
        conn.sock.forget_body()
        failed = fs.cancelled() or fs.exception() is not None
        conn.goes_on = not failed and fs.result()
        conn.until = time.monotonic() + ANSWER_SECONDS
        self._send(conn)

    def _send(self, conn: TConn) -> None:
        try:
            while conn.sock.unsent:
                before = len(conn.sock.unsent)
                conn.sock.flush()
                if len(conn.sock.unsent) == before:
                    self._wait(conn, selectors.EVENT_WRITE, self._send)
                    return
        except OSError:
            self._drop(conn)
            return
        if conn.goes_on:
            self._await_request(conn)
        else:
            self._say_goodbye(conn)

    def _say_goodbye(self, conn: TConn) -> None:
        """Say that nothing follows, and let the client close (RFC 9112, 9.6)."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
            return
        conn.until = time.monotonic() + CLOSE_SECONDS
        self._wait(conn, selectors.EVENT_READ, self._drain)

    def _drain(self, conn: TConn) -> None:
        with contextlib.suppress(OSError):
            if conn.sock.sock.recv(CHUNK, socket.MSG_DONTWAIT):
                self._wait(conn, selectors.EVENT_READ, self._drain)
                return
        self._drop(conn)

    def _refuse(self, conn: TConn, status: str) -> None:
        conn.received = bytearray()
        answer = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        conn.goes_on = False
        with contextlib.suppress(OSError):
            conn.sock.sent(answer.encode())
        self._say_goodbye(conn)

    # --- Waiting, and its end ---------------------------------------------------------

    def _wait(self, conn: TConn, event: int, go_on: Callable[[TConn], None]) -> None:
        self.waiting[conn] = None
        self.poller.register(conn.sock, event, partial(self._woken, conn, go_on))

    def _woken(self, conn: TConn, go_on: Callable[[TConn], None], _wire: Wire) -> None:
        self._leave(conn)
        go_on(conn)

    def _leave(self, conn: TConn) -> None:
        del self.waiting[conn]
        self.poller.unregister(conn.sock)

    def _drop(self, conn: TConn) -> None:
        if conn.head is not None and conn.head.upload is not None:
            conn.head.upload.close()
        self.nr_conns -= 1
        util.close(conn.sock)

    def _make_room(self) -> None:
        """All places are taken: whoever had to go first goes now."""
        if self.waiting:
            oldest = min(self.waiting, key=lambda conn: conn.until)
            self._leave(oldest)
            self._drop(oldest)

    def murder_keepalived(self, force: bool = False) -> None:
        """Called about once a second: end the waiting of those whose time is over."""
        now = time.monotonic()
        for conn in [conn for conn in self.waiting if force or conn.until < now]:
            self._leave(conn)
            if conn.received and self.alive:
                self._refuse(conn, "408 Request Timeout")
            else:
                self._drop(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """Stopping: wait for requests in threads and for answers being sent, but not
        longer than until `deadline`."""
        for conn in self.waiting:
            if not conn.sock.unsent:
                conn.until = min(conn.until, deadline)
