"""The chip of a message's state."""

from typing import NamedTuple

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from web.templatetags.ui import draw_chip

register = template.Library()


class Chip(NamedTuple):
    """How one state is shown: never by its colour alone."""

    icon: str
    word: str | Promise
    tone: str


MESSAGE_CHIPS = {
    "planned": Chip("calendar", _("Planned"), "info"),
    "claimed": Chip("send", _("Being sent"), "info"),
    "handed": Chip("send", _("Being sent"), "info"),
    "later": Chip("clock", _("Later"), "wait"),
    "on_hold": Chip("pause", _("On hold"), "off"),
    "held_out": Chip("slash", _("Held out"), "off"),
    "lapses": Chip("hourglass", _("Will lapse"), "wait"),
    "sent": Chip("check", _("Sent"), "good"),
    "kept": Chip("box", _("Kept here, no mail server"), "off"),
    "suppressed": Chip("cross", _("Not sent"), "off"),
    "expired": Chip("hourglass", _("Too late"), "off"),
    "cancelled": Chip("slash", _("Cancelled"), "off"),
    "superseded": Chip("history", _("Replaced"), "off"),
    "failed": Chip("triangle", _("Failed"), "bad"),
    "uncertain": Chip("question", _("Unsure"), "warn"),
}


@register.simple_tag
def chip(state: str, detail: object = "") -> SafeString:
    """The chip of a message state: `{% chip "later" "24 Nov" %}`."""
    if state not in MESSAGE_CHIPS:
        raise template.TemplateSyntaxError(f"There is no chip for {state!r}.")
    shown = MESSAGE_CHIPS[state]
    word = format_html("{}, {}", shown.word, detail) if detail else shown.word
    return draw_chip(shown.tone, shown.icon, word)
