"""How the customer list is narrowed to people that somebody picked out, for a moment:
none of this can be stored as an audience."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg import sql

from crm import segment_people
from crm.models import SegmentSnapshot
from crm.segments import SegmentField
from crm.sql.conditions import among
from web.rules.numbers import whole_number

# Rows that a page can tick.
MOST_TICKED = 100


def ticked(ids: list[str]) -> str:
    """The value of `ids` for what was ticked; "" where nothing was."""
    return _read_ids(",".join(ids))


def _ids(text: str) -> list[int]:
    found = [whole_number(one) for one in text.split(",")[:MOST_TICKED]]
    return sorted({one for one in found if one is not None})


def _read_ids(text: str) -> str:
    return ",".join(map(str, _ids(text)))


def _is_one_of(text: str, today: date) -> sql.Composable:
    return sql.SQL("c.id = ANY({})").format(sql.Literal(_ids(text)))


def _ids_words(text: str) -> str:
    count = len(_ids(text))
    words = ngettext("%(count)d that was ticked", "%(count)d that were ticked", count)
    return words % {"count": count}


def _read_run(text: str) -> str:
    return text if whole_number(text) is not None else ""


def _is_in_run(text: str, today: date) -> sql.Composable:
    rows = sql.SQL(
        "SELECT customer_id AS id FROM crm_bulkrow WHERE run_id = {} AND is_changed"
    )
    return among(rows.format(sql.Literal(whole_number(text))), is_in=True)


# --- Snapshots -----------------------------------------------------------------------


def _snapshot(text: str) -> tuple[str, SegmentSnapshot | None]:
    """What is asked of it ("came", "left", or "" for who was in it), and the row."""
    asked, _dash, number = text.rpartition("-")
    pk = whole_number(number)
    if asked not in ("", "came", "left") or pk is None:
        return "", None
    rows = SegmentSnapshot.objects.select_related("segment")
    return asked, rows.filter(pk=pk).first()


def _in_snapshot(text: str, today: date) -> sql.Composable:
    asked, row = _snapshot(text)
    if row is None:
        return sql.SQL("false")
    kept = sql.SQL(
        "SELECT customer_id AS id FROM crm_snapshotmember WHERE snapshot_id = {}"
    ).format(sql.Literal(row.pk))
    was_in = among(kept, is_in=asked != "came")
    if not asked:
        return was_in
    now = segment_people.compiled(row.segment, today=today)
    return sql.SQL("{was} AND {now}").format(
        was=was_in, now=among(now, is_in=asked == "came")
    )


def _snapshot_words(text: str) -> str:
    asked, row = _snapshot(text)
    if row is None:
        return _("in no snapshot")
    words = {
        "": _("in “%(segment)s” on %(day)s"),
        "came": _("in “%(segment)s” now, and not on %(day)s"),
        "left": _("in “%(segment)s” on %(day)s, and not now"),
    }[asked]
    return words % {"segment": row.segment, "day": date_format(row.day, "DATE_FORMAT")}


def _refuse(text: str) -> str:
    return "unknown_filter" if text else ""


FIELDS = (
    SegmentField(
        name="ids",
        order=90,
        read=_read_ids,
        condition=_is_one_of,
        refuse=_refuse,
        words=_ids_words,
    ),
    SegmentField(
        name="bulk",
        order=91,
        read=_read_run,
        condition=_is_in_run,
        refuse=_refuse,
        words=lambda text: _("changed at once, no. %(number)s") % {"number": text},
    ),
    SegmentField(
        name="snapshot",
        order=92,
        read=lambda text: text if text.rpartition("-")[2].isdecimal() else "",
        condition=_in_snapshot,
        refuse=_refuse,
        words=_snapshot_words,
    ),
)
