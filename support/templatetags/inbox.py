"""The rows of the inbox, and how a conversation stands."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from django import template
from django.conf import settings
from django.template import Context, Engine
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from support.models import Conversation, InboxRule
from support.rules.choices import ConversationState
from web.escaping import escaped
from web.templatetags.ui import ago, bdi, draw_chip, ltr, name

register = template.Library()

Chip = tuple[str, str, str | Promise]

_SPAM: Chip = ("off", "slash", _("Spam"))
_HISTORY: Chip = ("off", "history", _("From before"))
_CLOSED: Chip = ("good", "check", _("Closed"))
_STATES: dict[str, Chip] = {
    ConversationState.OPEN.value: ("info", "chat", _("Open")),
    ConversationState.WAITING.value: ("off", "hourglass", _("Waiting for them")),
    ConversationState.SNOOZED.value: ("off", "clock", _("Snoozed")),
}
_VALUES = ("key", "url", "who", "chips", "about", "snippet", "at", "assignee")
_MARK = re.compile(f"@@({'|'.join(_VALUES)})@@")


@register.simple_tag
def tag_options(tags: Iterable[tuple[int, str]]) -> SafeString:
    """The names of all tags, for fields that take one."""
    return SafeString(
        "".join(f'<option value="{escaped(name)}"></option>' for _, name in tags)
    )


@register.simple_tag
def state_chip(conversation: Conversation) -> SafeString:
    """How a conversation stands."""
    if conversation.is_spam:
        return draw_chip(*_SPAM)
    if conversation.is_history:
        return draw_chip(*_HISTORY)
    return draw_chip(*_STATES.get(conversation.state, _CLOSED))


@register.simple_tag
def rule_conditions(rule: InboxRule) -> SafeString:
    """Which mails it is about, such as: In the subject: parcel · Mailbox: Help."""
    asked = [
        (gettext("Sender"), rule.sender),
        (gettext("Recipient"), rule.recipient),
        (gettext("In the subject"), rule.subject),
        (gettext("In the text"), rule.body),
        (gettext("Mailbox"), str(rule.mailbox or "")),
        (gettext("Language"), dict(settings.LANGUAGES).get(rule.language, "")),
    ]
    shown = ((label, bdi(wanted)) for label, wanted in asked if wanted)
    return format_html_join(" · ", "{}: {}", shown)


class Shape(NamedTuple):
    """What decides which parts a row of the inbox has."""

    can_be_taken: bool
    is_closed: bool
    has_assignee: bool


@register.simple_tag(takes_context=True)
def inbox_rows(context: Context, found: Iterable[Conversation]) -> SafeString:
    """The rows of conversations that `support.selectors.lists` read.

    Each shape that occurs is drawn once, with marks in place of the values: the sixty
    nodes of its template, asked for each of 25 rows, took longer than all the others.
    """
    shapes: dict[Shape, list[str]] = {}
    beginning = reverse("support:conversation-list")
    rows = []
    for conversation in found:
        shape = _shape_of(conversation)
        if shape not in shapes:
            shapes[shape] = _drawn(context, shape)
        values = _values(context, conversation, beginning)
        # Texts and names of values in turn.
        rows += [
            values[part] if number % 2 else part
            for number, part in enumerate(shapes[shape])
        ]
    return SafeString("".join(rows))


def _drawn(context: Context, shape: Shape) -> list[str]:
    marks = {name: f"@@{name}@@" for name in _VALUES}
    with context.push(shape=shape, row=marks):
        row = Engine.get_default().get_template("support/_conversation_row.html")
        return _MARK.split(row.render(context))


def _shape_of(conversation: Conversation) -> Shape:
    is_open = conversation.state == ConversationState.OPEN.value
    has_assignee = conversation.assignee_id is not None
    return Shape(is_open and not has_assignee, conversation.is_closed, has_assignee)


def _values(
    context: Context, conversation: Conversation, beginning: str
) -> dict[str, str]:
    """What a row shows, as HTML."""
    return {
        "key": str(conversation.pk),
        # By hand: `reverse` for each is slow.
        "url": f"{beginning}{conversation.pk}/",
        "who": _who(conversation),
        "chips": _chips(conversation, with_state=bool(context.get("typed"))),
        "about": _about(conversation),
        "snippet": escaped(getattr(conversation, "snippet", None) or ""),
        "at": ago(context, conversation.last_mail_at),
        "assignee": escaped(conversation.assignee or ""),
    }


def _who(conversation: Conversation) -> str:
    if conversation.customer:
        return name(conversation.customer)
    address = conversation.address
    return ltr(address) if address else escaped(gettext("No address"))


def _chips(conversation: Conversation, *, with_state: bool) -> str:
    chips: list[SafeString] = []
    if not conversation.customer and not conversation.is_spam:
        chips.append(draw_chip("warn", "question", gettext("Who is this?")))
    if with_state or conversation.is_spam:
        chips.append(state_chip(conversation))
    return " ".join(chips)


def _about(conversation: Conversation) -> str:
    """The subject, the kind and the tags."""
    subject = conversation.subject
    tags: list[str] = getattr(conversation, "tag_names", [])
    chips = [bdi(tag) for tag in tags]
    if conversation.kind:
        chips.insert(0, SafeString(escaped(conversation.kind_words)))
    return " ".join(
        [
            bdi(subject) if subject else escaped(gettext("Without a subject")),
            *(f'<span class="p-chip p-off">{chip}</span>' for chip in chips),
        ]
    )
