"""Mails about which everything hangs on their day and on the person: counted into the
number of each (forecast_everybody.py), and written down for those alone who are looked
at.

When such a mail goes follows from its day, the zone and the country, and so do the
steps behind it; whether it is refused from what is known of the person. So people of
one zone and country who have these mails on the same days fare alike. Where only the
first of several mails counts, all of them do here: the first of the same is the same.

`forecast_due`, a table of the transaction, has a row for each.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, LiteralString

from django.db import connection
from psycopg.sql import SQL, Composable

from crm.sql import staging
from messaging.kinds import Due
from messaging.sql.due import named
from messaging.sql.forecast_everybody import run

TABLE = staging.temporary("forecast_due", "customer_id bigint, fact bigint")
EMPTY: LiteralString = "TRUNCATE pg_temp.forecast_due"
# Nothing for whom there is a message already. What went this morning is among them: it
# did so for everybody of the zone.
_COUNT = SQL("""
INSERT INTO forecast_due
SELECT due.customer_id,
    hash_record_extended(ROW(%(automation)s::bigint, due.due_on), 0)
FROM ({due}) due (customer_id, occurrence, due_on, why)
WHERE due.due_on BETWEEN %(first_on)s AND %(last_on)s {reached}{begins}
  AND NOT EXISTS (
    SELECT FROM messaging_message message
    WHERE message.kind = %(kind)s AND message.customer_id = due.customer_id
      AND message.occurrence = %(prefix)s || due.occurrence::text
      AND NOT (message.state = 'superseded'))
""")
_APART = SQL("""
INSERT INTO forecast_fact (customer_id, fact)
SELECT customer_id, hash_record_extended(ROW(%(automations)s::bigint[], fact), 6)
FROM ({apart}) apart (customer_id, fact)
""")


def count(
    due: Composable,
    *,
    reached: Composable,
    begins: Composable,
    first_on: date,
    last_on: date,
    params: Mapping[str, Any],
) -> None:
    """Count the mails of one automation. `reached`: `AND ...` on `due.customer_id`;
    `begins`: the same on `due`, of who may begin with it; `params`: its `automation`,
    `kind` and the `prefix` of its occurrences, and what `due` and `begins` ask for."""
    run(
        _COUNT.format(due=due, reached=reached, begins=begins),
        values={**params, "first_on": first_on, "last_on": last_on},
    )


def tell_apart(automations: Sequence[int], apart: Due) -> None:
    """Note what refusals of these hang on: rows of (customer_id, a text)."""
    asked = named(apart.sql, apart.params)
    run(
        _APART.format(apart=SQL(asked.sql)),
        values={**asked.params, "automations": list(automations)},
    )


def last_mail() -> int:
    """The highest id that is written down so far; -1: there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), -1) FROM forecast_mail")
        return int(cursor.fetchone()[0])
