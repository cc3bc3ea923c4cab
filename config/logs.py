"""What every line of every log has in common: no token of a link, no key, no person.

Django, gunicorn, Celery and we log addresses by many loggers to handlers of their own,
so the one place that sees all of it is where a record is made.
"""

import logging
import logging.config
from collections.abc import Iterable, Iterator
from functools import cache
from http import HTTPStatus
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from crm.rules.secrets import HIDDEN, masked

_TRACES = logging.Formatter()


class MaskedRecord(logging.LogRecord):
    """A log record whose text and traceback are masked before any handler sees them."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.msg, self.args = masked(_message(self)), None
        if self.exc_info and self.exc_info[0]:
            # A formatter takes this instead of writing the traceback itself.
            self.exc_text = masked(_TRACES.formatException(self.exc_info))


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        # Python would print the arguments to stderr as they are.
        return f"{record.msg} (its arguments do not fit)"


class NoTraceOfRefusals(logging.Filter):
    """What a visitor did wrong (4xx) is one line: our stack adds nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", 0)
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            record.exc_info = record.exc_text = None
        return True


class WordsOfOurs(logging.Filter):
    """Of the path of a request, the words of our own addresses and numbers: the rest is
    what somebody typed, which may be a name."""

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", "")
        if path:
            record.msg = record.msg.replace(masked(path), _without_typed(path))
        return True


def _without_typed(path: str) -> str:
    return "/".join(
        each if not each or each.isdigit() or each in _words() else HIDDEN
        for each in path.split("/")
    )


@cache
def _words() -> frozenset[str]:
    """The words between the slashes of all our addresses."""
    return frozenset(_words_of(get_resolver().url_patterns)) | {"static"}


def _words_of(patterns: "Iterable[URLPattern | URLResolver]") -> Iterator[str]:
    for pattern in patterns:
        yield from str(pattern.pattern).split("/")
        if isinstance(pattern, URLResolver):
            yield from _words_of(pattern.url_patterns)


def configure(settings: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: called once in each process, with LOGGING."""
    logging.setLogRecordFactory(MaskedRecord)
    logging.config.dictConfig(settings)
