"""Campaigns in sentences for staff."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loyalty.selectors.campaigns import Progress
from web import formats


def progress(found: Progress) -> str:
    """ "1,200 of 5,000 left, 300 wait, 40 not sent." """
    parts = [
        ngettext(
            "%(left)s of %(total)s mail left",
            "%(left)s of %(total)s mails left",
            found.total,
        )
        % {"left": formats.number(found.left), "total": formats.number(found.total)}
    ]
    for count, text in (
        (found.waiting, _("%(n)s wait")),
        (found.held_out, _("%(n)s held out by lot")),
        (found.not_sent, _("%(n)s not sent")),
        (found.stopped, _("%(n)s taken back")),
    ):
        if count:
            parts.append(text % {"n": formats.number(count)})
    return ", ".join(parts) + "."


def facts(found: Progress) -> list[tuple[str, str]]:
    """Each count with its name, those that are none left out; reasons by themselves."""
    rows = [
        (_("Left"), found.left),
        (_("Wait"), found.waiting),
        (_("Held out by lot"), found.held_out),
        (_("Taken back when it was stopped"), found.stopped),
        *((_("Not sent: %(reason)s") % {"reason": why}, n) for why, n in found.reasons),
    ]
    return [(label, formats.number(count)) for label, count in rows if count]
