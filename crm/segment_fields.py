"""How crm narrows a list of customers: by owner, and by what we owe them."""

from django.utils.translation import gettext as _
from psycopg import sql

from crm.models import User
from crm.segments import SegmentField, register
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


def _owned_by(owner: str) -> sql.Composable:
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


register(
    SegmentField(
        name="owner",
        order=1,
        read=_read_owner,
        condition=_owned_by,
        refuse=_refuse_owner,
        words=_owner_words,
        is_subject=True,
    ),
    SegmentField(
        name="open",
        order=2,
        read=lambda text: OPEN if text == OPEN else "",
        condition=lambda value: _OWED,
        refuse=lambda text: "" if text in ("", OPEN) else "unknown_filter",
        words=lambda value: _("with an open follow-up"),
    ),
)
