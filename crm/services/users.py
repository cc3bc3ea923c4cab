"""What a member of staff sets for themselves, and how the first one comes to be."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from crm.models import Business, User
from crm.rules.dates import is_zone
from crm.services import audit, business, passwords
from web.errors import AlreadyExists, InvalidValue

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


@transaction.atomic
def open_with_owner(email: str, *, address: str, now: datetime) -> str:
    """Make the first user, an owner. `address`: the public one of the shop, or "" to
    leave it. Returns the password. Raises AlreadyExists where there is a user."""
    shop = Business.objects.select_for_update().get(pk=1)
    if User.objects.exists():
        raise AlreadyExists
    owner = User.objects.create_superuser(email)
    audit.record("user.created", f"user:{owner.pk}", fields=["role"], now=now)
    if address:
        changes = {"public_url": address}
        business.update_business(changes=changes, version=shop.version, now=now)
    return passwords.give_new_password(owner, now=now)
