"""One mail as bytes, as what is in it."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import Message
from typing import cast

from support.rules import checks, machines
from support.rules.checks import Checked
from support.services.reading import headers, html, text, tnef
from support.services.reading.kinds import detected

# More parts than any person sends; a mail may hold a million of them in 20 MB.
_MOST_PARTS = 500
_MOST_DEPTH = 50
_MOST_TEXT = 1_000_000
_SUBJECT = 300
_MOST_RESULTS = 20
_NAME = re.compile(r"[/\\:*?\"<>|]+")


class Unreadable(Exception):
    """The mail cannot be read; `reason` is a code of support/words.py."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class FoundFile:
    """A file in a mail."""

    name: str
    content: bytes
    content_type: str
    content_id: str = ""


@dataclass
class Found:
    """What is in a mail. Addresses are pairs of name and address, as written."""

    message_id: str
    references: list[str]
    sender: list[str]
    to: headers.Addresses
    cc: headers.Addresses
    reply_to: headers.Addresses
    # Every address it was sent to, also where To does not say so.
    delivered_to: list[str]
    subject: str
    at: datetime
    # Each Authentication-Results, the topmost first: the sender may have written it.
    checked: list[Checked]
    is_automatic: bool
    # Content-Language; only the contact form is believed.
    language: str = ""
    text: str = ""
    html: str = ""
    files: list[FoundFile] = field(default_factory=list)
    fingerprint: str = ""


def read(raw: bytes, *, arrived_at: datetime) -> Found:
    """What is in these bytes. Raises Unreadable where that cannot be found out."""
    if not raw.strip():
        raise Unreadable("empty")
    parsed = parse(raw)
    names = headers.by_name(parsed)
    if not names:
        raise Unreadable("no_headers")
    found = _headers(parsed, names, arrived_at)
    bodies = hashlib.sha256()
    for part in parts(parsed):
        _take(part, found, bodies)
    _finish(found)
    found.fingerprint = _fingerprint(found, names, bodies.digest())
    return found


def parse(raw: bytes) -> Message:
    """The parts of the mail. Raises Unreadable for one nested without end."""
    try:
        return message_from_bytes(raw, policy=policy.compat32)
    except RecursionError:
        raise Unreadable("too_deep") from None


def parts(mail: Message) -> Iterator[Message]:
    """Its parts that hold something, in order; a mail within a mail is one of them.
    Raises Unreadable for too many or too deep ones."""
    waiting: list[tuple[Message, int]] = [(mail, 0)]
    seen = 0
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        if seen > _MOST_PARTS:
            raise Unreadable("too_many_parts")
        if depth > _MOST_DEPTH:
            raise Unreadable("too_deep")
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            inner = cast("list[Message]", part.get_payload())
            waiting += [(one, depth + 1) for one in reversed(inner)]
        else:
            yield part


def _headers(mail: Message, names: dict[str, str], arrived_at: datetime) -> Found:
    sender = headers.addresses([names.get("from", "")]) or headers.addresses(
        [names.get("sender", "")]
    )
    first = sender[0] if sender else [text.line(names.get("from", ""), 200), ""]
    delivered = [
        value
        for name in ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
        for value in headers.all_raw(mail, name)
    ]
    results = headers.all_raw(mail, "authentication-results")
    return Found(
        message_id=headers.message_id(names.get("message-id", "")),
        references=headers.references(mail),
        sender=first,
        to=headers.addresses(headers.all_raw(mail, "to")),
        cc=headers.addresses(headers.all_raw(mail, "cc")),
        reply_to=headers.addresses(headers.all_raw(mail, "reply-to")),
        delivered_to=[pair[1] for pair in headers.addresses(delivered)],
        subject=text.line(headers.words(names.get("subject", "")), _SUBJECT),
        at=headers.moment(names.get("date", ""), arrived_at),
        checked=[checks.checked(value) for value in results[:_MOST_RESULTS]],
        is_automatic=machines.is_automatic(names, first[1]),
        language=text.line(names.get("content-language", ""), 10),
    )


def _take(part: Message, found: Found, bodies: "hashlib._Hash") -> None:
    """Add a part to what was found: the text, the HTML, or a file."""
    content = _content(part)
    bodies.update(hashlib.sha256(content.strip()).digest())
    kind = part.get_content_type()
    is_file = part.get_content_disposition() == "attachment" or _file_name(part)
    if kind == "text/plain" and not is_file and len(content) <= _MOST_TEXT:
        found.text = _joined(found.text, _text(part, content))
    elif kind == "text/html" and not is_file and len(content) <= _MOST_TEXT:
        found.html = _joined(found.html, _text(part, content))
    elif content.startswith(tnef.SIGNATURE):
        _unpack(part, content, found)
    elif content:
        found.files.append(_file(part, content, len(found.files) + 1))


def _unpack(part: Message, content: bytes, found: Found) -> None:
    """Take what Outlook has packed into one file: the files, and the words where the
    mail has none beside it. What is not understood to its end stays a file, too."""
    try:
        packed = tnef.unpacked(content)
    except tnef.TooManyFiles:
        raise Unreadable("too_many_parts") from None
    if not packed.is_whole or not (packed.files or packed.text or packed.html):
        found.files.append(_file(part, content, len(found.files) + 1))
    if not found.text.strip() and not found.html.strip():
        found.text, found.html = packed.text[:_MOST_TEXT], packed.html[:_MOST_TEXT]
    for number, file in enumerate(packed.files, len(found.files) + 1):
        content_type, ending = detected(file.content)
        found.files.append(
            FoundFile(
                name=_plain_name(file.name) or f"file-{number}{ending}",
                content=file.content,
                content_type=content_type,
                content_id=text.line(file.content_id.strip("<>"), 200),
            )
        )


def _content(part: Message) -> bytes:
    if part.is_multipart():
        # A mail in a mail (message/rfc822): its bytes are the file.
        inner = cast("list[Message]", part.get_payload())
        return b"".join(_flat(one) for one in inner)
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""


def _flat(mail: Message) -> bytes:
    try:
        return mail.as_bytes()
    except (ValueError, LookupError, KeyError, UnicodeError, AttributeError):
        # The standard library cannot write down all that it can read.
        return b"\n".join(_content(part) for part in parts(mail))
    except RecursionError:
        raise Unreadable("too_deep") from None


def _text(part: Message, content: bytes) -> str:
    try:
        charset = part.get_content_charset() or ""
    except (ValueError, LookupError, TypeError):
        charset = ""
    return text.decoded(content, charset)


def _joined(before: str, more: str) -> str:
    """A mail may have several texts, with pictures in between."""
    return f"{before}\n{more}" if before.strip() else more


def _file(part: Message, content: bytes, number: int) -> FoundFile:
    content_id = headers.message_id(str(part.get("Content-ID", "")))
    if not content_id:
        content_id = str(part.get("Content-ID", "")).strip("<> \t\r\n")
    content_type, ending = detected(content)
    return FoundFile(
        name=_file_name(part) or _unnamed(part, number, ending),
        content=content,
        content_type=content_type,
        content_id=text.line(content_id, 200),
    )


def _file_name(part: Message) -> str:
    try:
        given = part.get_filename("")
    except (ValueError, LookupError, TypeError, IndexError):
        return ""
    return _plain_name(headers.words(str(given)))


def _plain_name(given: str) -> str:
    name = text.line(given, 200)
    # A path says nothing about us, and its end is the name.
    return _NAME.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(". ")


def _unnamed(part: Message, number: int, ending: str) -> str:
    if part.get_content_maintype() == "message":
        return f"mail-{number}.eml"
    if part.get_content_type() == "text/calendar":
        return f"invitation-{number}.ics"
    return f"file-{number}{ending}"


def _finish(found: Found) -> None:
    found.text = found.text.strip("\n")
    if found.html.strip():
        if not found.text.strip():
            found.text = html.as_text(found.html)[:_MOST_TEXT]
        is_bomb = html.is_too_deep(found.html)
        found.html = "" if is_bomb else html.clean(found.html)


def _fingerprint(found: Found, names: dict[str, str], bodies: bytes) -> str:
    """The same for two copies of one mail that came by different ways: servers add
    headers and change how parts are encoded, but neither these nor what is in them."""
    # Without an id, two forms of one sender may differ in nothing but their subject.
    called = found.message_id or found.subject
    told = (called, found.sender[1].lower(), names.get("date", ""))
    digest = hashlib.sha256("\n".join(told).encode("utf-8", "replace"))
    digest.update(bodies)
    return digest.hexdigest()
