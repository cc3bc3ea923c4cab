"""The rows of the inbox, and how a conversation stands."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from django import template
from django.conf import settings
from django.template import Context, Engine, Template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from support.models import Conversation, InboxRule
from support.rules.choices import ConversationState
from support.words import KINDS
from web.escaping import escaped
from web.templatetags.ui import ago, bdi, draw_chip, ltr, name

register = template.Library()

Chip = tuple[str, str, str | Promise]

_CHIPS: dict[str, Chip] = {
    "unknown": ("warn", "question", _("Who is this?")),
    "spam": ("off", "slash", _("Spam")),
    "history": ("off", "history", _("From before")),
    ConversationState.OPEN.value: ("info", "chat", _("Open")),
    ConversationState.WAITING.value: ("off", "hourglass", _("Waiting for them")),
    ConversationState.SNOOZED.value: ("off", "clock", _("Snoozed")),
}
_CLOSED: Chip = ("good", "check", _("Closed"))
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
        return _chip("spam", get_language())
    if conversation.is_history:
        return _chip("history", get_language())
    return _chip(conversation.state, get_language())


@lru_cache(maxsize=64)
def _chip(of: str, _language: str | None) -> SafeString:
    return draw_chip(*_CHIPS.get(of, _CLOSED))


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
    """What decides which parts a row of the inbox has, and in which words."""

    language: str | None
    may_reply: bool
    can_be_taken: bool
    is_closed: bool
    has_assignee: bool


@register.simple_tag(takes_context=True)
def inbox_rows(context: Context, found: Iterable[Conversation]) -> SafeString:
    """The rows of conversations that `support.selectors.lists` read.

    Each shape that occurs is drawn once, with marks in place of the values: the sixty
    nodes of its template, asked for each of 25 rows, took longer than all the others.
    """
    drawn_by = Engine.get_default().get_template("support/_conversation_row.html")
    language, may_reply = get_language(), bool(context.get("may_reply"))
    beginning = reverse("support:conversation-list")
    rows = []
    for conversation in found:
        shape = _shape_of(conversation, language, may_reply)
        values = _values(context, conversation, beginning)
        # Texts and names of values in turn.
        rows += [
            values[part] if number % 2 else part
            for number, part in enumerate(_drawn(drawn_by, shape))
        ]
    return SafeString("".join(rows))


@lru_cache(maxsize=64)
def _drawn(drawn_by: Template, shape: Shape) -> list[str]:
    """By the template itself: Django reads a changed one as another."""
    marks = {name: f"@@{name}@@" for name in _VALUES}
    values = {"shape": shape, "may_reply": shape.may_reply, "row": marks}
    return _MARK.split(drawn_by.render(Context(values)))


def _shape_of(
    conversation: Conversation, language: str | None, may_reply: bool
) -> Shape:
    is_open = conversation.state == ConversationState.OPEN.value
    has_assignee = conversation.assignee_id is not None
    return Shape(
        language,
        may_reply,
        can_be_taken=is_open and not has_assignee,
        is_closed=conversation.is_closed,
        has_assignee=has_assignee,
    )


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
        chips.append(_chip("unknown", get_language()))
    if with_state or conversation.is_spam:
        chips.append(state_chip(conversation))
    return " ".join(chips)


def _about(conversation: Conversation) -> str:
    """The subject, the kind and the tags."""
    subject = conversation.subject
    tags: list[str] = getattr(conversation, "tag_names", [])
    chips = [bdi(tag) for tag in tags]
    if conversation.kind:
        chips.insert(0, _kind_words(conversation.kind, get_language()))
    return " ".join(
        [
            bdi(subject) if subject else escaped(gettext("Without a subject")),
            *(f'<span class="p-chip p-off">{chip}</span>' for chip in chips),
        ]
    )


@lru_cache(maxsize=64)
def _kind_words(kind: str, _language: str | None) -> SafeString:
    return SafeString(escaped(KINDS.get(kind, "")))
