"""Ask kinds about many messages at once, without one that spoils the others."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import TypeVar

from django.db import InterfaceError, OperationalError, transaction

from messaging import kinds
from messaging.kinds import Kind
from messaging.models import Message

logger = logging.getLogger(__name__)

Found = TypeVar("Found")


def isolated(
    ask: Callable[[Sequence[Message], datetime], Mapping[int, Found]],
    messages: Sequence[Message],
    now: datetime,
) -> tuple[dict[int, Found], list[int]]:
    """Ask for all at once; where that fails, one by one: poison spoils itself only.

    A lock that was not free or a lost connection is not the fault of a message.
    """
    try:
        with transaction.atomic():
            return dict(ask(messages, now)), []
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if len(messages) == 1:
            logger.exception("Message %s cannot be prepared", messages[0].pk)
            return {}, [messages[0].pk]
    answers: dict[int, Found] = {}
    broken: list[int] = []
    for message in messages:
        one, failed = isolated(ask, [message], now)
        answers |= one
        broken += failed
    return answers, broken


def by_kind(
    messages: Iterable[Message],
) -> list[tuple[Kind | None, list[Message]]]:
    """Messages in groups of one kind; None for a kind that is no more."""
    known = {kind.name: kind for kind in kinds.all_kinds()}
    ordered = sorted(messages, key=lambda message: message.kind)
    return [
        (known.get(name), list(group))
        for name, group in groupby(ordered, key=lambda message: message.kind)
    ]
