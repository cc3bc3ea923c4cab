"""The parts of an automation's sentence as links that open their forms."""

from collections.abc import Sequence

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from messaging.models import Automation
from messaging.selectors.automation_sentence import Piece

register = template.Library()


@register.simple_tag
def change_url(automation: Automation, part: str) -> str:
    """The page of the automation with the form of this part open."""
    page = reverse("messaging:automation", args=[automation.pk])
    return f"{page}?change={part}"


@register.simple_tag(takes_context=True)
def sentence_in_parts(context: Context, sentence: Sequence[Piece]) -> SafeString:
    """Its parts as links, for whoever may change them. Context: automation, may_edit;
    part: whose form is open; changed: what was saved a moment ago and takes the focus.
    """
    link = _link if context["may_edit"] else _plain
    return format_html_join("", "{}", ((link(context, piece),) for piece in sentence))


def _plain(context: Context, piece: Piece) -> str:
    return piece.words


def _link(context: Context, piece: Piece) -> str:
    if not piece.part:
        return piece.words
    return format_html(
        '<a href="{}"{}{}><bdi>{}</bdi><span class="visually-hidden"> {}</span></a>',
        change_url(context["automation"], piece.part),
        SafeString(' aria-current="true"' if piece.part == context["part"] else ""),
        SafeString(" autofocus" if piece.part == context["changed"] else ""),
        piece.words,
        _("(change)"),
    )
