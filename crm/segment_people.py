"""Who is in a segment: its conditions as SQL, as a sentence, and what they lean on.

`compiled` is the one place that turns conditions into SQL. Nobody keeps a list of
people: whoever writes to a segment asks that SQL again.
"""

from collections.abc import Iterator
from datetime import date

from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from crm import condition_fields, segment_words
from crm.condition_fields import Asked
from crm.errors import SegmentsInACircle
from crm.models import Customer, Segment
from crm.rules import segment_tree
from crm.rules.segment_tree import Condition, Group, Match
from crm.sql import conditions as shapes
from crm.sql.customer_filters import LIVE
from web.composed_sql import subquery

# The field that names other segments.
IN_SEGMENT = "segment"
# Segments in segments in segments; more is a circle that was not noticed.
MOST_LEVELS = 8


def tree(segment: Segment) -> Group:
    """The conditions of a segment. Raises InvalidValue for what cannot be read."""
    return segment_tree.read(segment.conditions)


def compiled(segment: Segment, *, today: date) -> sql.Composed:
    """A SELECT of the ids of live customers in it, each once."""
    return select_of(tree(segment), today=today)


def select_of(group: Group, *, today: date) -> sql.Composed:
    """A SELECT of the ids of live customers who meet the conditions, each once."""
    return sql.SQL("SELECT c.id FROM crm_customer c WHERE {live} AND {where}").format(
        live=LIVE, where=where(group, today=today)
    )


def count(segment: Segment, *, today: date) -> int:
    """How many people are in it."""
    return _count(compiled(segment, today=today))


def count_of(group: Group, *, today: date) -> int:
    """How many people meet the conditions."""
    return _count(select_of(group, today=today))


def some(group: Group, *, today: date, most: int) -> list[int]:
    """The ids of a few who meet the conditions, the first by name."""
    query = sql.SQL(
        "SELECT c.id FROM crm_customer c WHERE {live} AND {where}"
        " ORDER BY c.sort_name, c.id LIMIT {most}"
    ).format(live=LIVE, where=where(group, today=today), most=sql.Literal(most))
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]


def _count(people: sql.Composed) -> int:
    counted = sql.SQL("SELECT count(*) FROM ({people}) people").format(people=people)
    with connection.cursor() as cursor:
        cursor.execute(counted)
        return int(cursor.fetchone()[0])


def external_ids(segment: Segment, *, today: date) -> Iterator[str]:
    """The numbers of its people, in order; read in parts, however many they are."""
    people = compiled(segment, today=today)
    rows = Customer.objects.filter(pk__in=subquery(people))
    yield from (
        rows.order_by("external_id", "source")
        .values_list("external_id", flat=True)
        .iterator()
    )


def where(group: Group, *, today: date, level: int = 0) -> sql.Composable:
    """The conditions as SQL about the customer `c`."""
    if level > MOST_LEVELS:
        raise SegmentsInACircle
    parts = [_part(part, today=today, level=level) for part in group.parts]
    if group.match is Match.ALL:
        return shapes.all_of(parts)
    return shapes.any_of(parts, is_in=group.match is Match.ANY)


def _part(part: Group | Condition, *, today: date, level: int) -> sql.Composable:
    if isinstance(part, Group):
        return where(part, today=today, level=level)
    if part.field == IN_SEGMENT:
        return _in_segments(part, today=today, level=level + 1)
    field = condition_fields.get(part.field)
    if field is None:
        # Of an app that was removed: it selects no one rather than everybody.
        return sql.SQL("false")
    return field.where(Asked(part, today))


def _in_segments(part: Condition, *, today: date, level: int) -> sql.Composable:
    rows = Segment.objects.filter(pk__in=[int(value) for value in part.values])
    inside = [where(tree(row), today=today, level=level) for row in rows.order_by("pk")]
    is_in = part.is_ is segment_tree.Is.ANY_OF
    return shapes.any_of(inside or [sql.SQL("false")], is_in=is_in)


def segments_in(group: Group) -> set[int]:
    """The ids of the segments that the conditions themselves name."""
    return {
        int(value)
        for condition in group.conditions()
        if condition.field == IN_SEGMENT
        for value in condition.values
    }


def leans_on(group: Group) -> dict[int, Segment]:
    """Every segment that the conditions name, and those that these name."""
    found: dict[int, Segment] = {}
    wanted = segments_in(group)
    while wanted:
        rows = Segment.objects.in_bulk(list(wanted))
        found |= rows
        inner = {pk for row in rows.values() for pk in segments_in(tree(row))}
        wanted = inner - found.keys()
    return found


def leaning_on(segment_id: int) -> dict[int, Segment]:
    """Every segment that names this one, and those that name these."""
    names = {row: segments_in(tree(row)) for row in Segment.objects.all()}
    found: dict[int, Segment] = {}
    wanted = {segment_id}
    while wanted:
        above = [
            row
            for row, inner in names.items()
            if inner & wanted and row.pk not in found
        ]
        found |= {row.pk: row for row in above}
        wanted = {row.pk for row in above}
    return found


def is_by_opinion(group: Group) -> bool:
    """Whether somebody is in or out for what they think of us, also through a segment
    that the conditions name."""
    groups = [group, *(tree(row) for row in leans_on(group).values())]
    return any(_is_opinion(one) for each in groups for one in each.conditions())


def _is_opinion(condition: Condition) -> bool:
    field = condition_fields.get(condition.field)
    return field is not None and field.is_opinion


# --- In words ------------------------------------------------------------------------


def in_words(group: Group) -> str:
    """What the conditions mean, in the reader's language, without a full stop."""
    return _joined(group, list(_words(group)))


def _words(group: Group) -> Iterator[str]:
    for part in group.parts:
        if isinstance(part, Group):
            inner = _joined(part, list(_words(part)))
            yield f"({inner})" if len(part.parts) > 1 else inner
        else:
            yield segment_words.sentence(part)


def _joined(group: Group, words: list[str]) -> str:
    if group.match is Match.ALL:
        return _(" and ").join(words)
    joined = _(" or ").join(words)
    if group.match is Match.ANY:
        return joined
    return _("not: %(conditions)s") % {"conditions": joined}
