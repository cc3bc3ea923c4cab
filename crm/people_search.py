"""Find a few customers by what somebody types, to choose one of them."""

from datetime import datetime

from django.db import connection
from psycopg.sql import SQL, Composed, Literal

from crm import audiences, selectors
from crm.models import Customer

MOST_FOUND = 20


def select(typed: str, *, now: datetime) -> Composed | None:
    """A SELECT of the ids of all that the search of the list finds; None: nothing was
    typed."""
    business = selectors.business()
    return audiences.compiled(
        audiences.query_of({"q": typed}),
        country=business.country,
        today=business.day(now),
    )


def find(typed: str, *, now: datetime, but: Customer | None = None) -> list[Customer]:
    """Live customers by whatever the search of the list finds, the first so many, in
    the order of their names."""
    people = select(typed, now=now)
    if people is None:
        return []
    query = SQL("SELECT id FROM ({people}) found WHERE id <> {but} LIMIT {most}")
    with connection.cursor() as cursor:
        cursor.execute(
            query.format(
                people=people,
                but=Literal(but.pk if but else 0),
                most=Literal(MOST_FOUND),
            )
        )
        ids = [row[0] for row in cursor.fetchall()]
    return list(Customer.objects.filter(pk__in=ids).order_by("sort_name", "pk"))
