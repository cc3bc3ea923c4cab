"""The people behind a figure, a page at a time, and figures of an audience."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from psycopg.sql import SQL, Composed, Identifier

from messaging.sql.reach import inside

# Of each day those with the same outcome together: both tables are read in the order of
# an index, and no further than the page.
_PAGE = SQL("""
WITH mail AS NOT MATERIALIZED (
    SELECT {by} AS on_day, alike, array_agg(id ORDER BY id) AS ids
    FROM messaging_forecastmail
    WHERE forecast_id = %(forecast)s AND automation_id = %(automation)s
      AND decision = %(decision)s
      AND (%(day)s::date IS NULL OR {by} = %(day)s)
      AND (%(code)s = '' OR reason_code = %(code)s)
      AND (NOT %(late)s OR day <> %(day)s)
      AND (%(after)s::date IS NULL OR ({by}, alike) >= (%(after)s, %(alike)s))
    GROUP BY {by}, alike
)
SELECT mail.on_day, mail.alike, person.customer_id, mail.ids
FROM mail CROSS JOIN LATERAL (
    SELECT customer_id FROM messaging_forecastperson
    WHERE forecast_id = %(forecast)s AND alike = mail.alike
      AND customer_id > CASE WHEN mail.on_day = %(after)s AND alike = %(alike)s
                             THEN %(customer)s ELSE 0 END
    ORDER BY customer_id LIMIT %(size)s
) person
ORDER BY mail.on_day, mail.alike, person.customer_id
LIMIT %(size)s
""")

_WITHIN = SQL("""
SELECT mail.automation_id, count(*)
FROM messaging_forecastmail mail
JOIN messaging_forecastperson person
    ON person.forecast_id = mail.forecast_id AND person.alike = mail.alike
WHERE mail.forecast_id = %(forecast)s AND mail.automation_id = ANY(%(automations)s)
  AND mail.day BETWEEN %(first)s AND %(last)s AND {audience}
GROUP BY mail.automation_id
""")


@dataclass(frozen=True)
class Place:
    """Somebody in the list, on a day."""

    on: date
    alike: int
    customer: int


@dataclass(frozen=True)
class Asked:
    """See `forecast_people.Figure`. `after`: whoever ended the page before."""

    forecast: int
    automation: int
    decision: str
    day: date | None
    late: bool
    code: str
    after: Place | None
    size: int


def page(asked: Asked) -> list[tuple[Place, list[int]]]:
    """Places in their order, and the ids of the mails to each."""
    after = asked.after
    values: dict[str, Any] = {
        **vars(asked),
        "after": after and after.on,
        "alike": after.alike if after else 0,
        "customer": after.customer if after else 0,
    }
    by = Identifier("goes_on" if asked.late else "day")
    with connection.cursor() as cursor:
        cursor.execute(_PAGE.format(by=by), values)
        return [(Place(*place), ids) for *place, ids in cursor.fetchall()]


def mails_within(
    audience: Composed,
    *,
    forecast: int,
    automations: Sequence[int],
    first: date,
    last: date,
) -> dict[int, int]:
    """How many mails of these automations are due on these days to people of an
    audience; none: the automation is left out."""
    statement = _WITHIN.format(audience=inside(audience, SQL("person.customer_id")))
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "forecast": forecast,
                "automations": list(automations),
                "first": first,
                "last": last,
            },
        )
        return dict(cursor.fetchall())
