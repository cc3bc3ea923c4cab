"""The customer page: who they are, how it stands, what they allow, what they bought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import selectors
from crm.access import Capability
from crm.forms import Fact, facts
from crm.models import Customer, FollowUp, Interaction
from crm.request_context import RequestContext
from crm.rules.choices import Channel, FollowUpState
from crm.rules.dates import city, local_day, zone_of
from crm.sql import purchases
from crm.sql.purchases import Worth
from desk.rules import hours_ahead
from desk.selectors import tasks
from desk.selectors.consents import Allowed, Barred, allowed, barred
from desk.selectors.purchase_habits import UsualSection, usual_section
from desk.selectors.tasks import Task
from messaging.models import Hold, Message
from messaging.rules.choices import State
from messaging.rules.outlook import Outlook
from messaging.selectors import outbox
from messaging.selectors.outlooks import outlooks, pause_words
from messaging.services import holds, pauses, suppression
from surveys.models import Response

MOST_OPEN = 20
MOST_PLANNED = 20


@dataclass(frozen=True)
class Cell:
    """One cell of the strip: what, the figure, and a line that explains it."""

    label: str
    value: str
    detail: str = ""
    bad: str = ""


@dataclass(frozen=True)
class CustomerPage:
    customer: Customer
    initials: str
    about: list[str]
    glance: list[Cell]
    follow_ups: list[Task]
    facts: list[Fact]
    allowed: list[Allowed]
    # Other records with the same address.
    sharing: list[Customer]
    # Why nothing goes to the address any more; empty: it does.
    barred: list[Barred]
    # Who chose the pause that stands, and until when; empty: none.
    pause: str
    worth: list[Worth]
    usual: UsualSection
    can_withdraw: bool


def customer_page(reader: RequestContext, customer: Customer) -> CustomerPage:
    owed = _owed(customer)
    pause = pauses.standing_pause(customer, now=reader.now)
    worth = purchases.worth(customer.pk)
    usual = usual_section(customer.pk, today=reader.today)
    return CustomerPage(
        customer=customer,
        initials=initials(customer),
        about=_about(reader, customer),
        glance=glance(reader, customer, owed, worth, usual, pause),
        follow_ups=tasks.of_follow_ups(reader, owed),
        facts=facts(customer, see_notes=reader.sees_notes),
        sharing=selectors.sharing_address(customer),
        barred=barred(customer),
        allowed=allowed(customer, pause, reader=reader),
        pause=pause_words(pause.reason, pause.until) if pause else "",
        worth=worth,
        usual=usual,
        can_withdraw=reader.can(Capability.WITHDRAW_CONSENT),
    )


def initials(customer: Customer) -> str:
    """Two letters at most; one character of a Chinese name says enough."""
    letters = [
        part[0].upper() for part in (customer.given_name, customer.family_name) if part
    ]
    if letters and ord(letters[-1]) >= 0x2E80:
        return letters[-1]
    return "".join(letters) or "?"


# --- The line under the name ---------------------------------------------------------


def _about(reader: RequestContext, customer: Customer) -> list[str]:
    languages = dict(settings.LANGUAGES)
    parts = [
        _since(reader, customer),
        str(languages.get(customer.language, customer.language)),
        _clock_there(reader, customer),
    ]
    return [part for part in parts if part]


def _since(reader: RequestContext, customer: Customer) -> str:
    since = customer.since_on or customer.first_order_on
    if since is None:
        return ""
    day = date_format(since, "j F Y")
    had_day = (reader.today.month, reader.today.day) >= (since.month, since.day)
    years = reader.today.year - since.year - (0 if had_day else 1)
    if years < 1:
        return _("Customer since %(day)s") % {"day": day}
    return ngettext(
        "Customer for %(n)s year, since %(day)s",
        "Customer for %(n)s years, since %(day)s",
        years,
    ) % {"n": years, "day": day}


def _clock_there(reader: RequestContext, customer: Customer) -> str:
    if not customer.time_zone:
        return ""
    zone = zone_of(customer.time_zone, reader.business.time_zone)
    there = reader.now.astimezone(zone)
    words = _("%(clock)s in %(place)s") % {
        "clock": f"{there:%H:%M}",
        "place": city(zone),
    }
    ahead = hours_ahead(
        there.utcoffset() or timedelta(), reader.now.utcoffset() or timedelta()
    )
    if ahead == 0:
        return words
    sentence = _("%(n)s\N{NO-BREAK SPACE}h ahead of you")
    if ahead < 0:
        sentence = _("%(n)s\N{NO-BREAK SPACE}h behind you")
    return f"{words} ({sentence % {'n': f'{abs(ahead):g}'}})"


# --- The strip -----------------------------------------------------------------------


def glance(
    reader: RequestContext,
    customer: Customer,
    owed: Sequence[FollowUp],
    worth: Sequence[Worth],
    usual: UsualSection,
    pause: Hold | None,
) -> list[Cell]:
    return [
        _last_contact(reader, customer),
        _last_score(reader, customer),
        _open(reader, owed),
        _next_due(reader, owed),
        _next_mail(reader, customer, pause),
        _usual_order(usual) or _last_order(reader, customer, worth),
    ]


def _owed(customer: Customer) -> list[FollowUp]:
    states = [FollowUpState.OPEN.value, FollowUpState.TAKEN.value]
    rows = FollowUp.objects.filter(customer=customer, state__in=states)
    return list(
        rows.select_related("customer", "assignee").order_by("due_on", "due_at", "id")[
            :MOST_OPEN
        ]
    )


def _last_contact(reader: RequestContext, customer: Customer) -> Cell:
    """Somebody spoke with them; a note among ourselves is no contact."""
    label = _("Last real contact")
    said = (
        Interaction.objects.filter(customer=customer)
        .exclude(channel=Channel.NOTE.value)
        .select_related("staff")
        .order_by("-happened_at", "-id")
        .first()
    )
    if said is None:
        return Cell(label, _("None yet"))
    day = local_day(said.happened_at, reader.zone)
    who = [said.get_channel_display(), str(said.staff or ""), date_format(day, "j M")]
    return Cell(label, _ago(reader, day), ", ".join(part for part in who if part))


def _last_score(reader: RequestContext, customer: Customer) -> Cell:
    label = _("Last score")
    answers = list(
        Response.objects.filter(customer=customer, confirmed_at__isnull=False).order_by(
            "-confirmed_at", "-id"
        )[:2]
    )
    if not answers:
        return Cell(label, _("None yet"))
    last = answers[0]
    assert last.confirmed_at is not None
    detail = _ago(reader, local_day(last.confirmed_at, reader.zone))
    if len(answers) == 2:
        detail = _("%(day)s, was %(score)s") % {
            "day": detail,
            "score": answers[1].score,
        }
    return Cell(label, _("%(score)s of 10") % {"score": last.score}, detail)


def _open(reader: RequestContext, owed: Sequence[FollowUp]) -> Cell:
    label = _("Open")
    n = len(owed)
    if not n:
        return Cell(label, _("Nothing"))
    late = tasks.latest(reader, owed)
    value = ngettext("%(n)s follow-up", "%(n)s follow-ups", n) % {"n": n}
    return Cell(label, value, bad=late)


def _next_due(reader: RequestContext, owed: Sequence[FollowUp]) -> Cell:
    label = _("Next due")
    if not owed:
        return Cell(label, _("Nothing"))
    first = owed[0]
    who = str(first.assignee) if first.assignee else _("nobody yet")
    return Cell(label, tasks.due_words(reader, first), who)


def _next_mail(reader: RequestContext, customer: Customer, pause: Hold | None) -> Cell:
    """The first mail that goes as things stand; else the first that waits or lapses."""
    label = _("Next planned contact")
    planned = list(
        Message.objects.filter(customer=customer, state=State.PLANNED.value)
        .select_related("customer")
        .order_by("not_before", "id")[:MOST_PLANNED]
    )
    ahead = outlooks(planned, now=reader.now)
    going = [(at, row) for row in planned if (at := ahead[row.pk].goes_at)]
    if going:
        moment, row = min(going, key=lambda pair: (pair[0], pair[1].pk))
        day = local_day(moment, reader.zone)
        return Cell(label, date_format(day, "j M"), _mail_words(row, ahead[row.pk]))
    if planned:
        row = planned[0]
        return Cell(label, _("None"), _mail_words(row, ahead[row.pk]))
    return Cell(label, _("None"), _standing(reader, customer, pause))


def _mail_words(row: Message, outlook: Outlook) -> str:
    kind, why = str(outbox.kind_label(row.kind)), str(outbox.reason_of(row, outlook))
    return f"{kind}: {why}" if why else kind


def _standing(reader: RequestContext, customer: Customer, pause: Hold | None) -> str:
    """What would hold a mail that is planned now."""
    if pause is not None:
        return pause_words(pause.reason, pause.until)
    hashes = suppression.hashes_of_customers([customer.pk])
    held = holds.open_holds(hashes, now=reader.now)
    return _("on hold") if held else ""


def _usual_order(usual: UsualSection) -> Cell | None:
    """Nothing where we would only guess; the last order stands there then."""
    if not usual.next_product:
        return None
    return Cell(_("Usual order"), usual.next_product, usual.next_words)


def _last_order(
    reader: RequestContext, customer: Customer, worth: Sequence[Worth]
) -> Cell:
    label = _("Last order")
    orders = sum(part.orders for part in worth)
    if customer.last_order_on is None:
        return Cell(label, _("None yet"))
    total = ngettext("%(n)s order", "%(n)s orders", orders) % {"n": orders}
    day = date_format(customer.last_order_on, "j M")
    return Cell(label, _ago(reader, customer.last_order_on), f"{day}, {total}")


def _ago(reader: RequestContext, day: date) -> str:
    days = (reader.today - day).days
    if days <= 0:
        return _("today") if days == 0 else date_format(day, "j M")
    if days == 1:
        return _("yesterday")
    return _span(days)


def _span(days: int) -> str:
    if days < 60:
        return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}
    if days < 730:
        months = days * 12 // 365
        return ngettext("%(n)s month ago", "%(n)s months ago", months) % {"n": months}
    years = days * 4 // 1461
    return ngettext("%(n)s year ago", "%(n)s years ago", years) % {"n": years}
