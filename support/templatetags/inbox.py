"""The rows of the inbox, and how a conversation stands.

Tags and not templates: the branches of a template, asked for each row, took half of the
processor time of the whole page.
"""

from django import template
from django.conf import settings
from django.template import Context
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from support.models import Conversation, InboxRule
from support.rules.choices import ConversationState
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
_CHIP = '<span class="p-chip p-off">{}</span>'


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


@register.simple_tag(takes_context=True)
def inbox_row(context: Context, conversation: Conversation) -> dict[str, str]:
    """What a row shows of a conversation that `support.selectors.lists` read."""
    # What is done to it has addresses below its own: `reverse` for each is dear.
    url = conversation.get_absolute_url()
    is_closed = conversation.is_closed
    return {
        "key": str(conversation.pk),
        "url": url,
        "who": _who(conversation),
        "chips": _chips(conversation, with_state=bool(context.get("typed"))),
        "about": _about(conversation),
        "snippet": getattr(conversation, "snippet", "") or "",
        "at": ago(context, conversation.last_mail_at),
        "assignee": str(conversation.assignee or ""),
        "take_url": _take_url(conversation),
        "reply_url": f"{url}reply/",
        "snooze_url": "" if is_closed else f"{url}snooze/",
        "close_url": "" if is_closed else f"{url}close/",
    }


def _who(conversation: Conversation) -> SafeString | str:
    if conversation.customer:
        return name(conversation.customer)
    return ltr(conversation.address) if conversation.address else gettext("No address")


def _chips(conversation: Conversation, *, with_state: bool) -> SafeString:
    chips: list[SafeString] = []
    if not conversation.customer and not conversation.is_spam:
        chips.append(draw_chip("warn", "question", gettext("Who is this?")))
    if with_state or conversation.is_spam:
        chips.append(state_chip(conversation))
    return SafeString(" ".join(chips))


def _about(conversation: Conversation) -> SafeString:
    """The subject, the kind and the tags."""
    subject = conversation.subject
    words: list[SafeString | str] = [
        bdi(subject) if subject else gettext("Without a subject")
    ]
    if conversation.kind:
        words.append(format_html(_CHIP, conversation.kind_words))
    tags: list[str] = getattr(conversation, "tag_names", [])
    words.extend(format_html(_CHIP, bdi(tag)) for tag in tags)
    return format_html_join(" ", "{}", ((word,) for word in words))


def _take_url(conversation: Conversation) -> str:
    """Empty where it is not open, or somebody's already."""
    is_open = conversation.state == ConversationState.OPEN.value
    if not is_open or conversation.assignee_id is not None:
        return ""
    return reverse("support:conversation-act", args=[conversation.pk, "take"])
