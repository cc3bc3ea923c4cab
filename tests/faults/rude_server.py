"""A mail server of a few lines that answers whatever a test sets."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

# What it answers to a command: bytes, or a function of the connection.
Answer = bytes | Callable[[socket.socket], None]


@dataclass
class RudeServer:
    """`answers`: by the first word of the command; "" is the greeting, "." the dot."""

    answers: dict[str, Answer]
    otherwise: Answer = b"250 OK\r\n"
    heard: list[bytes] = field(default_factory=list)
    port: int = 0

    def talk(self, wire: socket.socket) -> None:
        with contextlib.suppress(OSError), wire:
            self._say(wire, self.answers.get("", b"220 hello\r\n"))
            in_body = False
            lines = wire.makefile("rb")
            while line := lines.readline():
                self.heard.append(line)
                if in_body and line != b".\r\n":
                    continue
                word = line.split()[0].decode("latin-1").upper() if line.split() else ""
                answer = self.answers.get(word, self.otherwise)
                in_body = (
                    not in_body
                    and word == "DATA"
                    and isinstance(answer, bytes)
                    and answer.startswith(b"354")
                )
                self._say(wire, answer)

    def _say(self, wire: socket.socket, answer: Answer) -> None:
        if callable(answer):
            answer(wire)
        else:
            wire.sendall(answer)


def dripping(text: bytes, every: float) -> Callable[[socket.socket], None]:
    def drip(wire: socket.socket) -> None:
        for byte in text:
            wire.sendall(bytes([byte]))
            time.sleep(every)

    return drip


def deaf(seconds: float) -> Callable[[socket.socket], None]:
    """It answers 354 and reads nothing more."""

    def stop_reading(wire: socket.socket) -> None:
        wire.sendall(b"354 go ahead\r\n")
        time.sleep(seconds)

    return stop_reading


@contextlib.contextmanager
def rude_server(
    answers: dict[str, Answer], *, otherwise: Answer = b"250 OK\r\n", window: int = 0
) -> Iterator[RudeServer]:
    server = RudeServer(answers, otherwise)
    listener = socket.socket()
    if window:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    listener.bind(("127.0.0.1", 0))
    listener.listen(16)
    server.port = listener.getsockname()[1]

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                wire, _ = listener.accept()
                threading.Thread(target=server.talk, args=(wire,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        # close() alone would not wake the accepting thread.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
