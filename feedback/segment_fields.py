"""What segments may ask of reviews. All of it is opinion."""

from django.utils.translation import gettext_lazy as _
from psycopg import sql

from crm import selectors
from crm.condition_fields import Asked, ConditionField, Kind, register
from crm.rules.segment_tree import Is
from crm.sql import conditions as shapes

SECTION = _("Reviews")
# Those that were not taken back.
_STANDING = sql.SQL("{row}.state <> 'withdrawn'")


def _of_latest(which: sql.Composable) -> sql.Composable:
    """Whether the newest review `r` meets this."""
    found = shapes.latest("feedback_review", _STANDING, "written_at", which)
    return shapes.among(found, is_in=True)


def _stars(asked: Asked) -> sql.Composable:
    return _of_latest(shapes.compared(sql.SQL("r.stars"), asked))


def _written(asked: Asked) -> sql.Composable:
    if asked.condition.is_ in (Is.KNOWN, Is.UNKNOWN):
        wrote = sql.SQL(
            "SELECT customer_id AS id FROM feedback_review WHERE state <> 'withdrawn'"
        )
        return shapes.among(wrote, is_in=asked.condition.is_ is Is.KNOWN)
    zone = selectors.business().zone_name
    day = shapes.day_of(sql.SQL("r.written_at"), zone)
    return _of_latest(shapes.compared(day, asked))


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
