"""A connection to a mail server, encrypted and signed in, or why there is none."""

import smtplib
import socket
import ssl
from typing import cast

from django.conf import settings
from django.core.mail.utils import DNS_NAME

from messaging.rules import sasl
from messaging.rules.choices import Security
from messaging.transports.base import Unusable
from messaging.transports.servers import SmtpServer
from messaging.transports.smtp_connection import SecureSmtpConnection, SmtpConnection

_TEXT_MOST = 300


def connected(server: SmtpServer) -> SmtpConnection:
    """A connection that takes mail. Raises Unusable, also where the TLS that is set is
    not offered."""
    wire = _conversation(server)
    try:
        _connect(wire, server)
    except Unusable:
        wire.close()
        raise
    return wire


def readable(text: bytes) -> str:
    """The answer of the server, as one short line."""
    line = text.decode("utf-8", "replace")
    return "".join(
        letter if letter.isprintable() else " " for letter in line[: 2 * _TEXT_MOST]
    )[:_TEXT_MOST]


def _conversation(server: SmtpServer) -> SmtpConnection:
    is_secure = server.security is Security.TLS
    kind = SecureSmtpConnection if is_secure else SmtpConnection
    wire = kind(local_hostname=DNS_NAME.get_fqdn(), timeout=settings.EMAIL_TIMEOUT)
    wire.patience = settings.EMAIL_TIMEOUT
    # smtplib checks the certificate against the name its constructor got; that would
    # have connected at once.
    wire._host = server.host  # type: ignore[attr-defined] # as smtplib sets it when it connects
    return wire


def _connect(wire: SmtpConnection, server: SmtpServer) -> None:
    """Banner, EHLO, TLS, login. Raises where the TLS that is set is not offered."""
    try:
        code, text = wire.connect(server.host, server.port)
        _must(code, text)
        cast(socket.socket, wire.sock).setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )
        wire.ehlo_or_helo_if_needed()
        if server.security is Security.STARTTLS:
            wire.starttls(context=ssl.create_default_context())
            wire.ehlo_or_helo_if_needed()
        _sign_in(wire, server)
    except smtplib.SMTPAuthenticationError as error:
        temporary = 400 <= error.smtp_code < 500
        raise Unusable(
            "server_busy" if temporary else "login_refused",
            code=error.smtp_code,
            text=_text(error.smtp_error),
            ours=not temporary,
        ) from error
    except (smtplib.SMTPNotSupportedError, ssl.SSLError) as error:
        # Never in clear text when TLS is asked for.
        raise Unusable("tls_failed", ours=True) from error
    except smtplib.SMTPResponseException as error:
        _must(error.smtp_code, error.smtp_error)
        readable = _text(error.smtp_error)
        raise Unusable("no_answer", code=error.smtp_code, text=readable) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unusable("unreachable") from error


def _sign_in(wire: SmtpConnection, server: SmtpServer) -> None:
    if server.token:
        answer = sasl.xoauth2(server.user, server.token)
        # An error comes as a challenge, to which an empty line is the answer.
        wire.auth("XOAUTH2", lambda challenge=None: "" if challenge else answer)
    elif server.user:
        wire.login(server.user, server.password)


def _must(code: int, text: bytes | str) -> None:
    if 200 <= code < 300:
        return
    readable = _text(text)
    if 500 <= code < 600:
        raise Unusable("greeting_refused", code=code, text=readable, ours=True)
    raise Unusable("server_busy", code=code if code > 0 else None, text=readable)


def _text(error: bytes | str) -> str:
    """smtplib keeps the answer of the server as either."""
    return readable(error if isinstance(error, bytes) else error.encode())
