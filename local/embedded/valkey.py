"""The private Valkey: the broker of Celery. Nothing of value lives in it."""

import contextlib
import os
import signal
import socket

from local.embedded.errors import StartFailed
from local.embedded.paths import VALKEY_SOCKET, Paths, private_folder
from local.embedded.process import spawn, stop
from local.embedded.programs import valkey_server
from local.embedded.server import ServerProcess, wait_until

START_SECONDS = 20.0
STOP_STEPS = ((signal.SIGTERM, 5.0),)


class Valkey(ServerProcess):
    """A Valkey server in our data folder, on a socket."""

    name = "Valkey"

    def __init__(self, places: Paths) -> None:
        self.places = places
        self.socket = places.sockets / VALKEY_SOCKET
        self.log = places.logs / "valkey.log"

    def start(self) -> None:
        self._clear_leftover()
        folder = self.places.home / "valkey"
        private_folder(folder, self.places.account)
        self.child = spawn(
            [valkey_server(self.places), *self._options(str(folder))],
            log=self.log,
            death_signal=signal.SIGTERM,
            account=self.places.account,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        )
        self._await_answer(self.child, seconds=START_SECONDS)

    def answers(self) -> bool:
        return self._say(b"PING\r\n").startswith(b"+PONG")

    def stop(self) -> None:
        if self.child is not None:
            stop(self.child, STOP_STEPS)
            self.socket.unlink(missing_ok=True)

    def _options(self, folder: str) -> list[str]:
        return [
            *("--port", "0"),
            *("--unixsocket", str(self.socket), "--unixsocketperm", "700"),
            *("--dir", folder, "--daemonize", "no"),
            # The database is the truth: a lost queue costs seconds, never a message.
            *("--save", "", "--appendonly", "no"),
            # Evicting a key would take Celery's bindings, and with them every task.
            *("--maxmemory", "256mb", "--maxmemory-policy", "noeviction"),
        ]

    def _clear_leftover(self) -> None:
        """Stop a server whose owner was killed; remove the socket it left."""
        if not self.socket.exists():
            return
        self._say(b"SHUTDOWN NOSAVE\r\n")
        if not wait_until(lambda: not self.answers(), 10.0):
            raise StartFailed(self.name, f"another one answers on {self.socket}")
        self.socket.unlink(missing_ok=True)

    def _say(self, line: bytes) -> bytes:
        """One command, one answer; empty where no server listens."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as wire:
            wire.settimeout(2)
            wire.connect(str(self.socket))
            wire.sendall(line)
            return wire.recv(64)
        return b""
