"""Tells somebody of a reward that a colleague gave them by hand.

It is of its customer like all mail of automations: asked for consent, held, counted.
With an offer it is marketing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from crm import selectors as crm
from loyalty.models import Grant
from loyalty.services import reward_mails
from messaging.kinds import DirectKind, MailContext, Reason
from messaging.models import Message
from messaging.rendering import language_of
from messaging.rules.choices import Category


class RewardGiven(DirectKind):
    """The mail about a reward that a member of staff gave."""

    name = reward_mails.KIND
    label = _("A reward given by hand")
    summary = _("Tells a customer of a reward, where whoever gave it says so.")
    template = "emails/loyalty/reward_given"
    category = Category.LOYALTY
    priority = 20
    life = timedelta(days=3)

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        good = set(reward_mails.good(messages, now=now).values_list("pk", flat=True))
        gone = [one.pk for one in messages if one.why.get("grant") not in good]
        return dict.fromkeys(gone, Reason("reward_gone"))

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        shop = crm.business()
        return {
            message.pk: _context(language_of(message, shop)) for message in messages
        }

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        rows = Grant.objects.filter(pk__in=[one.why.get("grant") for one in messages])
        names = {row.pk: row for row in rows.select_related("granted_by", "reward")}
        return {
            message.pk: _explained(names.get(message.why.get("grant", 0)))
            for message in messages
        }

    def sample(self, language: str, now: datetime) -> MailContext:
        return _context(language)


def _context(language: str) -> MailContext:
    with override(language):
        return MailContext(
            footer_reason=gettext(
                "You get this mail because somebody of us gave you something."
            )
        )


def _explained(grant: Grant | None) -> str:
    if grant is None or grant.granted_by is None:
        return gettext("Somebody gave them a reward.")
    return gettext("%(name)s gave them “%(reward)s”.") % {
        "name": grant.granted_by.name,
        "reward": grant.reward.name,
    }
