"""Customers at the other end of real HTTP: page, answer, next link; one cheap process.

Reads its orders as JSON from standard input: port, connections, seconds, tokens, how
many questions there are and, for a steady pace, pairs a second. Prints what it saw as
JSON. A connection that the server closes is opened again, and the request sent once
more, as browsers do.
"""

import json
import selectors
import socket
import sys
import time
from collections import Counter, deque

ANSWER_HEAD = (
    "POST /s/{token}/ HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: null\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\n"
    "Content-Length: {length}\r\n\r\n"
)
PAGE = "GET /s/{token}/?score={score} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
# One in ten is unhappy, and somebody has to call them back.
SCORES = (9, 10, 8, 9, 7, 10, 9, 3, 8, 10)
WORDS = "Arrived+fast%2C+and+the+coffee+is+good."
# By the number of questions: what a browser sends with the whole page.
BODIES = {
    1: "score={score}&comment={words}",
    4: (
        "shown=score&shown=reason&shown=good&shown=missing&a.score={score}"
        "&a.reason={words}&a.good=product&a.good=price&a.missing=Decaf+in+bags"
        "&complete=1"
    ),
}


class Visitor:
    """One keep-alive connection: a request in the air at a time."""

    def __init__(self, port: int, body: str) -> None:
        self.port, self.body = port, body
        self.token = ""
        self.is_posting = False
        self.request = b""
        self.answer = bytearray()
        self.sent_at = 0.0
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, token: str, score: int) -> None:
        self.token, self.score, self.is_posting = token, score, False
        self.send(PAGE.format(token=token, score=score).encode())

    def post(self) -> None:
        self.is_posting = True
        body = self.body.format(score=self.score, words=WORDS)
        head = ANSWER_HEAD.format(token=self.token, length=len(body))
        self.send((head + body).encode())

    def send(self, request: bytes) -> None:
        self.request = request
        self.sent_at = time.perf_counter()
        self.answer.clear()
        self.socket.sendall(request)

    def read(self) -> int:
        """The status of a whole answer; 0: not there yet; -1: the server hung up."""
        try:
            found = self.socket.recv(65536)
        except ConnectionError:
            found = b""
        if not found:
            return -1
        self.answer += found
        end = self.answer.find(b"\r\n\r\n")
        if end < 0:
            return 0
        head = bytes(self.answer[:end]).lower()
        _, _, rest = head.partition(b"content-length:")
        length = int(rest.split(b"\r\n", 1)[0] or 0)
        return int(head[9:12]) if len(self.answer) >= end + 4 + length else 0


class Crowd:
    def __init__(self, work: dict) -> None:
        self.tokens = deque(work["tokens"])
        self.pace = work.get("pace", 0)
        self.waiting = selectors.EpollSelector()
        self.idle: deque[Visitor] = deque()
        self.statuses: Counter[str] = Counter()
        self.took: dict[str, list[float]] = {"GET": [], "POST": []}
        self.reconnects = self.pairs = self.asked = 0
        for _ in range(work["connections"]):
            visitor = Visitor(work["port"], BODIES[work.get("questions", 1)])
            self.waiting.register(visitor.socket, selectors.EVENT_READ, visitor)
            self.idle.append(visitor)

    def run(self, seconds: float) -> float:
        self.started = time.perf_counter()
        self.until = self.started + seconds
        busy = True
        while busy or time.perf_counter() < self.until and self.tokens:
            self.invite()
            for key, _ in self.waiting.select(0.002 if self.pace else 1):
                self.hear(key.data)
            busy = len(self.idle) < len(self.waiting.get_map())
        return time.perf_counter() - self.started

    def invite(self) -> None:
        """Whoever is idle opens the next link, at the pace that was asked for."""
        now = time.perf_counter()
        owed = (now - self.started) * self.pace - self.asked if self.pace else 1e9
        while self.idle and self.tokens and now < self.until and owed >= 1:
            visitor = self.idle.popleft()
            visitor.get(self.tokens.popleft(), SCORES[self.asked % len(SCORES)])
            self.asked += 1
            owed -= 1

    def hear(self, visitor: Visitor) -> None:
        status = visitor.read()
        if status < 0:
            self.again(visitor)
        elif status:
            self.note(visitor, status)

    def again(self, visitor: Visitor) -> None:
        self.waiting.unregister(visitor.socket)
        visitor.socket.close()
        visitor.connect()
        self.waiting.register(visitor.socket, selectors.EVENT_READ, visitor)
        self.reconnects += 1
        if visitor not in self.idle:
            visitor.socket.sendall(visitor.request)
            visitor.answer.clear()

    def note(self, visitor: Visitor, status: int) -> None:
        method = "POST" if visitor.is_posting else "GET"
        self.took[method].append(time.perf_counter() - visitor.sent_at)
        self.statuses[f"{method} {status}"] += 1
        if not visitor.is_posting and status == 200:
            visitor.post()
            return
        self.pairs += visitor.is_posting and status == 302
        self.idle.append(visitor)


def main() -> None:
    work = json.load(sys.stdin)
    crowd = Crowd(work)
    seconds = crowd.run(work["seconds"])
    answer = {
        "seconds": seconds,
        "cpu": time.process_time(),
        "pairs": crowd.pairs,
        "asked": crowd.asked,
        "statuses": crowd.statuses,
        "reconnects": crowd.reconnects,
        "took": crowd.took,
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
