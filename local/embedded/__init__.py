"""Private PostgreSQL and Valkey for a machine that has neither.

Used where DATABASE_URL and REDIS_URL are not set. Importing this starts nothing.
"""

from local.embedded.errors import EmbeddedError
from local.embedded.owner_lock import ensure, own
from local.embedded.paths import var_folder
from local.embedded.secret import secret_key
from local.embedded.test_servers import start_for_tests
from local.embedded.urls import database_url, redis_url

__all__ = [
    "EmbeddedError",
    "database_url",
    "ensure",
    "own",
    "redis_url",
    "secret_key",
    "start_for_tests",
    "var_folder",
]
