"""The people behind a figure: as many as it says, in the order of their records."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext_lazy as _
from psycopg.sql import SQL, Composable, Literal

from crm.models import Customer
from insights.sql.overlaps import HEARD

SIZE = 50
GROUP_NAMES: Mapping[str, object] = {
    "start": _("Customers at the start"),
    "kept": _("Kept"),
    "lost": _("Left"),
    "new": _("Came for the first time"),
    "back": _("Came back"),
    "gained": _("Came for the first time, or came back"),
    "end": _("Customers at the end"),
    "buyers": _("First bought then"),
    "bought": _("Bought in that time"),
    "repeated": _("Bought on a second day"),
    "soon": _("Bought again within 90 days of their first order"),
    "later": _("Bought again, so many periods later"),
    "referred": _("Came by recommendation"),
    "refunds": _("Gave something back"),
    "reviews": _("Four or five stars in their last review"),
    "novelty": _("Bought something new"),
    "praise": _("Praised us unasked"),
    "shown": _("Good review with a name to show"),
    "complaints": _("Stayed after a complaint"),
    "heard-sure": _("By recommendation, and nothing says otherwise"),
    "heard-disputed": _("One says by recommendation, another contradicts"),
    "heard-other": _("Heard of us in another way"),
    "heard-unknown": _("Nobody knows how they heard of us"),
    "heard-twice": _("Two or more say by recommendation"),
    "heard-most": _("By recommendation, at most"),
    "heard-record-yes": _("On the record: by recommendation"),
    "heard-record-no": _("On the record: in another way"),
    "heard-record-nothing": _("On the record: nothing"),
    "heard-survey-yes": _("In surveys: by recommendation"),
    "heard-survey-no": _("In surveys: in another way"),
    "heard-survey-nothing": _("In surveys: nothing"),
    "heard-code-yes": _("By a code that was given to somebody else"),
    "heard-code-nothing": _("By no code of somebody else"),
}
# Found once, then counted and read.
_PAGE = SQL("""
WITH chosen (id) AS MATERIALIZED ({})
SELECT (SELECT count(*) FROM chosen),
    ARRAY(SELECT id FROM chosen WHERE id > {} ORDER BY id LIMIT {})
""")
# What people said to us, by mail or in an answer: named to those who see that.
SAID = frozenset({"praise", "complaints", *HEARD})


@dataclass(frozen=True)
class PeoplePage:
    """Some of `count` people; `after`: where the next page begins, None at the end."""

    customers: list[Customer]
    count: int
    after: int | None


def page(select: Composable, *, after: int = 0, size: int = SIZE) -> PeoplePage:
    """A page of the customers of a SELECT of ids that names each of them once."""
    with connection.cursor() as cursor:
        cursor.execute(_PAGE.format(select, Literal(after), Literal(size + 1)))
        count, ids = cursor.fetchone()
    found = Customer.objects.in_bulk(ids[:size])
    return PeoplePage(
        customers=[found[pk] for pk in ids[:size]],
        count=count,
        after=ids[size - 1] if len(ids) > size else None,
    )
