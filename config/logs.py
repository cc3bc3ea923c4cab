"""What every line of every log has in common: it holds no token of a link and no key.

Django, gunicorn, Celery and we log addresses by many loggers to handlers of their own,
so the one place that sees all of it is where a record is made.
"""

import logging
import logging.config
from http import HTTPStatus
from typing import Any

from crm.rules.secrets import masked

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


def configure(settings: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: called once in each process, with LOGGING."""
    logging.setLogRecordFactory(MaskedRecord)
    logging.config.dictConfig(settings)
