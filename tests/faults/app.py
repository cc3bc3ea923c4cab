"""The Celery application of the tests' own worker processes: it knows their kind."""

import django

from config.celery import app

django.setup()

from messaging import kinds  # noqa: E402
from tests.messaging.plain_kind import PlainKind  # noqa: E402

kinds.register(PlainKind())

__all__ = ["app"]
