"""The cast and the clients that every test may ask for.

Tests that need real commits (threads, workers) say
`@pytest.mark.django_db(transaction=True, serialized_rollback=True)`: the second word
brings back the rows that migrations wrote, which the emptying of the tables takes away.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.smtp_sink import Sink, running_sink


@pytest.fixture(autouse=True, scope="session")
def append_only_tables_can_be_emptied() -> Iterator[None]:
    """Triggers refuse TRUNCATE to everybody; between tests it has to happen."""
    operations = type(connection.ops)
    sql_flush = operations.sql_flush

    def without_triggers(self: Any, *args: Any, **kwargs: Any) -> list[str]:
        statements: list[str] = sql_flush(self, *args, **kwargs)
        if not statements:
            return statements
        return [
            "SET session_replication_role = replica",
            *statements,
            "SET session_replication_role = DEFAULT",
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", without_triggers)
        yield


@pytest.fixture
def sink(tmp_path: Path, settings: Any) -> Iterator[Sink]:
    """A mail server that every message of this test goes to."""
    with running_sink(tmp_path) as server:
        settings.MAIL_TRANSPORT = "smtp"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = server.port
        settings.MAIL_JOURNAL_DIR = tmp_path / "journal"
        yield server
