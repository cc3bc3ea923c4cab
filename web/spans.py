"""How long ago, how long, since when: short words for lists and cells."""

from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def ago(day: date, today: date) -> str:
    """today, yesterday, 12 days ago, 2 months ago; a day to come as 3 Dec."""
    days = (today - day).days
    if days <= 0:
        return _("today") if days == 0 else date_format(day, "j M")
    if days == 1:
        return _("yesterday")
    if days < 60:
        return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}
    if days < 730:
        months = days * 12 // 365
        return ngettext("%(n)s month ago", "%(n)s months ago", months) % {"n": months}
    years = days * 4 // 1461
    return ngettext("%(n)s year ago", "%(n)s years ago", years) % {"n": years}


def span(length: timedelta) -> str:
    """40 s, 3 min, 5 h, 2 days: short, with a space that does not break."""
    seconds = max(int(length.total_seconds()), 0)
    if seconds < 60:
        return _("%(n)s\N{NO-BREAK SPACE}s") % {"n": seconds}
    if seconds < 3600:
        return _("%(n)s\N{NO-BREAK SPACE}min") % {"n": seconds // 60}
    if seconds < 2 * 86400:
        return _("%(n)s\N{NO-BREAK SPACE}h") % {"n": seconds // 3600}
    days = seconds // 86400
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def since(moment: datetime | None, now: datetime) -> str:
    """since 12:30, since Wed 4 Nov: by the clock of `now`; empty for None."""
    if moment is None:
        return ""
    local = moment.astimezone(now.tzinfo)
    if local.date() == now.date():
        return _("since %(when)s") % {"when": local.strftime("%H:%M")}
    return _("since %(when)s") % {"when": date_format(local, "D j M")}
