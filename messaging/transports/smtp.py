"""SMTP, one recipient a transaction, with every wait bounded and every phase known."""

import smtplib
import socket
from collections.abc import Callable
from typing import cast

from django.conf import settings

from messaging.rules.smtp_replies import Meaning, Phase, meaning
from messaging.transports import mime, socket_flush
from messaging.transports.base import Answer, BeforeDot, Mail, NotTried
from messaging.transports.servers import SmtpServer, of_settings
from messaging.transports.smtp_connection import SmtpConnection
from messaging.transports.smtp_sign_in import connected, readable

_GO_ON = 354
_DOT = b".\r\n"
_BEFORE_BODY = (
    (Phase.MAIL, range(200, 300)),
    (Phase.RCPT, range(200, 300)),
    (Phase.DATA, range(_GO_ON, _GO_ON + 1)),
)
# Servers that broke off over what was asked ahead: some may say PIPELINING and lose
# what comes with a dot. This process asks them mail by mail from then on.
_NOT_AHEAD: set[tuple[str, int]] = set()


class SmtpSender:
    """`server_of` is asked at each connection: its token may be a new one by then. It
    may raise Unusable."""

    def __init__(self, server_of: Callable[[], SmtpServer] = of_settings) -> None:
        self._server_of = server_of
        self._server = SmtpServer("", 0)
        self._wire: SmtpConnection | None = None
        # Whose commands went out together with the dot of the mail before.
        self._asked: _Packed | None = None

    def open(self) -> None:
        if self._asked is not None:
            # Asked for and then not sent: that cannot be taken back.
            self.close()
        if self._wire is not None:
            return
        self._server = self._server_of()
        self._wire = connected(self._server)

    def pack(self, mail: Mail) -> object:
        return _Packed(
            sender=mime.envelope(mail.sender),
            to=mime.envelope(mail.to),
            # A mail begins with a header, so every line that begins with a dot has one
            # before it.
            data=mime.packed(mail).replace(b"\r\n.", b"\r\n.."),
        )

    def send(
        self, packed: object, before_dot: BeforeDot, following: object | None = None
    ) -> Answer:
        is_asked, self._asked = self._asked is not None, None
        try:
            early = self._until_body(cast(_Packed, packed), is_asked=is_asked)
        except (OSError, smtplib.SMTPException) as error:
            if is_asked:
                _NOT_AHEAD.add(self._server.place)
            return self._broken(error)
        if early is not None:
            return early
        if not before_dot():
            # Closing without the dot makes the server discard what it read.
            self.close()
            raise NotTried
        return self._dot(cast(_Packed | None, following))

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()
        self._wire = self._asked = None

    def quit(self) -> None:
        """Say goodbye where that is quick, and leave."""
        if self._wire is not None and self._asked is None:
            self._wire.patience = 1
            try:
                self._wire.quit()
            except (OSError, smtplib.SMTPException):
                pass
        self.close()

    def _until_body(self, mail: "_Packed", *, is_asked: bool) -> Answer | None:
        """Everything before the dot; an answer where it ended early."""
        wire = self._open_wire()
        replies = _replies(wire, mail, is_asked=is_asked)
        for (phase, good), (code, text) in zip(_BEFORE_BODY, replies, strict=True):
            if code not in good:
                return self._refused(
                    phase, code, text, listening=replies[-1][0] == _GO_ON
                )
        wire.send(mail.data)
        return self._interrupted(wire)

    def _interrupted(self, wire: SmtpConnection) -> Answer | None:
        """Did the server reply or hang up in the middle of the mail? Then no dot.

        A dot that is written behind a body that cannot leave would be in doubt although
        no server ever saw it.
        """
        sock = cast(socket.socket, wire.sock)
        if not wire.is_unread and not socket_flush.is_answered_early(
            sock, wire.patience
        ):
            return None
        code, text = wire.getreply()
        line = readable(text)
        self.close()
        return _answer(Phase.DATA, code, line, dropped=True)

    def _broken(self, error: Exception) -> Answer:
        """The connection ended before the mail did: nothing of it counts."""
        self.close()
        text = f"{type(error).__name__} before the end of the mail"
        return Answer(Meaning.LATER, text=text, dropped=True)

    def _refused(
        self, phase: Phase, code: int, text: bytes, *, listening: bool
    ) -> Answer:
        """`listening`: it waits for a body although it refused: only closing helps."""
        line = readable(text)
        # 421: the server closes. Other answers leave the conversation usable.
        dropped = listening or code == 421 or not 400 <= code < 600
        if not dropped:
            dropped = not self._reset()
        if dropped:
            self.close()
        return _answer(phase, code, line, dropped=dropped)

    def _reset(self) -> bool:
        try:
            return self._open_wire().rset()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def _dot(self, following: "_Packed | None") -> Answer:
        """Once the dot is written the server may have the mail, whatever the reply is.

        The commands of the mail that follows travel with it where the server takes them
        in groups (RFC 2920, 3.1): they send nothing yet.
        """
        wire = self._open_wire()
        is_ahead = _takes_groups(wire) and self._server.place not in _NOT_AHEAD
        self._asked = following if is_ahead else None
        group = _DOT + (_group(self._asked) if self._asked else b"")
        try:
            rest = group[wire.write(group) :]
        except OSError as error:
            # Refused by our own side of the connection: it never left.
            return self._broken(error)
        wire.patience = settings.EMAIL_DOT_TIMEOUT
        try:
            if rest:
                wire.send(rest)
            code, text = wire.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            line = f"{type(error).__name__} after the end of the mail"
            return Answer(Meaning.UNKNOWN, text=line, dropped=True)
        finally:
            wire.patience = settings.EMAIL_TIMEOUT
        dropped = code == 421 or not 200 <= code < 600
        if dropped:
            self.close()
        line = readable(text)
        return _answer(Phase.DOT, code, line, dropped=dropped)

    def _open_wire(self) -> SmtpConnection:
        if self._wire is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        return self._wire


def _takes_groups(wire: SmtpConnection) -> bool:
    return bool(wire.has_extn("pipelining"))


def _commands(mail: "_Packed") -> tuple[str, str, str]:
    return f"MAIL FROM:<{mail.sender}>", f"RCPT TO:<{mail.to}>", "DATA"


def _group(mail: "_Packed") -> bytes:
    return "".join(f"{command}\r\n" for command in _commands(mail)).encode("ascii")


def _replies(
    wire: SmtpConnection, mail: "_Packed", *, is_asked: bool
) -> list[tuple[int, bytes]]:
    """The answers to a mail's commands; asked in one go where the server knows how
    (RFC 2920). A refusal stands for everything that was not answered after it."""
    at_once = _takes_groups(wire)
    if at_once and not is_asked:
        wire.send(_group(mail))
    replies: list[tuple[int, bytes]] = []
    hears_on = True
    commands = _commands(mail)
    for command in commands:
        is_refused = bool(replies) and not 200 <= replies[-1][0] < 300
        hears_on = hears_on and (at_once or not is_refused)
        try:
            if hears_on:
                replies.append(wire.getreply() if at_once else wire.docmd(command))
        except (OSError, smtplib.SMTPException):
            # It hung up behind its refusal, and the refusal is what counts.
            hears_on = False
            if not is_refused:
                raise
    return replies + [replies[-1]] * (len(commands) - len(replies))


class _Packed:
    __slots__ = ("data", "sender", "to")

    def __init__(self, sender: str, to: str, data: bytes) -> None:
        self.sender = sender
        self.to = to
        self.data = data


def _answer(phase: Phase, code: int, line: str, *, dropped: bool) -> Answer:
    """smtplib calls what is no reply -1: that is no code to keep."""
    kept = code if 200 <= code < 600 else None
    return Answer(meaning(phase, code, line), kept, line, dropped)
