"""The mail of a step as a real customer would get it, with words that are not saved.

The kind writes its rows and its tables as it would for a mail that goes, and all of it
is rolled back: looking changes nothing. Links lead nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import translation

from crm import selectors
from crm.models import Customer
from messaging import kinds, member_pages
from messaging.kinds import Kind, MailContext, Window
from messaging.models import Automation, AutomationStep, Message
from messaging.rendering import Rendered, render, sample
from messaging.rendering.filling import sample_urls
from messaging.rules.choices import Category, State
from messaging.selectors.step_words import own_texts
from messaging.services import gifts
from messaging.services.reach import reach_of
from messaging.sql.next_due import DueRow, next_due

LOOKED_AHEAD = timedelta(days=60)
# Anyone who was chosen by name may be due only once a year.
A_YEAR = timedelta(days=366)
OFFERED = 5
# Of several things that fall due to one customer.
_MOST_GATHERED = 20


@dataclass(frozen=True)
class NextPerson:
    """Somebody who is due within LOOKED_AHEAD."""

    customer: Customer
    due_on: date


@dataclass(frozen=True)
class Preview:
    """`words`: what the placeholders become. `is_due`: False where the customer is not
    due within a year (or nobody was chosen), so that its facts are the sample's."""

    mail: Rendered
    words: Mapping[str, str]
    is_due: bool


def next_people(automation: Automation, *, now: datetime) -> list[NextPerson]:
    """The next five who are due, each once."""
    with transaction.atomic():
        kinds.get(automation.kind).refresh(automation, now)
        rows = _due(automation, LOOKED_AHEAD, now=now, most=OFFERED * 4)
        transaction.set_rollback(True)
    days: dict[int, date] = {}
    for row in rows:
        days.setdefault(row.customer_id, row.due_on)
    ids = list(days)[:OFFERED]
    people = Customer.objects.in_bulk(ids)
    return [NextPerson(people[pk], days[pk]) for pk in ids if pk in people]


def preview(
    step: AutomationStep,
    *,
    language: str,
    fields: Mapping[str, str],
    customer: Customer | None,
    now: datetime,
) -> Preview:
    """The mail in one language, of a customer or of the kind's sample."""
    kind = kinds.get(step.automation.kind)
    if customer is None:
        mail = sample(
            kind,
            language,
            now,
            fields={**own_texts(step, language), **fields},
            origin=step.origin,
            category=category_of(step),
            gift=gifts.sample(step, category_of(step), language, now),
            context=_sample(step, language, now),
        )
        return Preview(mail, sample_words(kind, step, language, now), is_due=False)
    with transaction.atomic():
        made = _of(step, customer, language=language, fields=fields, now=now)
        transaction.set_rollback(True)
    return made


def sample_words(
    kind: Kind, step: AutomationStep, language: str, now: datetime
) -> dict[str, str]:
    """What the placeholders become in the sample."""
    shop = {"shop": selectors.business().name}
    name = {"first_name": kind.sample_words.get("first_name", "Dana")}
    own = kind.sample(language, now).words if step.origin == 1 else {}
    return {**own, **name, **shop}


def category_of(step: AutomationStep) -> Category:
    """What its mails are: those with an offer are marketing."""
    kind = kinds.get(step.automation.kind)
    return kind.step_category(step.automation, has_offer=step.has_offer)


def _of(
    step: AutomationStep,
    customer: Customer,
    *,
    language: str,
    fields: Mapping[str, str],
    now: datetime,
) -> Preview:
    kind, business = kinds.get(step.automation.kind), selectors.business()
    message = _message(step, kind, customer, language=language, now=now)
    context, is_due = _context(step, kind, message, language=language, now=now)
    category = Category(message.category)
    is_member = bool(member_pages.paths_of([customer.pk], now))
    mail = render(
        message,
        kind,
        context,
        urls=sample_urls(context, category, business, 0, is_member=is_member),
        business=business,
        wording={**own_texts(step, language), **fields},
        origin=step.origin,
        gift=gifts.sample(step, category, language, now),
    )
    words = {"first_name": customer.greeting_name, "shop": business.name}
    return Preview(mail, {**context.words, **words}, is_due)


def _context(
    step: AutomationStep, kind: Kind, message: Message, *, language: str, now: datetime
) -> tuple[MailContext, bool]:
    if step.origin != 1:
        with translation.override(language):
            return MailContext(footer_reason=kind.following_reason()), True
    found = kind.prepare([message], now).get(message.pk) if message.pk else None
    if found is None:
        return kind.sample_of(step.automation, language, now), False
    return found, True


def _sample(step: AutomationStep, language: str, now: datetime) -> MailContext | None:
    """Of a first step; None: a later one has nothing but its words."""
    if step.origin != 1:
        return None
    kind = kinds.get(step.automation.kind)
    return kind.sample_of(step.automation, language, now)


def _message(
    step: AutomationStep,
    kind: Kind,
    customer: Customer,
    *,
    language: str,
    now: datetime,
) -> Message:
    """The row that planning would write, or has written; not stored where the customer
    is not due."""
    automation = step.automation
    message = Message(
        kind=kind.name,
        category=category_of(step).value,
        automation=automation,
        customer=customer,
        language=language,
        not_before=now,
        expires_at=now + timedelta(days=1),
        planned_at=now,
        due_on=now.date(),
    )
    if step.origin != 1:
        return message
    rows = _due(automation, A_YEAR, now=now, customer=customer, most=_MOST_GATHERED)
    if not rows:
        return message
    first = rows[0]
    message.occurrence = kind.occurrence_prefix(automation) + first.occurrence
    message.due_on = first.due_on
    message.why = _why(kind, rows)
    return _stored(message)


def _why(kind: Kind, rows: list[DueRow]) -> dict[str, Any]:
    if not kind.gathers:
        return rows[0].why
    day = rows[0].due_on
    return {kind.gathers: [row.why for row in rows if row.due_on == day]}


def _stored(message: Message) -> Message:
    """With an id, by which the kind hangs its own rows on it."""
    there = Message.objects.exclude(state=State.SUPERSEDED.value).filter(
        kind=message.kind, customer=message.customer, occurrence=message.occurrence
    )
    if row := there.first():
        row.language, row.category = message.language, message.category
        row.customer = message.customer
        return row
    message.save(force_insert=True)
    return message


def _due(
    automation: Automation,
    ahead: timedelta,
    *,
    now: datetime,
    most: int,
    customer: Customer | None = None,
) -> list[DueRow]:
    business = selectors.business()
    window = Window(after=now, until=now + ahead, hour=automation.send_hour)
    return next_due(
        kinds.get(automation.kind).due(automation, window, now),
        reach=reach_of(automation, country=business.country, today=business.day(now)),
        customer_id=customer.pk if customer else None,
        most=most,
    )
