"""The addresses of the private servers: computed from paths, nothing is started."""

from pathlib import Path

from local.embedded.paths import POSTGRES_PORT, VALKEY_SOCKET, socket_folder, var_folder
from local.embedded.postgres import DATABASE, SUPERUSER


def database_url() -> str:
    """The URL of the private PostgreSQL."""
    return database_url_at(socket_folder(var_folder()))


def redis_url() -> str:
    """The URL of the private Valkey."""
    return redis_url_at(socket_folder(var_folder()))


def database_url_at(sockets: Path) -> str:
    """The URL of a PostgreSQL whose socket lies in this folder."""
    # The port is named so that a PGPORT in the environment cannot bend it.
    return f"postgresql://{SUPERUSER}@:{POSTGRES_PORT}/{DATABASE}?host={sockets}"


def redis_url_at(sockets: Path) -> str:
    """The URL of a Valkey whose socket lies in this folder."""
    return f"redis+socket://{sockets / VALKEY_SOCKET}?virtual_host=0"
