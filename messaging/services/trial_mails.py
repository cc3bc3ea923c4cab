"""Tests of a step's mail, to the member of staff who asks and to nobody else.

They are letters to a colleague: no limit, no consent and no figure of customers knows
of them. The words are those that are saved when the mail is written.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext

from crm import selectors
from crm.models import Business, Customer, User
from crm.services import attempts, audit
from crm.services.attempts import Limit
from messaging.kinds import Letter
from messaging.models import Automation, AutomationStep, Message, Wording
from messaging.services import direct
from messaging.services.delivery.headers import sender_of
from messaging.services.previews import category_of, preview

KIND = "automation_test"
LIMIT = Limit("automation_test", most=40, window=timedelta(hours=1))


def send(
    step: AutomationStep,
    *,
    to: User,
    languages: Collection[str],
    customer: Customer | None = None,
    now: datetime,
) -> list[Message]:
    """One mail in each of these languages, of the sample or of a customer's facts.
    Raises TooManyAttempts after forty within an hour."""
    for _ in languages:
        attempts.take(LIMIT, str(to.pk), now=now)
    why = {"automation": step.automation_id, "step": step.position}
    if customer:
        why["customer"] = customer.pk
    sent = [
        direct.post(
            kind=KIND,
            to=to,
            occurrence=f"{step.pk}:{language}:{uuid4().hex}",
            language=language,
            why=why,
            now=now,
        )
        for language in languages
    ]
    audit.record("automation.tested", f"automation:{step.automation_id}", now=now)
    return sent


@transaction.atomic
def send_all(
    automation: Automation, *, to: User, languages: Collection[str], now: datetime
) -> list[Message]:
    """Every step in each of these languages, or none of them. Raises
    TooManyAttempts."""
    steps = automation.steps.order_by("position")
    return [
        message
        for step in steps
        for message in send(step, to=to, languages=languages, now=now)
    ]


def letters(messages: Sequence[Message], *, now: datetime) -> dict[int, Letter]:
    """Message id to its mail; without those whose step is gone."""
    business = selectors.business()
    found: dict[int, Letter] = {}
    for message in messages:
        step = AutomationStep.objects.filter(
            automation=message.why["automation"], position=message.why["step"]
        ).first()
        if step is not None and message.user is not None:
            found[message.pk] = _letter(message, step, message.user, business, now)
    return found


def saved_words(step: AutomationStep, language: str) -> dict[str, str]:
    """Staff's own words of a step in one language."""
    row = Wording.objects.filter(step=step, language=language).first()
    return dict(row.fields) if row else {}


def _letter(
    message: Message, step: AutomationStep, to: User, business: Business, now: datetime
) -> Letter:
    customer = Customer.objects.live().filter(pk=message.why.get("customer")).first()
    mail = preview(
        step,
        language=message.language,
        fields=saved_words(step, message.language),
        customer=customer,
        now=now,
    ).mail
    sender = sender_of(category_of(step), business)
    return Letter(
        subject=_subject(step, mail.subject),
        text=mail.text,
        html=mail.html,
        sender=sender,
        sender_name=business.from_name,
        message_id=f"<{message.message_uuid}@{sender.rpartition('@')[2]}>",
        to=((to.name, to.email),),
    )


def _subject(step: AutomationStep, subject: str) -> str:
    """Marked as a test, and by its place where others follow it or go before."""
    if step.automation.steps.count() == 1:
        return gettext("[Test] %(subject)s") % {"subject": subject}
    words = gettext("[Test, mail %(n)s] %(subject)s")
    return words % {"n": step.position, "subject": subject}
