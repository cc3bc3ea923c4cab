"""Once, on a day, to the people of an audience, in words of the shop's own."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext, gettext_lazy, override

from crm import selectors
from loyalty.models import Campaign
from loyalty.selectors import campaigns as selected
from loyalty.services import campaigns
from loyalty.sql import campaigns as sql
from messaging.kinds import (
    Due,
    Group,
    Kind,
    MailContext,
    StartingPoint,
    Window,
    plain_mail,
)
from messaging.models import Automation, Message
from messaging.rules.choices import Category

_ = gettext_lazy


class CampaignKind(Kind):
    """Everybody gets it once: who is in the audience on the day, by their own clock."""

    name = campaigns.KIND
    label = _("Campaign")
    summary = _("Writes once, on a day, to the people of a segment.")
    category = Category.MARKETING
    template = "emails/messaging/words"
    occurs_per_automation = True
    stands_alone = True
    has_one_always = False
    panel_template = "loyalty/_campaign_panel.html"
    fixed_settings = frozenset({"offset_days", "reentry", "reentry_days"})
    # It was chosen with the day.
    rests = False
    is_to_everybody = True
    priority = 70
    life_days = 2
    send_hour = 9
    occasion = _("its day")
    starting_points = (
        StartingPoint(
            name="thanks",
            group=Group.ONCE,
            label=_("Thanks, once"),
            summary=_("Says thank you to some people, with nothing to buy."),
            suits=_("After a hard season, a move, a mistake that people bore with."),
            goes=_("On the day that you choose, in the morning where they are."),
        ),
        StartingPoint(
            name="news",
            group=Group.ONCE,
            label=_("News"),
            summary=_("Tells some people what is new with you."),
            suits=_("Those who agreed to hear from you."),
            goes=_("On the day that you choose, in the morning where they are."),
        ),
        StartingPoint(
            name="new_year",
            group=Group.ONCE,
            label=_("A card for the New Year"),
            summary=_("Wishes your customers a good year."),
            suits=_("Those who bought this year."),
            goes=_("On the day that you choose, such as 31 December."),
        ),
    )
    wording = plain_mail(
        subject=_("News from {shop}"),
        heading="",
        text=_("Write here what you want to say to {first_name}."),
    )
    sample_words: ClassVar[dict[str, str]] = {}

    def refresh(self, automation: Automation, now: datetime) -> None:
        campaigns.keep_watch(automation, now=now)

    def category_of(self, automation: Automation) -> Category:
        """Marketing, unless the owner gave a reason why it is none."""
        row = Campaign.objects.filter(pk=automation.pk).first()
        is_plain = row is not None and row.transactional_reason
        return Category.TRANSACTIONAL if is_plain else Category.MARKETING

    def languages_of(self, automation: Automation) -> list[str]:
        """Our own words say nothing to anybody: only where the shop wrote some."""
        return selected.languages_of(automation)

    def panel(self, automation: Automation, now: datetime) -> object:
        return selected.standing(automation, now=now)

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        row = Campaign.objects.filter(pk=automation.pk).first()
        return sql.due(row.on if row else None, window)

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        shop = selectors.business()
        found: dict[int, MailContext] = {}
        for message in messages:
            with override(message.language or shop.language):
                found[message.pk] = _context(Category(message.category))
        return found

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        return {
            message.pk: gettext("In the audience of the campaign on its day.")
            for message in messages
        }

    def sample(self, language: str, now: datetime) -> MailContext:
        with override(language):
            return _context(Category.MARKETING)


def _context(category: Category) -> MailContext:
    if category is Category.MARKETING:
        reason = gettext("You get this mail because you agreed to hear from us.")
    else:
        reason = gettext("You get this mail because you are a customer of ours.")
    return MailContext(footer_reason=reason)
