"""A mail as bytes: headers by the standard library's policy, bodies encoded in C.

Building whole EmailMessage objects was the largest part of sending; what is equal for
all mails is folded once and kept.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import datetime
from email.encoders import encode_base64
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.mime.base import MIMEBase
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from typing import cast

from messaging.transports.base import AttachedFile, Mail

_PLAIN = re.compile(r"[\x20-\x7e]*")
_LOCAL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
)
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
# What mail servers trip over in a display name, and what could disguise one.
_NOT_IN_NAMES = re.compile(
    '[\\x00-\\x1f\\x7f",:;@<>()\\[\\]\\\\\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]'
)
_NAME_MOST = 75
# Not every server takes more than seven bits.
_POLICY = SMTP.clone(cte_type="7bit")
# The longest line that SMTP allows is 998 bytes; headers like to be shorter.
_LINE_MOST = 990
_HEADER_MOST = 76


def envelope(email: str) -> str:
    """The address as servers take it; ValueError where it is none."""
    local, at, domain = email.rpartition("@")
    domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    if not (at and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise ValueError("not an address that mail servers take")
    return f"{local}@{domain}"


@lru_cache(maxsize=512)
def address(name: str, email: str) -> str:
    """Name and address for a header; the name without what could break out of it."""
    clean = " ".join(_NOT_IN_NAMES.sub(" ", name).split())[:_NAME_MOST]
    return str(Address(clean, *envelope(email).rsplit("@", 1)))


def packed(mail: Mail) -> bytes:
    """ValueError where a header or an address is bad."""
    return _composed(mail) if mail.is_letter else _quickly(mail)


def addresses(people: Sequence[tuple[str, str]]) -> str:
    """Names and addresses for a header that holds several."""
    return ", ".join(address(name, email) for name, email in people)


def _composed(mail: Mail) -> bytes:
    """By the standard library: mails of people are few, and of many shapes."""
    whole = EmailMessage(_POLICY)
    whole["From"] = address(mail.sender_name, mail.sender)
    whole["To"] = addresses(mail.to_all or [(mail.to_name, mail.to)])
    if mail.cc:
        whole["Cc"] = addresses(mail.cc)
    whole["Subject"] = mail.subject
    whole["Date"] = mail.date
    head = whole.as_bytes().rstrip(b"\r\n") + b"\r\n"
    ours = [("Message-ID", mail.message_id), *mail.headers]
    head += b"".join(_raw(name, value) for name, value in ours)
    return head + _body(mail).as_bytes()


def _body(mail: Mail) -> MIMEPart:
    body = EmailMessage(_POLICY)
    body.set_content(mail.text)
    if mail.html:
        body.add_alternative(mail.html, subtype="html")
    if not mail.files:
        return body
    shown = [file for file in mail.files if file.content_id and mail.html]
    if shown:
        part = cast(MIMEPart, body.get_body(("html",)))
        part.make_related()
        for file in shown:
            part.attach(cast(EmailMessage, attachment(file, is_shown=True)))
    body.make_mixed()
    for file in mail.files:
        if file not in shown:
            body.attach(cast(EmailMessage, attachment(file, is_shown=False)))
    return body


def attachment(file: AttachedFile, *, is_shown: bool) -> MIMEBase:
    """A file as a part: as bytes, so that it arrives as it was, of whatever type it is
    said to be. `is_shown`: in its place in the HTML, where it has one."""
    main, _slash, sub = file.content_type.partition("/")
    if main in ("text", "message", "multipart", "") or not sub:
        main, sub = "application", "octet-stream"
    part = MIMEBase(main, sub, policy=_POLICY)
    part.set_payload(file.content)
    encode_base64(part)
    is_inline = is_shown and bool(file.content_id)
    part.add_header(
        "Content-Disposition",
        "inline" if is_inline else "attachment",
        filename=file.name,
    )
    if is_inline:
        part["Content-ID"] = f"<{file.content_id}>"
    return part


def _quickly(mail: Mail) -> bytes:
    boundary = f"=_{mail.message_id.strip('<>').partition('@')[0]}"
    return b"".join(
        (
            _header("From", address(mail.sender_name, mail.sender)),
            _header("To", address(mail.to_name, mail.to)),
            _header("Subject", mail.subject),
            _date(mail.date),
            _raw("Message-ID", mail.message_id),
            *(_raw(name, value) for name, value in mail.headers),
            b"MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=",
            f'"{boundary}"\r\n\r\n'.encode("ascii"),
            _part("plain", mail.text, boundary),
            _part("html", mail.html, boundary),
            f"--{boundary}--\r\n".encode("ascii"),
        )
    )


@lru_cache(maxsize=512)
def _header(name: str, value: str) -> bytes:
    """As it stands where that is short and plain; else encoded and folded. Refuses
    line breaks."""
    if len(name) + len(value) < _HEADER_MOST and _PLAIN.fullmatch(value):
        return f"{name}: {value}\r\n".encode("ascii")
    return _POLICY.fold_binary(name, _POLICY.header_store_parse(name, value)[1])


@lru_cache(maxsize=16)
def _date(moment: datetime) -> bytes:
    return f"Date: {format_datetime(moment)}\r\n".encode("ascii")


def _raw(name: str, value: str) -> bytes:
    """A header of our own making: ids and URLs that no folding may break."""
    if not _PLAIN.fullmatch(value) or len(value) > _LINE_MOST - len(name):
        return _header(name, value)
    return f"{name}: {value}\r\n".encode("ascii")


def _part(subtype: str, text: str, boundary: str) -> bytes:
    data = text.encode().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    data = data.removesuffix(b"\n").replace(b"\n", b"\r\n") + b"\r\n"
    if subtype == "html" and 0 < _foreign(data) * 6 <= len(data):
        # A few letters as references: shorter and much quicker than quoting them.
        data = data.decode().encode("ascii", "xmlcharrefreplace")
    encoding, body = _encoded(data)
    head = (
        f'--{boundary}\r\nContent-Type: text/{subtype}; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    # The last line break belongs to the boundary.
    return head.encode("ascii") + body + b"\r\n"


def _encoded(data: bytes) -> tuple[str, bytes]:
    if data.isascii() and max(map(len, data.split(b"\n"))) <= _LINE_MOST:
        return "7bit", data
    if _foreign(data) * 6 > len(data):
        return "base64", base64.encodebytes(data).replace(b"\n", b"\r\n")
    return "quoted-printable", binascii.b2a_qp(data)


def _foreign(data: bytes) -> int:
    """Bytes beyond one per letter: none in plain ASCII."""
    return 0 if data.isascii() else len(data) - len(data.decode())
