"""The backend's look at a connection before each request."""

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks import database

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session():
    """The server's number of our session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        yield cursor.fetchone()[0]
    connection.close()


def test_a_quiet_connection_is_not_asked_whether_it_lives(session):
    with CaptureQueriesContext(connection) as seen:
        assert connection.is_usable()

    assert not list(seen)


def test_a_session_that_the_server_ended_is_noticed(session):
    with psycopg.connect(database.url()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [session])

    assert not connection.is_usable()


def test_a_closed_connection_is_not_usable(session):
    connection.connection.close()

    assert not connection.is_usable()
