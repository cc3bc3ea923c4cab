"""A mail server that is never the bottleneck: `python -m benchmarks.fast_sink FD`.

Listens on the socket it inherits; on SIGTERM it prints what it took as JSON: mails,
distinct recipients, repeated Message-IDs and bytes.
"""

import asyncio
import json
import re
import signal
import socket
import sys
from collections import Counter

MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.I | re.M)
REPLIES = {b"EHLO": b"250-sink\r\n250 PIPELINING\r\n", b"DATA": b"354 go on\r\n"}
END = b"\r\n.\r\n"


class Took:
    def __init__(self) -> None:
        self.ids: Counter[bytes] = Counter()
        self.recipients: set[bytes] = set()
        self.mails = self.bytes = 0

    def as_json(self) -> str:
        return json.dumps(
            {
                "mails": self.mails,
                "recipients": len(self.recipients),
                "repeated": sum(count - 1 for count in self.ids.values()),
                "bytes": self.bytes,
            }
        )


class Conversation(asyncio.Protocol):
    def __init__(self, took: Took) -> None:
        self.took = took
        self.buffer = b""
        self.in_body = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(b"220 sink\r\n")  # type: ignore[attr-defined] # asyncio gives a Transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self._step():
            pass

    def _step(self) -> bool:
        end = END if self.in_body else b"\r\n"
        if end not in self.buffer:
            return False
        piece, _, self.buffer = self.buffer.partition(end)
        self._answer(self._body(piece) if self.in_body else self._command(piece))
        return True

    def _body(self, body: bytes) -> bytes:
        self.in_body = False
        found = MESSAGE_ID.search(body)
        self.took.ids[found[1] if found else b""] += 1
        self.took.mails += 1
        self.took.bytes += len(body)
        return b"250 taken\r\n"

    def _command(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"RCPT":
            self.took.recipients.add(line)
        self.in_body = verb == b"DATA"
        return REPLIES.get(verb, b"250 ok\r\n")

    def _answer(self, reply: bytes) -> None:
        self.transport.write(reply)  # type: ignore[attr-defined] # asyncio gives a Transport


async def serve(listening: socket.socket) -> None:
    took, loop, over = Took(), asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    server = await loop.create_server(lambda: Conversation(took), sock=listening)
    await over.wait()
    server.close()
    print(took.as_json(), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[1]))))
