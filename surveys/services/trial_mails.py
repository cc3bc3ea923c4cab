"""The mail of a survey, to the colleague who tries it out and to nobody else.

Its buttons lead to the trial: no answer comes of it, and no limit or figure of
customers knows of it.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction

from crm.models import User
from crm.services import attempts, audit
from crm.services.attempts import Limit
from messaging.models import Message
from messaging.services import direct
from surveys.models import Survey

KIND = "survey_test"
LIMIT = Limit("survey_test", most=40, window=timedelta(hours=1))


@transaction.atomic
def send(
    survey: Survey, *, to: User, languages: Collection[str], now: datetime
) -> list[Message]:
    """One mail in each of these languages, or none. Raises TooManyAttempts after forty
    within an hour."""
    for _ in languages:
        attempts.take(LIMIT, str(to.pk), now=now)
    sent = [
        direct.post(
            kind=KIND,
            to=to,
            occurrence=f"{survey.pk}:{language}:{uuid4().hex}",
            language=language,
            why={"survey": survey.pk},
            now=now,
        )
        for language in languages
    ]
    audit.record("survey.tested", f"survey:{survey.pk}", now=now)
    return sent
