"""The cell of the customer page that shows which mail goes next, or what holds it.

Mails are planned a day and a half ahead; what is foreseen behind that is what "Coming
in 60 days" shows beside it.
"""

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Customer
from crm.page_parts import Cell, GlanceCell
from crm.request_context import RequestContext
from crm.rules.dates import local_day
from messaging.desk.coming import ahead as coming
from messaging.models import Message
from messaging.rules.choices import State
from messaging.rules.outlook import Outlook
from messaging.selectors import outbox
from messaging.selectors.outlooks import outlooks, pause_words
from messaging.services import pauses

MOST_PLANNED = 20


def _next_mail(context: RequestContext, customer: Customer) -> Cell:
    """The first mail that goes as things stand, planned or foreseen; else the first
    that waits or lapses."""
    planned = list(
        Message.objects.filter(customer=customer, state=State.PLANNED.value)
        .select_related("customer")
        .order_by("not_before", "id")[:MOST_PLANNED]
    )
    ahead = outlooks(planned, now=context.now)
    foreseen = context.once(coming, customer, now=context.now, zone=context.zone)
    days = [(one.goes_on, one) for one in foreseen if one.goes_on]
    first = min(days, key=lambda pair: pair[0], default=None)
    going = [(at, row) for row in planned if (at := ahead[row.pk].goes_at)]
    if going:
        moment, row = min(going, key=lambda pair: (pair[0], pair[1].pk))
        day = local_day(moment, context.zone)
        # The contact limit may let it wait for weeks, and another goes meanwhile.
        if first is None or day <= first[0]:
            return Cell(date_format(day, "j M"), _mail_words(row, ahead[row.pk]))
    if first:
        return Cell(date_format(first[0], "j M"), first[1].automation.name)
    if planned:
        row = planned[0]
        return Cell(_("None"), _mail_words(row, ahead[row.pk]))
    if foreseen:
        return Cell(_("None"), f"{foreseen[0].automation.name}: {foreseen[0].words}")
    return Cell(_("None"), _standing(context, customer))


def _mail_words(row: Message, outlook: Outlook) -> str:
    kind, why = str(outbox.kind_label(row.kind)), str(outbox.reason_of(row, outlook))
    return f"{kind}: {why}" if why else kind


def _standing(context: RequestContext, customer: Customer) -> str:
    """What would hold a mail that is planned now."""
    standing = context.once(pauses.standing_holds, customer, now=context.now)
    pause = pauses.pause_among(standing)
    if pause is not None:
        return pause_words(pause.reason, pause.until)
    return _("on hold") if standing else ""


PARTS = (
    GlanceCell(
        name="next_mail",
        order=50,
        label=gettext_lazy("Next contact"),
        read=_next_mail,
    ),
)
