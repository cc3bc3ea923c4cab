"""What segments may ask of answers to surveys. All of it is opinion."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _
from psycopg import sql

from crm import selectors
from crm.condition_fields import Asked, ConditionField, Kind, register
from crm.rules.segment_tree import Is
from crm.sql import conditions as shapes
from surveys.rules import SCORES, Band, classify

SECTION = _("Surveys")
# The newest confirmed answer of each customer.
_LATEST = sql.SQL(
    "SELECT DISTINCT ON (customer_id) customer_id AS id, score, {day} AS day"
    " FROM surveys_response WHERE state = 'confirmed'"
    " ORDER BY customer_id, confirmed_at DESC, id DESC"
)
_ANSWERED = sql.SQL(
    "SELECT customer_id AS id FROM surveys_response WHERE state = 'confirmed'"
)


def _latest(which: Callable[[Asked], sql.Composable], asked: Asked) -> sql.Composable:
    zone = selectors.business().zone_name
    latest = _LATEST.format(day=shapes.day_of(sql.SQL("confirmed_at"), zone))
    return sql.SQL("SELECT id FROM ({latest}) answers WHERE {which}").format(
        latest=latest, which=which(asked)
    )


def _answered(asked: Asked) -> sql.Composable:
    if asked.condition.is_ in (Is.KNOWN, Is.UNKNOWN):
        return shapes.among(_ANSWERED, is_in=asked.condition.is_ is Is.KNOWN)
    found = _latest(lambda a: shapes.compared(sql.SQL("day"), a), asked)
    return shapes.among(found, is_in=True)


def _score(asked: Asked) -> sql.Composable:
    found = _latest(lambda a: shapes.compared(sql.SQL("score"), a), asked)
    return shapes.among(found, is_in=True)


def _band(asked: Asked) -> sql.Composable:
    """Whoever never answered is in no band."""
    scores = [one for one in SCORES if classify(one) in asked.condition.values]
    found = _latest(
        lambda a: sql.SQL("score = ANY({})").format(sql.Literal(scores)), asked
    )
    return shapes.among(found, is_in=asked.condition.is_ is Is.ANY_OF)


register(
    ConditionField(
        name="survey.band",
        order=70,
        label=_("Last NPS answer"),
        section=SECTION,
        kind=Kind.CHOICE,
        where=_band,
        choices=lambda: {
            Band.PROMOTER.value: str(_("promoter (9 or 10)")),
            Band.PASSIVE.value: str(_("passive (7 or 8)")),
            Band.DETRACTOR.value: str(_("detractor (0 to 6)")),
        },
        is_opinion=True,
    ),
    ConditionField(
        name="survey.score",
        order=71,
        label=_("Last NPS score"),
        section=SECTION,
        kind=Kind.NUMBER,
        where=_score,
        is_opinion=True,
    ),
    ConditionField(
        name="survey.answered",
        order=72,
        label=_("Last answer to a survey"),
        section=SECTION,
        kind=Kind.DAY,
        where=_answered,
        is_opinion=True,
    ),
)
