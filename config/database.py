"""Turn a DATABASE_URL into Django's settings.

Nothing of a session is set here: a pooler that gives the server's session away after
each transaction (PgBouncer) would not keep it. Limits of time are settings of the role,
see docs/settings.md.
"""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# A server or a network that no longer answers is noticed in about 20 s: by data that
# stays unconfirmed (tcp_user_timeout, in ms), or by probes where we only wait for an
# answer. Sockets of the same machine need neither and ignore it.
PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 20_000,
}


def database_from_url(url: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?host=/socket/folder&sslmode=...`

    libpq itself reads PGPASSWORD where the address has no password: one of any
    characters needs no quoting there.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://")
    try:
        port = str(parts.port or "")
    except ValueError:
        raise ImproperlyConfigured("DATABASE_URL: the port is no number.") from None
    if not parts.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL names no database: .../name")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or parts.hostname or ""
    for name, value in PATIENCE.items():
        options.setdefault(name, value)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # They outlive a transaction, and `iterator()` of a form's choices makes one.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": options,
    }
