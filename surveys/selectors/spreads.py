"""What the doubt of a movement is reckoned from: counted on the spot where that is
quick, else as it was kept within the last hour."""

from collections.abc import Mapping

from django.db import connection
from psycopg.sql import SQL

from surveys.choices import CountedBy
from surveys.rules import PersonSums
from surveys.rules.spans import ONE_DAY, Days
from surveys.selectors.counts import Reader, moments_of
from surveys.selectors.rows import rows_of
from surveys.sql import trend as sql

# Of more answers in both spans than the first a page reads what the task has kept; of
# more than the second it waits for no scan of them, also where nothing is kept yet.
MOST_AT_ONCE, NEVER_AT_ONCE = 1_500, 5_000
_KEPT = SQL(
    "SELECT value, sums, first, middle, last FROM surveys_spread"
    " WHERE survey_id = {} AND scale = {} AND by = {}"
)


def sums(
    reader: Reader, by: CountedBy, before: Days, after: Days, *, answers: int
) -> Mapping[str, PersonSums]:
    """By value of the group. Nothing of very many that were not reckoned yet."""
    if reader.has_cells and answers > MOST_AT_ONCE:
        found = kept(reader, by, before, after)
        if found or answers > NEVER_AT_ONCE:
            return found
    return counted(reader, by, before, after)


def counted(
    reader: Reader, by: CountedBy, before: Days, after: Days
) -> Mapping[str, PersonSums]:
    """One scan of all answers of both spans, the earlier one first."""
    query = sql.products_of_people(
        reader.survey_id,
        reader.scored,
        by,
        moments_of(*before, reader.zone),
        moments_of(*after, reader.zone),
        reader.who,
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {value: PersonSums(*found) for value, *found in cursor.fetchall()}


def kept(
    reader: Reader, by: CountedBy, before: Days, after: Days
) -> Mapping[str, PersonSums]:
    """As the task counted it last, of spans that are neighbours. All that is kept of
    everybody is read at once: a page asks for two or three."""
    if before[1] + ONE_DAY != after[0]:
        return {}
    rows = reader.spreads.get(by.value)
    if not rows:
        rows = rows_of(_KEPT.format(reader.survey_id, reader.scored.value, by.value))
        reader.spreads[by.value] = rows
    asked = [before[0], after[0], after[1]]
    return {value: PersonSums(*found) for value, found, *days in rows if days == asked}
