"""Is there anything to migrate? Asked without Django, which takes seconds to say no."""

import hashlib
from pathlib import Path

import psycopg

from local.embedded.paths import BASE_DIR

STAMP = "migrated"


def fingerprint() -> str:
    """Changes with our own migration files and with the packages that bring theirs."""
    digest = hashlib.sha256((BASE_DIR / "requirements.txt").read_bytes())
    for path in sorted(BASE_DIR.glob("*/migrations/[0-9]*.py")):
        digest.update(str(path.relative_to(BASE_DIR)).encode() + path.read_bytes())
    return digest.hexdigest()


def is_up_to_date(var: Path, connection: psycopg.Connection) -> bool:
    """Both must agree: what we applied last, and what this database has recorded."""
    stamp = var / STAMP
    if not stamp.exists() or stamp.read_text() != fingerprint():
        return False
    known = connection.execute("SELECT to_regclass('django_migrations')").fetchone()
    if known is None or known[0] is None:
        return False
    applied = connection.execute("SELECT app, name FROM django_migrations").fetchall()
    return _ours() <= set(applied)


def remember(var: Path) -> None:
    """Note that these migrations were applied."""
    (var / STAMP).write_text(fingerprint())


def _ours() -> set[tuple[str, str]]:
    paths = BASE_DIR.glob("*/migrations/[0-9]*.py")
    return {(path.parent.parent.name, path.stem) for path in paths}
