"""What the three kinds share: the survey behind them and what their mails hold."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from django.utils import translation
from django.utils.translation import gettext as _

from crm import selectors as crm
from messaging.kinds import Kind, LinkTo, MailContext, Reason
from messaging.models import Automation, Message
from messaging.rules.choices import Category, Purpose
from surveys import rules, selectors, words
from surveys.choices import InvitationState
from surveys.models import Asking, Invitation, Survey
from surveys.services import invitations
from web import formats

PATH = "/s/{token}/"
CLOSED = {
    InvitationState.ANSWERED.value: "already_answered",
    InvitationState.REVOKED.value: "invitation_revoked",
    InvitationState.EXPIRED.value: "invitation_expired",
}


class AsksForScore(Kind):
    """A mail with the scale from 0 to 10."""

    category: ClassVar[Category] = Category.SURVEY

    def refresh(self, automation: Automation, now: datetime) -> None:
        invitations.expire(now=now)

    def sample(self, language: str, now: datetime) -> MailContext:
        until = now + timedelta(days=30)
        with translation.override(language):
            day = formats.full_day(now - timedelta(days=5))
            reason = _("You got this because order %(number)s arrived on %(day)s.")
            return MailContext(
                values={"question": words.question(), "delivered": True},
                links={"answer": LinkTo(Purpose.SURVEY, 0, PATH, until)},
                words={"product": "Ethiopia 1 kg", "order": "10493", "day": day},
                footer_reason=reason % {"number": "10493", "day": day},
            )


def asking_of(automation: Automation) -> Asking:
    """In which rhythm this automation asks, and what."""
    return Asking.objects.select_related("survey").get(automation=automation)


def survey_of(automation: Automation) -> Survey:
    return asking_of(automation).survey


def askings_of(messages: Sequence[Message]) -> dict[int, Asking]:
    """Message id to the asking of its automation."""
    asking = {message.automation_id for message in messages}
    found = {
        row.automation_id: row
        for row in Asking.objects.select_related("automation", "survey").filter(
            automation__in=asking - {None}
        )
    }
    return {
        message.pk: found[message.automation_id]
        for message in messages
        if message.automation_id in found
    }


def invited(
    messages: Sequence[Message], *, orders: Mapping[int, int], now: datetime
) -> dict[int, Invitation]:
    """An invitation for each message, by message id, in the survey of its automation.
    `orders` names the order that a message asks about."""
    askings = askings_of(messages)
    found: dict[int, Invitation] = {}
    for asking in {one.pk: one for one in askings.values()}.values():
        group = [one for one in messages if askings.get(one.pk) == asking]
        found |= invitations.invite(asking, messages=group, orders=orders, now=now)
    return found


def closed(messages: Sequence[Message]) -> dict[int, Reason]:
    """Messages whose invitation cannot be answered any more, by message id."""
    rows = Invitation.objects.filter(
        message__in=messages, state__in=CLOSED
    ).values_list("message_id", "id", "state")
    return {
        message_id: Reason(CLOSED[state], {"invitation": pk})
        for message_id, pk, state in rows
        if message_id is not None
    }


def contexts(
    messages: Sequence[Message], asked: Mapping[int, Invitation]
) -> dict[int, MailContext]:
    """What the templates need, each in the language of its customer."""
    names = selectors.product_names(
        [row.order_id for row in asked.values() if row.order_id is not None]
    )
    house = crm.business().language
    found = {}
    for message in messages:
        invitation = asked.get(message.pk)
        if invitation is None:
            continue
        language = message.language or invitation.customer.language or house
        with translation.override(language):
            found[message.pk] = _context(
                invitation, names.get(invitation.order_id or 0, [])
            )
    return found


def _context(invitation: Invitation, names: Sequence[str]) -> MailContext:
    order = invitation.order
    about = (
        words.order(order.number, order.ordered_on, order.delivered_on)
        if order
        else None
    )
    return MailContext(
        values={
            "question": words.question(),
            "delivered": bool(about and about.has_arrived),
        },
        links={"answer": link_to(invitation)},
        words={
            "product": words.products(names),
            "order": about.number if about else "",
            "day": about.day if about else "",
        },
        footer_reason=words.reason(
            invitation.asking.every_days if invitation.asking else None, about
        ),
    )


def link_to(invitation: Invitation) -> LinkTo:
    """The link outlives the invitation by the time in which an answer may change."""
    return LinkTo(
        purpose=Purpose.SURVEY,
        subject_id=invitation.pk,
        path=PATH,
        expires_at=invitation.expires_at + rules.CHANGE_WINDOW,
    )
