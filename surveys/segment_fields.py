"""What segments may ask of answers to surveys. All of it is opinion."""

from django.utils.translation import gettext_lazy as _
from psycopg import sql

from crm import selectors
from crm.condition_fields import Asked, ConditionField, Kind, register
from crm.rules.segment_tree import Is
from crm.sql import conditions as shapes
from surveys.rules import SCORES, Band, classify

SECTION = _("Surveys")
# Of people whom we know.
_CONFIRMED = sql.SQL("{row}.state = 'confirmed' AND {row}.customer_id IS NOT NULL")
# What was answered in confidence selects nobody.
_NPS = sql.SQL(
    "{row}.state = 'confirmed' AND {row}.customer_id IS NOT NULL"
    " AND {row}.scale = 'nps' AND NOT {row}.is_confidential"
)
_ANSWERED = sql.SQL(
    "SELECT customer_id AS id FROM surveys_response WHERE state = 'confirmed'"
    " AND customer_id IS NOT NULL"
)


def _latest(which: sql.Composable, among: sql.SQL = _CONFIRMED) -> sql.Composable:
    """Whose newest confirmed answer `r` meets this."""
    return shapes.latest("surveys_response", among, "confirmed_at", which)


def _answered(asked: Asked) -> sql.Composable:
    if asked.condition.is_ in (Is.KNOWN, Is.UNKNOWN):
        return shapes.among(_ANSWERED, is_in=asked.condition.is_ is Is.KNOWN)
    zone = selectors.business().zone_name
    day = shapes.day_of(sql.SQL("r.confirmed_at"), zone)
    return shapes.among(_latest(shapes.compared(day, asked)), is_in=True)


def _score(asked: Asked) -> sql.Composable:
    which = shapes.compared(sql.SQL("r.score"), asked)
    return shapes.among(_latest(which, _NPS), is_in=True)


def _band(asked: Asked) -> sql.Composable:
    """Anyone who never answered is in no band."""
    scores = [one for one in SCORES if classify(one) in asked.condition.values]
    which = sql.SQL("r.score = ANY({})").format(sql.Literal(scores))
    return shapes.among(_latest(which, _NPS), is_in=asked.condition.is_ is Is.ANY_OF)


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
