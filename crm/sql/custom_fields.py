"""Which fields of their own the customers have."""

from django.db import connection
from psycopg.sql import SQL

# A file has columns for so many; more are no fields but data in the place of names.
MOST = 200
_NAMES = SQL(
    """SELECT DISTINCT name FROM crm_customer, jsonb_object_keys(custom) AS name
    WHERE custom <> '{}' ORDER BY name LIMIT %(most)s"""
)


def names_of_custom_fields() -> list[str]:
    """Names of the custom facts that customers have, at most MOST."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, {"most": MOST})
        return [name for (name,) in cursor.fetchall()]
