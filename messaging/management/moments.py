"""The `--at` of the commands: business time, for rehearsals and catching up."""

from datetime import datetime

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime


def moment_or_now(text: str | None) -> datetime:
    """ISO 8601; without an offset it is UTC."""
    if not text:
        return timezone.now()
    try:
        moment = parse_datetime(text)
    except ValueError as error:
        raise CommandError(f"{text}: there is no such moment") from error
    if moment is None:
        raise CommandError(f"{text}: write it as 2026-11-22T09:00+00:00")
    return moment if moment.tzinfo else timezone.make_aware(moment)
