"""Mail that comes in, by whatever way: stored first, then read.

A mail is stored in a commit of its own before anything looks into it. What a kill
leaves unread is read by the next tick; what cannot be read says so and never stops the
next one.
"""

import hashlib
import logging
import time
from collections.abc import Mapping
from datetime import datetime
from math import inf

from django.db import Error as DatabaseError
from django.db import IntegrityError, transaction

from support.models import Mailbox, RawMail
from support.rules.choices import MailSource, RawState
from support.selectors import people
from support.services import confirming, landing, reading, reports, storage

logger = logging.getLogger(__name__)

# Larger ones are not taken; servers refuse them at 25 to 50 MB.
MOST_BYTES = 60 * 1024 * 1024
# Of a mail that is too large: enough to see who wrote it.
_HEAD_BYTES = 64 * 1024
# A mail that ends the reader (by its memory, say) is not tried for ever.
_MOST_READINGS = 3


def receive(
    content: bytes,
    *,
    source: MailSource,
    now: datetime,
    mailbox: Mailbox | None = None,
    arrived_at: datetime | None = None,
    provider_checks: Mapping[str, str] | None = None,
) -> RawMail:
    """Store the mail and read it. The same bytes again give the row that is there.

    `provider_checks`: what the provider that took it says of its sender.
    """
    raw, is_new = store(
        content,
        source=source,
        now=now,
        mailbox=mailbox,
        arrived_at=arrived_at,
        provider_checks=provider_checks,
    )
    if is_new:
        read(raw.pk, now=now)
    return raw


def known(content: bytes) -> RawMail | None:
    """The row of these very bytes, where they were stored before."""
    digest = hashlib.sha256(content).hexdigest()
    return RawMail.objects.filter(sha256=digest).first()


def store(
    content: bytes,
    *,
    source: MailSource,
    now: datetime,
    mailbox: Mailbox | None = None,
    arrived_at: datetime | None = None,
    is_cut: bool = False,
    provider_checks: Mapping[str, str] | None = None,
) -> tuple[RawMail, bool]:
    """Keep the bytes; whether they were new. `is_cut`: the content is only the head of
    a mail that is too large. Raises OSError where the storage does not take them."""
    if len(content) > MOST_BYTES:
        content, is_cut = content[:_HEAD_BYTES], True
    digest = hashlib.sha256(content).hexdigest()
    known = RawMail.objects.filter(sha256=digest).first()
    if known is not None:
        return known, False
    key = storage.save(content, now=now)
    values = {
        "key": key,
        "sha256": digest,
        "size": len(content),
        "source": source.value,
        "mailbox": mailbox,
        "provider_checks": dict(provider_checks or {}),
        "arrived_at": min(arrived_at or now, now),
        "stored_at": now,
        "state": (RawState.UNREADABLE if is_cut else RawState.WAITING).value,
        "reason": "too_large" if is_cut else "",
    }
    try:
        with transaction.atomic():
            return RawMail.objects.create(**values), True
    except IntegrityError:
        # Another process stored the same bytes meanwhile.
        storage.delete_on_commit([key])
        return RawMail.objects.get(sha256=digest), False


def read_waiting(*, now: datetime, until: float = inf, most: int = 1_000) -> int:
    """Read what was stored and not read, oldest first, until that moment of the
    monotonic clock; how many were looked at."""
    waiting = RawMail.objects.filter(state=RawState.WAITING.value).order_by("pk")
    count = 0
    for pk in waiting.values_list("pk", flat=True)[:most]:
        if time.monotonic() >= until:
            break
        count += 1
        try:
            read(pk, now=now)
        except DatabaseError:
            # Tried again by the next tick, and by `readings` not for ever.
            logger.exception("Raw mail %s could not be kept", pk)
    return count


def read(pk: int, *, now: datetime) -> None:
    """Read one stored mail and put it where it belongs. Twice is once, and two at once
    are one: what another process is reading is left to it."""
    if not _is_counted(pk):
        return
    with transaction.atomic():
        raw = _taken(pk)
        if raw is not None:
            _read(raw, now)


def _read(raw: RawMail, now: datetime) -> None:
    try:
        content = storage.read(raw.key)
        if reports.take(content, raw, now=now):
            return
        found = reading.read(content, arrived_at=raw.arrived_at)
    except reading.Unreadable as error:
        _set_aside(raw, error.reason)
    except FileNotFoundError:
        _set_aside(raw, "content_missing")
    except (OSError, MemoryError):
        # Of this machine, not of the mail: the next tick asks again.
        logger.exception("Raw mail %s could not be opened", raw.pk)
    except Exception:
        # Whatever is sent: it is kept, shown, and the next one is read.
        logger.exception("Raw mail %s could not be read", raw.pk)
        _set_aside(raw, "reader_failed")
    else:
        _put(found, raw, now)


def _put(found: reading.Found, raw: RawMail, now: datetime) -> None:
    if raw.mailbox is None:
        # A pipe that names none, or a provider's own address that ours leads to.
        raw.mailbox = people.mailbox_among(found.delivered_to)
        raw.save(update_fields=["mailbox"])
    if confirming.take(found, raw, now=now):
        landing.forget_raw(raw)
    else:
        landing.land(found, raw, now=now)


def read_again(raw: RawMail, *, now: datetime) -> None:
    """Try again what could not be read, say after an update."""
    RawMail.objects.filter(pk=raw.pk, state=RawState.UNREADABLE.value).exclude(
        reason="too_large"
    ).update(state=RawState.WAITING.value, reason="", readings=0)
    read(raw.pk, now=now)


@transaction.atomic
def _is_counted(pk: int) -> bool:
    """Count this reading in a commit of its own, which outlives a reader that ends; no
    where it is read already or at this moment, or was begun too often."""
    raw = _taken(pk)
    if raw is None:
        return False
    if raw.readings >= _MOST_READINGS:
        _set_aside(raw, "ended_reader")
        return False
    raw.readings += 1
    raw.save(update_fields=["readings"])
    return True


def _taken(pk: int) -> RawMail | None:
    """The row, ours until the commit; None where it is another's or is read."""
    waiting = RawMail.objects.filter(pk=pk, state=RawState.WAITING.value)
    ours = waiting.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return ours.select_related("mailbox").first()


def _set_aside(raw: RawMail, reason: str) -> None:
    RawMail.objects.filter(pk=raw.pk, state=RawState.WAITING.value).update(
        state=RawState.UNREADABLE.value, reason=reason
    )
