"""The private servers: start, join, survive a kill, leave nothing behind."""

from django.db import connection


def test_tests_run_on_a_real_postgresql(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")

        assert cursor.fetchone()[0].startswith("PostgreSQL")
