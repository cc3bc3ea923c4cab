"""What a figure was when it was first shown, and what came in since that changed it."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Customer, CustomerMerge, Order
from insights.figures import percent
from insights.metrics import retention as metrics
from insights.metrics.retention import Span
from insights.models import Published
from insights.selectors.retention import Row


def said_before(row: Row) -> str:
    """ "This was 71 % on 3 May. Since then ...": empty where nothing changed."""
    asked = row.asked
    if asked.by != "all" or not asked.period.unit:
        return ""
    kept = Published.objects.filter(
        basis=asked.basis.value,
        unit=asked.period.unit,
        starts_on=asked.period.starts_on,
    ).first()
    if kept is None or (kept.start, kept.kept) == (row.counts.start, row.counts.kept):
        return ""
    said = _("On %(day)s this was %(before)s (%(kept)s of %(start)s).") % {
        "day": date_format(kept.published_at, "j M Y"),
        "before": _rate(kept) or _("too few to say"),
        "kept": kept.kept,
        "start": kept.start,
    }
    return " ".join([said, *_reasons(kept, row)])


def _rate(kept: Published) -> str:
    found = metrics.retention(Span(kept.start, 0, 0, kept.kept)).value
    return "" if found is None else percent(found)


def _reasons(kept: Published, row: Row) -> list[str]:
    """What happened since, of the time before the period was over."""
    orders = Order.objects.filter(ordered_on__lt=row.asked.period.ends_on)
    since = kept.published_at
    came = orders.filter(pk__gt=kept.last_order).count()
    off = orders.filter(cancelled_at__gt=since, pk__lte=kept.last_order).count()
    erased = Customer.objects.filter(erased_at__gt=since).count()
    merged = CustomerMerge.objects.filter(merged_at__gt=since).count()
    found = [
        came
        and ngettext(
            "%(n)s order of that time came in later.",
            "%(n)s orders of that time came in later.",
            came,
        )
        % {"n": came},
        off
        and ngettext(
            "%(n)s order of that time was cancelled later.",
            "%(n)s orders of that time were cancelled later.",
            off,
        )
        % {"n": off},
        erased
        and ngettext("%(n)s person was erased.", "%(n)s people were erased.", erased)
        % {"n": erased},
        merged
        and ngettext(
            "%(n)s pair of records was merged.",
            "%(n)s pairs of records were merged.",
            merged,
        )
        % {"n": merged},
    ]
    words = [sentence for sentence in found if sentence]
    return words or [_("Orders of that time were changed since.")]
