"""A TCP proxy that does to a connection what networks do: delay, swallow, cut, drip."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

_LOOK_EVERY = 0.01


class Mode(Enum):
    PASS = "pass"
    DELAY = "delay"
    BLACK_HOLE = "black hole"  # nothing comes through, nothing is refused
    SWALLOW_ANSWERS = "swallow answers"  # what we say arrives, and nothing comes back
    RESET = "reset"
    DRIP = "drip"  # a byte a second towards the server


@dataclass
class Proxy:
    """`upstream`: (host, port), or the path of a Unix socket.

    `window`: a small receive buffer, so that no more than we read leaves the client.
    """

    upstream: tuple[str, int] | str
    window: int = 0
    mode: Mode = Mode.PASS
    delay: float = 0.0
    port: int = 0
    connections: int = 0
    _cut_behind: bytes = b""
    _cut_after: int | None = None
    _open: list[socket.socket] = field(default_factory=list)

    def cut(self, after: int, *, behind: bytes = b"") -> None:
        """Reset the connection once so many bytes of the client (counted from behind
        the first `behind`) have passed."""
        self._cut_after, self._cut_behind = after, behind

    def mend(self) -> None:
        self.mode, self._cut_after = Mode.PASS, None

    async def serve(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        pumps: set[asyncio.Task[None]] = set()
        try:
            while True:
                client, _ = await loop.sock_accept(listener)
                self.connections += 1
                task = asyncio.create_task(self._carry(client))
                pumps.add(task)
                task.add_done_callback(pumps.discard)
        finally:
            for task in pumps:
                task.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for one in self._open:
                _reset(one)

    async def _carry(self, client: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while self.mode is Mode.BLACK_HOLE:
            await asyncio.sleep(_LOOK_EVERY)
        if self.mode is Mode.RESET:
            _reset(client)
            return
        family = socket.AF_UNIX if isinstance(self.upstream, str) else socket.AF_INET
        server = socket.socket(family)
        server.setblocking(False)
        client.setblocking(False)
        self._open += [client, server]
        try:
            await loop.sock_connect(server, self.upstream)
            # The end of one direction is the end of both, before their sockets close.
            async with asyncio.TaskGroup() as both:
                both.create_task(self._up(client, server))
                both.create_task(self._down(server, client))
        except* OSError:
            pass
        finally:
            for one in (client, server):
                self._open.remove(one)
                _reset(one)

    async def _up(self, client: socket.socket, server: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        seen, left = b"", self._cut_after
        while True:
            most = min(left, 4096) if left and not self._cut_behind else 4096
            data = await loop.sock_recv(client, most)
            await self._weather()
            if not data:
                raise ConnectionResetError
            if left is not None:
                seen += data
                start = seen.find(self._cut_behind)
                past = len(seen) - start - len(self._cut_behind) if start >= 0 else 0
                if past >= left:
                    keep = len(data) - (past - left)
                    await loop.sock_sendall(server, data[:keep])
                    raise ConnectionResetError
            await self._send(server, data)

    async def _down(self, server: socket.socket, client: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(server, 4096):
            await self._weather()
            while self.mode is Mode.SWALLOW_ANSWERS:
                await asyncio.sleep(_LOOK_EVERY)
            if self.mode is Mode.RESET:
                raise ConnectionResetError
            await loop.sock_sendall(client, data)
        raise ConnectionResetError

    async def _weather(self) -> None:
        if self.mode is Mode.DELAY:
            await asyncio.sleep(self.delay)
        while self.mode is Mode.BLACK_HOLE:
            await asyncio.sleep(_LOOK_EVERY)
        if self.mode is Mode.RESET:
            raise ConnectionResetError

    async def _send(self, server: socket.socket, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        while self.mode is Mode.DRIP and data:
            await asyncio.sleep(1)
            await loop.sock_sendall(server, data[:1])
            data = data[1:]
        await loop.sock_sendall(server, data)


def _reset(one: socket.socket) -> None:
    """Not a goodbye but a reset, as from a machine that knows nothing of us."""
    with contextlib.suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    one.close()


@contextlib.contextmanager
def running_proxy(
    upstream: tuple[str, int] | str, *, window: int = 0, host: str = "127.0.0.1"
) -> Iterator[Proxy]:
    """A proxy on a free port of this machine, in a thread of this process."""
    proxy = Proxy(upstream, window)
    listener = socket.socket()
    if window:
        # Before listen: it is what accepted connections begin with.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    listener.bind((host, 0))
    listener.listen(64)
    listener.setblocking(False)
    proxy.port = listener.getsockname()[1]
    loop = asyncio.new_event_loop()
    tasks: list[asyncio.Task[Any]] = []

    def work() -> None:
        asyncio.set_event_loop(loop)
        tasks.append(loop.create_task(proxy.serve(listener)))
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(tasks[0])
        loop.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(lambda: tasks[0].cancel())
        thread.join(5)
        listener.close()
