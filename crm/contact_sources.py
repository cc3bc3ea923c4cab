"""What counts as speaking with a customer, from any app: their last contact.

The list, segments, the strip of the customer page and the page of a company all ask
here. An app above adds its rows in `<app>/contacts.py`: `register(ContactSource(...))`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import DateTimeField
from django.db.models.expressions import RawSQL
from psycopg import sql

from crm.rules.choices import Channel


@dataclass(frozen=True)
class ContactSource:
    """`rows` is a SELECT of customer_id, at, channel (a word of Channel) and by (whose
    contact it was, or ""): one row for each contact, read through an index on
    (customer_id, at DESC). What a machine wrote and a note among ourselves are none.
    """

    name: str
    rows: sql.SQL


@dataclass(frozen=True)
class Contact:
    """A contact: when, through which channel, and by whom of us."""

    at: datetime
    channel: Channel
    by: str


_LOGGED = ContactSource(
    name="logged",
    rows=sql.SQL(
        "SELECT i.customer_id, i.happened_at AS at, i.channel,"
        " coalesce(nullif(u.name, ''), u.email, i.staff_name) AS by"
        " FROM crm_interaction i LEFT JOIN crm_user u ON u.id = i.staff_id"
        " WHERE i.channel <> 'note'"
    ),
)
_sources: dict[str, ContactSource] = {_LOGGED.name: _LOGGED}


def register(source: ContactSource) -> None:
    """Count its rows, too. Raises ValueError for a name that is taken."""
    if source.name in _sources:
        raise ValueError(f"The contacts {source.name!r} are declared twice.")
    _sources[source.name] = source


def all_rows() -> sql.Composed:
    """A SELECT of the contacts of all sources."""
    return sql.SQL(" UNION ALL ").join(
        sql.SQL("({})").format(source.rows) for source in _sources.values()
    )


def last_at() -> RawSQL:
    """The moment of the last contact of the row of a customer's query; null: none.

    Each source is asked by itself, so that it reads one entry of its index.
    """
    lasts = sql.SQL(", ").join(
        sql.SQL(
            "(SELECT one.at FROM ({rows}) one WHERE one.customer_id = crm_customer.id"
            " ORDER BY one.at DESC LIMIT 1)"
        ).format(rows=source.rows)
        for source in _sources.values()
    )
    latest = sql.SQL("greatest({})").format(lasts).as_string().replace("%", "%%")
    return RawSQL(latest, [], output_field=DateTimeField())  # noqa: S611


def last_of(ids: Collection[int]) -> Contact | None:
    """The last contact with any of these customers."""
    lasts = sql.SQL(" UNION ALL ").join(
        sql.SQL(
            "(SELECT * FROM ({rows}) one WHERE one.customer_id = ANY(%(ids)s)"
            " ORDER BY one.at DESC LIMIT 1)"
        ).format(rows=source.rows)
        for source in _sources.values()
    )
    query = sql.SQL("SELECT at, channel, by FROM ({}) lasts ORDER BY at DESC LIMIT 1")
    with connection.cursor() as cursor:
        cursor.execute(query.format(lasts), {"ids": list(ids)})
        found = cursor.fetchone()
    return Contact(found[0], Channel(found[1]), found[2]) if found else None
