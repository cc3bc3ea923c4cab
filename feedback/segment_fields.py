"""What segments may ask of reviews. All of it is opinion."""

from django.utils.translation import gettext_lazy as _
from psycopg import sql

from crm import selectors
from crm.condition_fields import Asked, ConditionField, Kind, register
from crm.rules.segment_tree import Is
from crm.sql import conditions as shapes

SECTION = _("Reviews")
# The newest review of each customer that was not taken back.
_LATEST = sql.SQL(
    "SELECT DISTINCT ON (customer_id) customer_id AS id, stars, {day} AS day"
    " FROM feedback_review WHERE state <> 'withdrawn'"
    " ORDER BY customer_id, written_at DESC, id DESC"
)


def _of_latest(which: sql.Composable) -> sql.Composable:
    zone = selectors.business().zone_name
    latest = _LATEST.format(day=shapes.day_of(sql.SQL("written_at"), zone))
    found = sql.SQL("SELECT id FROM ({latest}) reviews WHERE {which}").format(
        latest=latest, which=which
    )
    return shapes.among(found, is_in=True)


def _stars(asked: Asked) -> sql.Composable:
    return _of_latest(shapes.compared(sql.SQL("stars"), asked))


def _written(asked: Asked) -> sql.Composable:
    if asked.condition.is_ in (Is.KNOWN, Is.UNKNOWN):
        wrote = sql.SQL(
            "SELECT customer_id AS id FROM feedback_review WHERE state <> 'withdrawn'"
        )
        return shapes.among(wrote, is_in=asked.condition.is_ is Is.KNOWN)
    return _of_latest(shapes.compared(sql.SQL("day"), asked))


register(
    ConditionField(
        name="review.stars",
        order=80,
        label=_("Stars of the last review"),
        section=SECTION,
        kind=Kind.NUMBER,
        where=_stars,
        is_opinion=True,
    ),
    ConditionField(
        name="review.written",
        order=81,
        label=_("Last review"),
        section=SECTION,
        kind=Kind.DAY,
        where=_written,
        is_opinion=True,
    ),
)
