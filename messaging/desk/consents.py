"""The panel May we write: each class of mail, since when, and whether it rests now."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import selectors
from crm.access import Capability
from crm.models import Customer
from crm.page_parts import CustomerPanel
from crm.request_context import RequestContext
from crm.rules.choices import AddressKind
from messaging.models import Hold, Message, Suppression
from messaging.rules.choices import Category, SuppressionReason
from messaging.rules.send_decision import NO_GROUND, ConsentState
from messaging.selectors.outlooks import pause_words
from messaging.services import consent, consent_undo, pauses, suppression

_BARRED = {
    SuppressionReason.BOUNCE: gettext_lazy(
        "There is no such mailbox: nothing goes to it."
    ),
    SuppressionReason.COMPLAINT: gettext_lazy(
        "Our mail was marked as spam there: only receipts and answers go."
    ),
    SuppressionReason.ERASED: gettext_lazy(
        "Somebody at this address was erased: only receipts and answers go."
    ),
    SuppressionReason.STAFF: gettext_lazy(
        "Staff blocked the address: nothing goes to it."
    ),
    SuppressionReason.WITHDRAWN: gettext_lazy(
        "They opted out before this record was made anew: such mail does not go."
    ),
}


_LIFTED_BY_STAFF = {SuppressionReason.BOUNCE, SuppressionReason.STAFF}


@dataclass(frozen=True)
class Allowed:
    """One class of mail, and whether we may send it."""

    category: str
    label: str
    text: str
    is_allowed: bool
    # The reader withdrew it a moment ago and may take that back.
    can_undo: bool = False
    # The other record with this address through which it was recorded.
    through: Customer | None = None


@dataclass(frozen=True)
class Barred:
    """Why nothing goes to the address, and the record whose mail brought that up."""

    text: str
    through: Customer | None = None


@dataclass(frozen=True)
class Address:
    """One email address: why nothing goes to it, and what the reader may do."""

    id: int  # of a second address; 0 for the chief one
    email: str
    barred: list[Barred]
    can_stop: bool
    can_allow: bool


@dataclass(frozen=True)
class ConsentPanel:
    """What the panel of consents on the customer page shows."""

    allowed: list[Allowed]
    # The chief one first.
    addresses: list[Address]
    # Who chose the pause that stands, and until when; empty: none.
    pause: str
    can_withdraw: bool
    # There is no basis for surveys and reminders, and the reader may record one.
    asks_for_ground: bool


def _panel(context: RequestContext, customer: Customer) -> ConsentPanel:
    standing = context.once(pauses.standing_holds, customer, now=context.now)
    pause = pauses.pause_among(standing)
    states = consent.states([customer.pk])[customer.pk]
    return ConsentPanel(
        allowed=_allowed(context, customer, states, pause),
        addresses=_addresses(context, customer),
        pause=pause_words(pause.reason, pause.until) if pause else "",
        can_withdraw=context.can(Capability.WITHDRAW_CONSENT),
        asks_for_ground=context.can(Capability.EDIT_CUSTOMERS)
        and any(state.basis == NO_GROUND for state in states.values()),
    )


def _allowed(
    context: RequestContext,
    customer: Customer,
    states: Mapping[Category, ConsentState],
    pause: Hold | None,
) -> list[Allowed]:
    undoable = consent_undo.undoable_by(customer, staff=context.user, now=context.now)
    said_by = {state.through for state in states.values()} - {None, customer.pk}
    others = Customer.objects.in_bulk(said_by)
    words = {
        Category.SURVEY: _("Surveys"),
        Category.LOYALTY: _("Reminders"),
        Category.MARKETING: _("Offers"),
        Category.BIRTHDAY: _("Birthday greetings"),
    }
    return [
        Allowed(
            category=category.value,
            label=label,
            text=_yes_or_no(states[category], pause),
            is_allowed=states[category].allowed,
            can_undo=category in undoable,
            through=others.get(states[category].through or 0),
        )
        for category, label in words.items()
    ]


def _addresses(context: RequestContext, customer: Customer) -> list[Address]:
    """Each address, with what stands about it on the list of suppressed ones."""
    seconds = customer.addresses.filter(kind=AddressKind.EMAIL.value)
    known = {row.norm: (row.pk, row.value) for row in seconds}
    if customer.email_norm:
        chief = {customer.email_norm: (0, customer.email)}
        known = {**chief, **known, **chief}
    hashes = suppression.address_hashes(known)
    rows = suppression.suppressed(hashes.values())
    may = context.can(Capability.WITHDRAW_CONSENT)
    return [
        _address(customer, norm, *known[norm], rows.get(hashes[norm], []), may=may)
        for norm in known
    ]


def _address(
    customer: Customer,
    norm: str,
    pk: int,
    email: str,
    rows: list[Suppression],
    *,
    may: bool,
) -> Address:
    reasons = {SuppressionReason(row.reason) for row in rows}
    return Address(
        id=pk,
        email=email,
        barred=[
            Barred(str(_BARRED[reason]), _through(customer, norm, reason))
            for reason in reasons
        ],
        can_stop=may and not reasons,
        can_allow=may and bool(reasons) and reasons <= _LIFTED_BY_STAFF,
    )


def _through(
    customer: Customer, email: str, reason: SuppressionReason
) -> Customer | None:
    """The other record whose mail bounced; the list itself knows addresses only."""
    if reason is not SuppressionReason.BOUNCE:
        return None
    others = selectors.people_with_address(email)
    bounced = Message.objects.filter(
        customer__in=others.exclude(pk=customer.pk), reason_code="no_such_mailbox"
    )
    last = bounced.select_related("customer").order_by("-final_at").first()
    return last.customer if last else None


def _yes_or_no(state: ConsentState, pause: Hold | None) -> str:
    allowed, since = state.allowed, state.since
    if state.basis == NO_GROUND:
        return _("No, without an order and without a ground")
    if allowed and pause is not None and pause.until is not None:
        day = date_format(pause.until, "j M Y")
        return _("Not before %(day)s: paused") % {"day": day}
    if since is None:
        return _("Yes") if allowed else _("No, never agreed")
    day = date_format(since, "j M Y")
    return (_("Yes, since %(day)s") if allowed else _("No, since %(day)s")) % {
        "day": day
    }


PARTS = (
    CustomerPanel(
        name="consents",
        order=20,
        label=gettext_lazy("May we write"),
        template="messaging/_may_we_write.html",
        read=_panel,
    ),
)
