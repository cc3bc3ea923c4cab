"""Whether all that must work does, in one line and in detail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from crm.page_parts import Status, StatusSource, parts_for
from crm.request_context import RequestContext
from web.spans import span


@dataclass(frozen=True)
class Health:
    """The line of Today about whether all works."""

    line: str
    is_well: bool


def statuses(context: RequestContext, *, on_today: bool = False) -> list[Status]:
    """How each part stands; with `on_today` those alone that count in the line."""
    return [
        status
        for source in parts_for(StatusSource, context)
        if source.is_on_today or not on_today
        for status in source.read(context)
    ]


def health(context: RequestContext) -> Health:
    """The line of Today: what does not work, or that all does and since when it is
    known."""
    found = statuses(context, on_today=True)
    ill = [status for status in found if not status.is_well]
    if not ill:
        return Health(_well(found, context.now), True)
    words = [f"{status.label}: {_lower(status.text)}" for status in ill]
    return Health("; ".join(words) + ".", False)


def _well(found: Sequence[Status], now: datetime) -> str:
    sentences = [status.instead for status in found if status.instead]
    first, *others = [status.label for status in found if not status.instead] or [""]
    if first:
        names = get_text_list([first, *map(_lower, others)], _("and"))
        sentences.append(_("%(parts)s are working.") % {"parts": names})
    if seen := [status.seen_at for status in found if status.seen_at]:
        ago = span(now - min(seen))
        sentences.append(_("Checked %(span)s ago.") % {"span": ago})
    return " ".join(sentences)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
