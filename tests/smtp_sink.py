"""A mail server for tests with set behaviour that remembers what it took.

    sink.say("rcpt", "550 5.1.1 no such user", to="gone@example.org")
    sink.say("dot", HANG, times=1)

Steps in order: greeting, ehlo, auth, mail, rcpt, data, dot. What it accepts is appended
to a file (O_APPEND) before the client hears of it, so that another process, or a killed
one, cannot lose the truth.
"""

import asyncio
import base64
import contextlib
import logging
import os
import socket
import ssl
import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

# Every command of every test is no news.
logging.getLogger("mail.log").setLevel(logging.ERROR)

HANG = "hang"
DROP = "drop"
# Only for the step "dot": the mail is taken, and the client never hears of it.
TAKE_AND_DROP = "take and drop"
TAKE_AND_HANG = "take and hang"


@dataclass
class Rule:
    step: str
    reply: str
    to: str = ""
    times: int | None = None

    def fits(self, step: str, to: str) -> bool:
        return self.step == step and self.times != 0 and self.to in ("", to)


@dataclass
class Sink:
    """`delay`: seconds before and after a mail is taken. `pipelining`: it announces
    that it takes commands in groups."""

    log: Path
    delay: float = 0
    pipelining: bool = False
    user: str = ""
    password: str = ""
    # Access tokens that it takes (XOAUTH2).
    tokens: Collection[str] = ()
    tls: ssl.SSLContext | None = None
    rules: list[Rule] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    raw: list[bytes] = field(default_factory=list)
    port: int = 0

    def say(
        self, step: str, reply: str, *, to: str = "", times: int | None = None
    ) -> None:
        self.rules.insert(0, Rule(step, reply, to, times))

    def recover(self) -> None:
        self.rules.clear()

    def reply(self, step: str, to: str = "") -> str:
        self.seen[step] += 1
        rule = next((rule for rule in self.rules if rule.fits(step, to)), None)
        if rule is None:
            return ""
        if rule.times is not None:
            rule.times -= 1
        return rule.reply

    def pause(self) -> float:
        return self.delay

    def take(self, envelope: Envelope) -> None:
        content = cast(bytes, envelope.content)
        self.raw.append(content)
        head = content.split(b"\r\n\r\n", 1)[0]
        found = next(
            line for line in head.split(b"\r\n") if line.startswith(b"Message-ID: ")
        )
        line = f"{found.decode()[12:]} {envelope.rcpt_tos[0]}\n"
        file = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(file, line.encode())
        os.close(file)

    @property
    def accepted(self) -> list[tuple[str, str]]:
        """(Message-ID, recipient), in the order they were taken."""
        if not self.log.exists():
            return []
        lines = self.log.read_text().splitlines()
        return [cast(tuple[str, str], tuple(line.split(" ", 1))) for line in lines]

    @property
    def recipients(self) -> list[str]:
        return [to for _, to in self.accepted]

    @property
    def mails(self) -> list[EmailMessage]:
        return [
            cast(EmailMessage, message_from_bytes(raw, policy=default))
            for raw in self.raw
        ]

    def wait_for(self, count: int, seconds: float = 10) -> None:
        until = time.monotonic() + seconds
        while len(self.accepted) < count and time.monotonic() < until:
            time.sleep(0.02)


class _Server(SMTP):
    """aiosmtpd, with a greeting that may fail to come."""

    def __init__(self, sink: Sink, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sink = sink

    async def _handle_client(self) -> None:
        cast(socket.socket, self.transport.get_extra_info("socket")).setsockopt(  # type: ignore[union-attr]
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )
        reply = self._sink.reply("greeting")
        if reply == HANG:
            await asyncio.sleep(600)
        if reply and reply != HANG:
            if reply != DROP:
                await self.push(reply)
            self.transport.close()  # type: ignore[union-attr]
            return
        await super()._handle_client()

    async def smtp_DATA(self, arg: str) -> None:
        to = self.envelope.rcpt_tos[0] if self.envelope.rcpt_tos else ""  # type: ignore[union-attr]
        reply = self._sink.reply("data", to)
        if reply == HANG:
            await asyncio.sleep(600)
        elif reply == DROP:
            _cut(self)
        elif reply:
            await self.push(reply)
        else:
            await super().smtp_DATA(arg)


class _Handler:
    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def _answer(self, server: SMTP, step: str, to: str = "") -> str:
        reply = self._sink.reply(step, to)
        if reply == HANG:
            await asyncio.sleep(600)
        if reply == DROP:
            _cut(server)
        return reply

    async def handle_EHLO(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        reply = await self._answer(server, "ehlo")
        if self._sink.pipelining:
            responses.insert(-1, "250-PIPELINING")
        return [reply] if reply else responses

    async def handle_MAIL(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        reply = await self._answer(server, "mail")
        if reply:
            return reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        reply = await self._answer(server, "rcpt", address)
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        reply = self._sink.reply("dot", envelope.rcpt_tos[0])
        if reply in (HANG, DROP) or reply[:1].isdigit():
            return await self._leave(server, reply)
        await asyncio.sleep(self._sink.pause())
        self._sink.take(envelope)
        await asyncio.sleep(self._sink.pause())
        if reply == TAKE_AND_DROP:
            return await self._leave(server, DROP)
        if reply == TAKE_AND_HANG:
            return await self._leave(server, HANG)
        return "250 OK taken"

    async def _leave(self, server: SMTP, reply: str) -> str:
        if reply == HANG:
            await asyncio.sleep(600)
        if reply == DROP:
            _cut(server)
            return "451 gone"
        return reply

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        self._sink.seen["auth"] += 1
        answer = base64.b64decode(args[1]).decode()
        token = answer.rpartition("auth=Bearer ")[2].strip("\x01")
        if answer.startswith(f"user={self._sink.user}\x01") and (
            token in self._sink.tokens
        ):
            return AuthResult(success=True)
        # The error is a challenge, and the client's answer to it an empty line.
        await server.challenge_auth('{"status":"401"}')
        return AuthResult(success=False, handled=False)

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, way: str, data: Any
    ) -> AuthResult:
        self._sink.seen["auth"] += 1
        right = (data.login, data.password) == (
            self._sink.user.encode(),
            self._sink.password.encode(),
        )
        return AuthResult(success=right, handled=False)


def _cut(server: SMTP) -> None:
    if server.transport is not None:
        server.transport.abort()  # type: ignore[attr-defined]


class _Controller(Controller):
    def __init__(self, sink: Sink, port: int) -> None:
        self._sink = sink
        super().__init__(_Handler(sink), hostname="127.0.0.1", port=port)

    def factory(self) -> SMTP:
        handler = cast(_Handler, self.handler)
        return _Server(
            self._sink,
            handler,
            enable_SMTPUTF8=True,
            decode_data=False,
            tls_context=self._sink.tls,
            authenticator=handler.authenticate,
            auth_require_tls=False,
            data_size_limit=None,
        )

    def _trigger_server(self) -> None:
        """The base class asks the port it was given, which is 0."""
        server = cast(asyncio.Server, self.server)
        self._sink.port = server.sockets[0].getsockname()[1]
        with socket.create_connection(("127.0.0.1", self._sink.port), 5) as wire:
            wire.recv(100)
        self._sink.seen.clear()


@contextlib.contextmanager
def running_sink(folder: Path, kind: type[Sink] = Sink) -> Iterator[Sink]:
    """A sink on a free port of 127.0.0.1, in a thread of this process."""
    sink = kind(log=folder / "accepted.txt")
    controller = _Controller(sink, port=0)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
