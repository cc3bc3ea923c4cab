"""A mailbox over IMAP (RFC 3501): folders are opened for reading only, and all that is
ever written there are our own replies in the folder of sent mail.

Each method raises a MailboxError that says in a code what is wrong.
"""

import contextlib
import imaplib
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from messaging.errors import NoToken, SecretUnreadable
from messaging.models import MailGrant
from messaging.rules.sasl import xoauth2
from messaging.services import oauth, secrets
from support.errors import (
    CertificateRefused,
    ConnectionLost,
    FolderMissing,
    HostUnknown,
    LoginRefused,
    NoMailToken,
    NotImap,
    PasswordUnreadable,
    ServerUnreachable,
)
from support.models import Mailbox
from support.rules import folders
from support.rules.choices import Security

INBOX = "INBOX"
_TIMEOUT = 15.0
_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"[^"]*"|NIL) (?P<name>.+)')
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_UIDVALIDITY = re.compile(rb"\d+")


@dataclass(frozen=True)
class Fetched:
    """A mail on the server; `is_cut`: it is too large, and this is its head."""

    content: bytes
    arrived_at: datetime | None
    is_cut: bool


class Connection:
    """What we ask of a server. Made by `opened`."""

    def __init__(self, client: imaplib.IMAP4) -> None:
        self._client = client

    def folders(self) -> list[str]:
        """The names of the folders, as people read them."""
        _, lines = _asked(self._client.list)
        found = (_LISTED.match(line) for line in lines if isinstance(line, bytes))
        return [_folder_name(match["name"]) for match in found if match]

    def open_folder(self, name: str) -> int:
        """Open it for reading only; its UIDVALIDITY. Raises FolderMissing."""
        answer, _ = _asked(self._client.select, _quoted(name), True)
        if answer != "OK":
            raise FolderMissing
        _, values = self._client.response("UIDVALIDITY")
        found = _UIDVALIDITY.search((values or [None])[0] or b"")
        return int(found[0]) if found else 0

    def uids_above(self, last: int) -> list[int]:
        """The UIDs that come after this one, in their order."""
        answer, lines = _asked(self._client.uid, "SEARCH", f"UID {last + 1}:*")
        if answer != "OK":
            raise ConnectionLost
        uids = map(int, b" ".join(line for line in lines if line).split())
        # "*" is the last mail, also where that one is below.
        return sorted(uid for uid in uids if uid > last)

    def has(self, message_id: str) -> bool:
        """Whether the folder that is open has a mail of this Message-ID."""
        _, lines = _asked(
            self._client.uid, "SEARCH", f'HEADER Message-ID "<{message_id}>"'
        )
        return any(line for line in lines)

    def append(self, name: str, content: bytes, at: datetime) -> None:
        """Put a mail into this folder, as one that was seen. Raises FolderMissing."""
        when = imaplib.Time2Internaldate(at)
        answer, _ = _asked(
            self._client.append, _quoted(name), r"(\Seen)", when, content
        )
        if answer != "OK":
            raise FolderMissing

    def fetch(self, uid: int, *, most: int) -> Fetched | None:
        """One mail, without marking it as read. None where it is gone by now."""
        size = self._size(uid)
        if size is None:
            return None
        is_cut = size > most
        part = "BODY.PEEK[HEADER]" if is_cut else "BODY.PEEK[]"
        _, answer = _asked(
            self._client.uid, "FETCH", str(uid), f"(INTERNALDATE {part})"
        )
        for one in answer:
            if isinstance(one, tuple):
                return Fetched(one[1], _arrived(one[0]), is_cut)
        return None

    def _size(self, uid: int) -> int | None:
        _, answer = _asked(self._client.uid, "FETCH", str(uid), "(RFC822.SIZE)")
        for one in answer:
            if isinstance(one, bytes) and (found := _SIZE.search(one)):
                return int(found[1])
        return None


@contextlib.contextmanager
def opened(mailbox: Mailbox, *, now: datetime) -> Iterator[Connection]:
    """A connection that is signed in, until the end of the block."""
    password, token = _secrets(mailbox, now)
    client = _connected(mailbox)
    try:
        if mailbox.grant is not None:
            _sign_in_by_token(client, mailbox.user, token, mailbox.grant)
        else:
            _sign_in(client, mailbox.user, password)
        yield Connection(client)
    except (OSError, imaplib.IMAP4.abort) as error:
        raise ConnectionLost from error
    finally:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            client.logout()


def _secrets(mailbox: Mailbox, now: datetime) -> tuple[str, str]:
    """The password, or a token of the grant."""
    try:
        if mailbox.grant is not None:
            return "", oauth.access_token(mailbox.grant, now=now)
        return secrets.decrypt(mailbox.password), ""
    except SecretUnreadable as error:
        raise PasswordUnreadable from error
    except NoToken as error:
        raise NoMailToken(error.code) from error


def _connected(mailbox: Mailbox) -> imaplib.IMAP4:
    security = Security(mailbox.security)
    context = ssl.create_default_context()
    try:
        if security is Security.TLS:
            return imaplib.IMAP4_SSL(
                mailbox.host, mailbox.port, ssl_context=context, timeout=_TIMEOUT
            )
        client = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=_TIMEOUT)
        if security is Security.STARTTLS:
            client.starttls(context)
    except ssl.SSLCertVerificationError as error:
        raise CertificateRefused from error
    except (ssl.SSLError, imaplib.IMAP4.error, UnicodeError, ValueError) as error:
        raise NotImap from error
    except socket.gaierror as error:
        raise HostUnknown from error
    except OSError as error:
        raise ServerUnreachable from error
    return client


def _sign_in(client: imaplib.IMAP4, user: str, password: str) -> None:
    if not (user + password).isascii():
        # LOGIN takes ASCII only; AUTHENTICATE takes UTF-8 (RFC 4616).
        _sign_in_plain(client, user, password)
        return
    try:
        client.login(user, password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise LoginRefused from error


def _sign_in_plain(client: imaplib.IMAP4, user: str, password: str) -> None:
    try:
        client.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise LoginRefused from error


def _sign_in_by_token(
    client: imaplib.IMAP4, user: str, token: str, grant: MailGrant
) -> None:
    answer = xoauth2(user, token).encode()
    try:
        # An error comes as a challenge, to which an empty line is the answer.
        client.authenticate("XOAUTH2", lambda said: b"" if said else answer)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        oauth.refused(grant)
        raise LoginRefused from error


def _asked(
    command: Callable[..., tuple[str, list[Any]]], *args: object
) -> tuple[str, list[Any]]:
    try:
        return command(*args)
    except imaplib.IMAP4.abort as error:
        raise ConnectionLost from error
    except imaplib.IMAP4.error as error:
        raise NotImap from error


def _quoted(name: str) -> str:
    inner = folders.encoded(name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def _folder_name(raw: bytes) -> str:
    name = raw.decode("utf-8", "replace").strip()
    if name.startswith('"') and name.endswith('"'):
        name = name[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return folders.decoded(name)


def _arrived(line: bytes) -> datetime | None:
    found = imaplib.Internaldate2tuple(line)
    if found is None:
        return None
    return datetime.fromtimestamp(time.mktime(found), tz=UTC)
