"""Find a few customers by what somebody types, to choose one of them."""

from datetime import datetime

from django.db import connection
from psycopg.sql import SQL, Literal

from crm import audiences, selectors
from crm.models import Customer

MOST_FOUND = 20


def find(typed: str, *, now: datetime, but: Customer | None = None) -> list[Customer]:
    """Live customers by whatever the search of the list finds, the first so many, in
    the order of their names."""
    business = selectors.business()
    people = audiences.compiled(
        audiences.query_of({"q": typed}),
        country=business.country,
        today=business.day(now),
    )
    if not typed or people is None:
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
