"""When something is due, and how late it is, in the words of Today."""

from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.request_context import RequestContext
from crm.rules.lateness import lateness


def late_words(
    context: RequestContext, due_on: date, due_at: datetime | None = None
) -> str:
    """ "2 days late"; empty where it is not."""
    is_over = due_at <= context.now if due_at else due_on < context.today
    if not is_over:
        return ""
    late = lateness(due_on=due_on, due_at=due_at, now=context.now, today=context.today)
    if late.days:
        return ngettext("%(n)s day late", "%(n)s days late", late.days) % {
            "n": late.days
        }
    if late.hours:
        return _("%(n)s\N{NO-BREAK SPACE}h late") % {"n": late.hours}
    return _("%(n)s\N{NO-BREAK SPACE}min late") % {"n": late.minutes}


def due_words(
    context: RequestContext,
    due_on: date,
    due_at: datetime | None = None,
    late: str = "",
) -> str:
    """by 12:00, today, Wed 2 Dec; beside what `late_words` says: due Fri 27 Nov."""
    local = due_at.astimezone(context.zone) if due_at else None
    day = local.date() if local else due_on
    clock = local.strftime("%H:%M") if local else ""
    if day == context.today:
        words = clock or _("today")
        if late:
            return _("due %(when)s") % {"when": words}
        return _("by %(clock)s") % {"clock": clock} if clock else words
    words = date_format(day, "D j M" if day.year == context.today.year else "j M Y")
    return _("due %(when)s") % {"when": words} if late else words
