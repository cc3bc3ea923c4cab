"""A mail as bytes: headers by the standard library's policy, bodies encoded in C.

Building whole EmailMessage objects was the largest part of sending; what is equal for
all mails is folded once and kept.
"""

import base64
import binascii
import re
from datetime import datetime
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache

from messaging.transports.base import Mail

_PLAIN = re.compile(r"[\x20-\x7e]*")
_LOCAL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
)
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
# What mail servers trip over in a display name, and what could disguise one.
_NAME_TROUBLE = re.compile(
    '[\\x00-\\x1f\\x7f",:;@<>()\\[\\]\\\\\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]'
)
_NAME_MOST = 75
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


def address(name: str, email: str) -> str:
    """Name and address for a header; the name without what could break out of it."""
    clean = " ".join(_NAME_TROUBLE.sub(" ", name).split())[:_NAME_MOST]
    return str(Address(clean, *envelope(email).rsplit("@", 1)))


def packed(mail: Mail) -> bytes:
    """ValueError where a header or an address is bad."""
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
    return SMTP.fold_binary(name, SMTP.header_store_parse(name, value)[1])


@lru_cache(maxsize=16)
def _date(moment: datetime) -> bytes:
    return f"Date: {format_datetime(moment)}\r\n".encode("ascii")


def _raw(name: str, value: str) -> bytes:
    """A header of our own making: ids and URLs that no folding may break."""
    if not _PLAIN.fullmatch(value) or len(value) > _LINE_MOST - len(name):
        return _header(name, value)
    return f"{name}: {value}\r\n".encode("ascii")


def _part(subtype: str, text: str, boundary: str) -> bytes:
    data = "\r\n".join(text.splitlines()).encode() + b"\r\n"
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
