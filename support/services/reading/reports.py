"""Bounces (RFC 3464) and complaints (RFC 5965): which mail of ours they are about."""

from dataclasses import dataclass
from email.message import Message
from typing import cast

from support.rules import addresses
from support.services.reading import headers
from support.services.reading.mail import Unreadable, parse, parts

_ORIGINALS = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers")


@dataclass(frozen=True)
class Report:
    """`uuid` is of the Message-ID of our mail, which only its recipient knows.

    `status` is the enhanced code of a failed delivery ("5.1.1"), "" of a complaint.
    """

    uuid: str
    recipient: str
    status: str
    is_complaint: bool


def report_of(raw: bytes) -> Report | None:
    """What the mail reports. None for any other mail, for a delay, and for a report
    that does not say which mail of ours it is about."""
    if b"multipart/report" not in raw[:100_000].lower():
        return None
    try:
        mail = parse(raw)
        found = {part.get_content_type(): part for part in parts(mail)}
    except Unreadable:
        return None
    uuid = next((uuid for name in _ORIGINALS if (uuid := _uuid(found.get(name)))), "")
    if not uuid:
        return None
    if "message/feedback-report" in found:
        return _complaint(found["message/feedback-report"], uuid)
    if "message/delivery-status" in found:
        return _failure(found["message/delivery-status"], uuid)
    return None


def _failure(part: Message, uuid: str) -> Report | None:
    for block in _blocks(part):
        if headers.raw(block, "action").lower() == "failed":
            recipient = _address(block, "final-recipient") or _address(
                block, "original-recipient"
            )
            return Report(uuid, recipient, headers.raw(block, "status")[:12], False)
    return None


def _complaint(part: Message, uuid: str) -> Report | None:
    block = parse(_bytes(part))
    if headers.raw(block, "feedback-type").lower() not in ("abuse", "fraud"):
        return None
    # Many leave out who complains; the id alone is known to nobody else.
    return Report(uuid, _address(block, "original-rcpt-to"), "", True)


def _blocks(part: Message) -> list[Message]:
    if part.is_multipart():
        return cast("list[Message]", part.get_payload())
    return [parse(block) for block in _bytes(part).split(b"\n\n")]


def _bytes(part: Message) -> bytes:
    if part.is_multipart():
        inner = cast("list[Message]", part.get_payload())
        return b"\n\n".join(one.as_bytes() for one in inner)
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _address(block: Message, name: str) -> str:
    return headers.raw(block, name).rpartition(";")[2].strip().strip("<>")


def _uuid(part: Message | None) -> str:
    if part is None:
        return ""
    inner = parse(_bytes(part).lstrip())
    return addresses.first_message_uuid(
        [headers.message_id(headers.raw(inner, "message-id"))]
    )
