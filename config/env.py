"""Read settings from the environment, and fail loudly on a bad value."""

import os

from django.core.exceptions import ImproperlyConfigured

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_WEAK_KEYS = ("change-me", "changeme", "secret", "default", "insecure", "django-")


def text(name: str, default: str = "") -> str:
    """The environment variable without surrounding blanks."""
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool = False) -> bool:
    """Yes or no, as in `_TRUE` and `_FALSE`; else raises ImproperlyConfigured."""
    value = text(name).lower()
    if not value:
        return default
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")


def number(name: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
    """A whole number from `least` to `most`; raises ImproperlyConfigured for others."""
    value = text(name)
    if not value:
        return default
    try:
        found = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number.") from None
    if not least <= found <= most:
        raise ImproperlyConfigured(f"{name} must be from {least} to {most}.")
    return found


def one_of(name: str, *choices: str, default: str) -> str:
    """One of the choices; raises ImproperlyConfigured for anything else."""
    value = text(name) or default
    if value not in choices:
        known = ", ".join(choices)
        raise ImproperlyConfigured(f"{name} must be one of {known}, not {value!r}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list without blanks."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def prefixed(prefix: str) -> dict[str, str]:
    """Every variable whose name begins with the prefix."""
    return {
        name: value for name, value in os.environ.items() if name.startswith(prefix)
    }


def is_strong_key(key: str) -> bool:
    """Long, of many letters, and not from somebody's example."""
    return (
        len(key) >= 50
        and len(set(key)) >= 10
        and not key.lower().startswith(_WEAK_KEYS)
    )
