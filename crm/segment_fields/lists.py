"""How the customer list is narrowed: by owner, by segment, and by what we owe."""

from datetime import date

from django.utils.translation import gettext as _
from psycopg import sql

from crm import segment_people
from crm.models import Segment, User
from crm.segments import SegmentField
from crm.sql.conditions import among
from web.rules.numbers import whole_number

NOBODY = "none"
OPEN = "1"
_OWED = sql.SQL(
    "c.id IN (SELECT customer_id FROM crm_followup WHERE state IN ('open', 'taken'))"
)


def owner_name(owner: str) -> str:
    """What a colleague is called whose id stands in a query string."""
    pk = whole_number(owner)
    user = User.objects.filter(pk=pk).first() if pk else None
    return str(user or owner)


def _read_owner(text: str) -> str:
    return text if text == NOBODY or whole_number(text) is not None else ""


def _owned_by(owner: str, today: date) -> sql.Composable:
    # Searches carry this one column besides the id.
    if owner == NOBODY:
        return sql.SQL("c.owner_id IS NULL")
    return sql.SQL("c.owner_id = {}").format(sql.Literal(whole_number(owner)))


def _refuse_owner(text: str) -> str:
    pk = whole_number(text)
    is_known = text in ("", NOBODY) or (pk and User.objects.filter(pk=pk).exists())
    return "" if is_known else "unknown_owner"


def _owner_words(owner: str) -> str:
    if owner == NOBODY:
        return _("Nobody’s customers")
    return _("Customers of %(name)s") % {"name": owner_name(owner)}


def _segment(text: str) -> Segment | None:
    pk = whole_number(text)
    return Segment.objects.filter(pk=pk).first() if pk else None


def _in_segment(text: str, today: date) -> sql.Composable:
    segment = _segment(text)
    if segment is None:
        return sql.SQL("false")
    return among(segment_people.compiled(segment, today=today), is_in=True)


def _outside_segment(text: str, today: date) -> sql.Composable:
    segment = _segment(text)
    # Whom a segment that is gone would have left out is not known: no one is named.
    if segment is None:
        return sql.SQL("false")
    return among(segment_people.compiled(segment, today=today), is_in=False)


def _is_opinion(text: str) -> bool:
    segment = _segment(text)
    return bool(segment and segment_people.is_by_opinion(segment_people.tree(segment)))


def _segment_words(text: str) -> str:
    return _("in “%(segment)s”") % {"segment": _segment(text) or text}


def _outside_words(text: str) -> str:
    return _("not in “%(segment)s”") % {"segment": _segment(text) or text}


def _one_of(field: str, value: str) -> dict[str, object]:
    return {"field": field, "is": "any_of", "values": [value]}


FIELDS = (
    SegmentField(
        name="owner",
        order=1,
        read=_read_owner,
        condition=_owned_by,
        refuse=_refuse_owner,
        words=_owner_words,
        is_subject=True,
        as_condition=lambda owner: _one_of("owner", owner),
    ),
    SegmentField(
        name="open",
        order=2,
        read=lambda text: OPEN if text == OPEN else "",
        condition=lambda value, today: _OWED,
        refuse=lambda text: "" if text in ("", OPEN) else "unknown_filter",
        words=lambda value: _("with an open follow-up"),
        as_condition=lambda value: {"field": "follow_up.open", "is": "yes"},
    ),
    SegmentField(
        name="segment",
        order=3,
        read=lambda text: text if whole_number(text) is not None else "",
        condition=_in_segment,
        refuse=lambda text: "" if not text or _segment(text) else "unknown_segment",
        words=_segment_words,
        is_opinion=_is_opinion,
        as_condition=lambda pk: _one_of("segment", pk),
    ),
    SegmentField(
        name="outside",
        order=3,
        read=lambda text: text if whole_number(text) is not None else "",
        condition=_outside_segment,
        refuse=lambda text: "" if not text or _segment(text) else "unknown_segment",
        words=_outside_words,
        is_opinion=_is_opinion,
        as_condition=lambda pk: {"field": "segment", "is": "none_of", "values": [pk]},
    ),
)
