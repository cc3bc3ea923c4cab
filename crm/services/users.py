"""What a member of staff sets for themselves."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from crm.errors import InvalidValue
from crm.models import User
from crm.rules.dates import is_zone
from crm.services import audit

THEMES = frozenset({"", "light", "dark", "auto"})


@transaction.atomic
def set_preferences(
    user: User,
    *,
    time_zone: str,
    theme: str,
    single_keys: bool,
    now: datetime,
    language: str | None = None,
) -> User:
    """Save how this person likes to read; without a language theirs stays.

    Raises InvalidValue for a language, zone or theme that does not exist.
    """
    if language is None:
        language = user.language
    if language and language not in dict(settings.LANGUAGES):
        raise InvalidValue(fields={"language": "unknown_language"})
    if time_zone and not is_zone(time_zone):
        raise InvalidValue(fields={"time_zone": "unknown_time_zone"})
    if theme not in THEMES:
        raise InvalidValue(fields={"theme": "unknown"})
    values = {
        "language": language,
        "time_zone": time_zone,
        "theme": theme,
        "single_keys": single_keys,
    }
    locked = User.objects.select_for_update().get(pk=user.pk)
    changed = [name for name in values if getattr(locked, name) != values[name]]
    if not changed:
        return locked
    for name in changed:
        setattr(locked, name, values[name])
    locked.save(update_fields=changed)
    audit.record("user.preferences", f"user:{locked.pk}", fields=changed, now=now)
    return locked
