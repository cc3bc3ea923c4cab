"""What figures were when they were first shown, and what came in since that changed
them: one part of every page with periods that are over."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg.sql import SQL

from crm.models import Customer, CustomerMerge, Order, SubscriptionChange
from insights.choices import Basis, Closed
from insights.figures import Unit, percent, written
from insights.metrics.measures import ENOUGH_FOR_A_SHARE
from insights.models import Published, Spend
from insights.selectors.closed import Figure
from insights.selectors.rows import rows_of
from web import formats

# As tuples: the pages ask for some hundreds of them, of which none has changed.
_PUBLISHED = SQL("""
SELECT id, count, base, figure, basis, unit, starts_on, part FROM insights_published
WHERE (figure, basis, unit) IN (
        SELECT * FROM unnest({}::text[], {}::text[], {}::text[])
    ) AND starts_on >= {} ORDER BY starts_on DESC, figure, part
""")
# Signals that come from what people write.
_OF_WORDS = frozenset({"reviews", "praise", "shown", "complaints"})
# So many are named, the newest first.
MOST = 5


@dataclass(frozen=True)
class Late:
    """Each figure that changed after it was first shown, as a sentence; why; and how
    many more there are."""

    lines: Sequence[str]
    reasons: Sequence[str]
    more: int


def changed(figures: Iterable[Figure]) -> Late | None:
    """Which of these say something else than they did; None where all are the same."""
    now = {one.key: one for one in figures}
    if not now:
        return None
    columns = sorted({key[:3] for key in now})
    published = rows_of(
        _PUBLISHED.format(
            *(list(each) for each in zip(*columns, strict=True)),
            min(key[3] for key in now),
        )
    )
    found = [
        (pk, one)
        for pk, count, base, *key in published
        if (one := now.get(tuple(key))) and (count, base) != (one.count, one.base)
    ]
    if not found:
        return None
    rows = Published.objects.in_bulk([pk for pk, _one in found[:MOST]])
    shown = [(rows[pk], one) for pk, one in found[:MOST] if pk in rows]
    return Late([line(*pair) for pair in shown], _reasons(shown), len(found) - MOST)


def line(row: Published, one: Figure) -> str:
    """By how much a figure changed."""
    return _("%(label)s: on %(day)s this was %(before)s; now it is %(now)s.") % {
        "label": one.label,
        "day": date_format(row.published_at, "j M Y"),
        "before": _said(one, row.count, row.base),
        "now": _said(one, one.count, one.base),
    }


def _said(one: Figure, count: Decimal, base: Decimal) -> str:
    """A value with what it comes from: 71 % (10 of 14)."""
    if one.figure in (Closed.GAINED, Closed.SOURCE):
        return formats.number(int(count))
    if one.figure is Closed.SCORE:
        score = _("too few to say")
        if base >= ENOUGH_FOR_A_SHARE:
            score = written(float(100 * count / base), Unit.POINTS)
        answers = ngettext("%(n)s answer", "%(n)s answers", int(base))
        return f"{score} ({answers % {'n': formats.number(int(base))}})"
    if one.figure is Closed.REVENUE:
        then, now = (
            written(float(amount), Unit.MONEY, one.currency) for amount in (base, count)
        )
        of = _("%(now)s of %(then)s") % {"now": now, "then": then}
        return f"{percent(float(count / base))} ({of})"
    if one.figure is Closed.COST:
        each = written(float(count / base), Unit.MONEY, one.currency)
        people = ngettext("for %(n)s customer", "for %(n)s customers", int(base))
        return f"{each} ({people % {'n': formats.number(int(base))}})"
    part, whole = int(base - count if one.lost else count), int(base)
    share = percent(part / whole) if whole >= ENOUGH_FOR_A_SHARE else ""
    of = _("%(n)s of %(all)s") % {
        "n": formats.number(part),
        "all": formats.number(whole),
    }
    return f"{share or _('too few to say')} ({of})"


def _reasons(shown: Sequence[tuple[Published, Figure]]) -> Sequence[str]:
    """What happened since the first of these was shown, of the time until the last of
    them was over."""
    since = min(row.published_at for row, _one in shown)
    ends_on = max(one.ends_on for _row, one in shown)
    rows = [row for row, _one in shown]
    said = [
        *_of_orders(rows, since, ends_on),
        *_of_contracts(rows, ends_on),
        *_of_spend(rows, since, ends_on),
        *_of_people(since),
    ]
    if any(row.figure == Closed.SCORE.value for row in rows):
        said.append(_("Answers of that time were changed, taken away or added since."))
    names = {row.part for row in rows if row.figure == Closed.SIGNAL.value}
    if names & _OF_WORDS:
        said.append(
            _(
                "Reviews and conversations of that time may have been changed, taken"
                " away or added since."
            )
        )
    return said or [_("What was recorded of that time was changed since.")]


def _of_orders(
    rows: Sequence[Published], since: datetime, ends_on: date
) -> Iterator[str]:
    if all(row.basis != Basis.ORDERS.value for row in rows):
        return
    last = min(row.last_order for row in rows)
    orders = Order.objects.filter(ordered_on__lt=ends_on)
    came = orders.filter(pk__gt=last).count()
    off = orders.filter(cancelled_at__gt=since, pk__lte=last).count()
    if came:
        yield ngettext(
            "%(n)s order of that time came in later.",
            "%(n)s orders of that time came in later.",
            came,
        ) % {"n": formats.number(came)}
    if off:
        yield ngettext(
            "%(n)s order of that time was cancelled later.",
            "%(n)s orders of that time were cancelled later.",
            off,
        ) % {"n": formats.number(off)}


def _of_contracts(rows: Sequence[Published], ends_on: date) -> Iterator[str]:
    if all(row.basis != Basis.CONTRACT.value for row in rows):
        return
    came = SubscriptionChange.objects.filter(
        pk__gt=min(row.last_change for row in rows), happened_on__lt=ends_on
    ).count()
    if came:
        yield ngettext(
            "%(n)s change of a contract of that time was recorded later.",
            "%(n)s changes of contracts of that time were recorded later.",
            came,
        ) % {"n": formats.number(came)}


def _of_spend(
    rows: Sequence[Published], since: datetime, ends_on: date
) -> Iterator[str]:
    costs = [row for row in rows if row.figure == Closed.COST.value]
    if not costs:
        return
    lines = Spend.objects.filter(
        noted_at__gt=since,
        month__gte=min(row.starts_on for row in costs),
        month__lt=ends_on,
    ).count()
    if lines:
        yield ngettext(
            "%(n)s line of what was spent was written later.",
            "%(n)s lines of what was spent were written later.",
            lines,
        ) % {"n": formats.number(lines)}


def _of_people(since: datetime) -> Iterator[str]:
    erased = Customer.objects.filter(erased_at__gt=since).count()
    merged = CustomerMerge.objects.filter(merged_at__gt=since).count()
    if erased:
        yield ngettext(
            "%(n)s person was erased.", "%(n)s people were erased.", erased
        ) % {"n": formats.number(erased)}
    if merged:
        yield ngettext(
            "%(n)s pair of records was merged.",
            "%(n)s pairs of records were merged.",
            merged,
        ) % {"n": formats.number(merged)}
