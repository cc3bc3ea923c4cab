"""For whom a signed link acts, and what they may stop there."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from crm.models import Customer
from crm.rules import names
from messaging import kinds
from messaging.errors import LinkGone
from messaging.models import Automation
from messaging.rules.choices import Category
from messaging.rules.consent import STOPPABLE
from messaging.rules.send_decision import NO_GROUND, ConsentState
from messaging.services import consent, consent_undo, pauses

# What our own form sends to name one act of stopping.
_ACT = re.compile(r"[A-Za-z0-9_-]{16}")


@dataclass(frozen=True)
class StopPage:
    """What the page behind a stop link shows."""

    customer: Customer
    category: Category
    address: str
    # Nothing of this class is sent any more.
    is_stopped: bool
    # Nothing at all but receipts and answers.
    is_all_stopped: bool
    # The act that this visit made and that can be taken back; empty: none.
    undoable_act: str


@dataclass(frozen=True)
class PreferencePage:
    """What the page of preferences shows."""

    customer: Customer
    address: str
    allowed: dict[Category, bool]
    paused_until: datetime | None
    # Whether the shop greets on birthdays now.
    uses_birthday: bool


def addressee(customer_id: int) -> Customer:
    """The record that the mail went to: a merged one leads to the kept one."""
    customer = (
        Customer.objects.select_related("merged_into").filter(pk=customer_id).first()
    )
    while customer is not None and customer.merged_into is not None:
        customer = customer.merged_into
    if customer is None:
        raise LinkGone
    return customer


def act_key(token: str, act: str) -> str:
    """The key of one act of stopping; bound to the link, so no other can name it."""
    if not _ACT.fullmatch(act):
        return ""
    return f"stop:{hashlib.sha256(f'{token} {act}'.encode()).hexdigest()[:32]}"


def stop_page(
    customer: Customer, category: Category, *, token: str, act: str
) -> StopPage:
    """What the unsubscribe page shows; `act` identifies an undoable withdrawal."""
    states = consent.states([customer.pk])[customer.pk]
    key = act_key(token, act)
    undoable = bool(key) and bool(consent_undo.standing_rows(customer, act=key))
    return StopPage(
        customer=customer,
        category=category,
        address=names.mask_email(customer.email),
        is_stopped=_is_stopped(states[category]),
        is_all_stopped=all(_is_stopped(states[one]) for one in STOPPABLE),
        undoable_act=act if undoable else "",
    )


def _is_stopped(state: ConsentState) -> bool:
    """Without a ground nothing goes today; but who wants to stop it may say so, for
    the day on which the shop names one."""
    return not state.allowed and state.basis != NO_GROUND


def preference_page(customer: Customer, *, now: datetime) -> PreferencePage:
    """What the preference page shows."""
    states = consent.states([customer.pk])[customer.pk]
    pause = pauses.standing_pause(customer, now=now)
    return PreferencePage(
        customer=customer,
        address=names.mask_email(customer.email),
        allowed={category: state.allowed for category, state in states.items()},
        paused_until=pause.until if pause else None,
        uses_birthday=uses_birthday(),
    )


def uses_birthday() -> bool:
    """Whether an automation that greets on birthdays is on."""
    found = [k.name for k in kinds.swept_kinds() if k.category is Category.BIRTHDAY]
    return Automation.objects.filter(kind__in=found, is_on=True).exists()
