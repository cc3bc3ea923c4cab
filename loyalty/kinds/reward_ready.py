"""A reward can be had for what a member has."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext, gettext_lazy

from loyalty import member_words, reward_words
from loyalty.choices import RewardKind
from loyalty.kinds.balance_mail import BalanceMail, reason, sample_programme, wording
from loyalty.models import ProgrammeReward, Reward
from loyalty.selectors import balance_mails as selectors
from loyalty.selectors.balance_mails import Asked, Ready
from loyalty.sql import balance_mails as sql
from messaging.kinds import Due, Group, MailContext, Reason, StartingPoint, Wait, Window
from messaging.models import Automation, Message
from messaging.rules.choices import Category
from web import formats

_ = gettext_lazy

_ASK_AGAIN = timedelta(days=1)


class RewardReady(BalanceMail):
    """Once for each day on which a balance reaches what rewards take; the next time
    once it was below. With an offer among all rewards it is marketing."""

    name = "reward_ready"
    label = _("A reward is ready")
    summary = _(
        "Tells members that their balance is enough for a reward, once, where that "
        "reward can be had. It is marketing where one of the rewards is an offer."
    )
    priority = 42
    gone = Reason("balance_used")
    # All lots of the last two weeks are looked at.
    look_holds_for = timedelta(minutes=10)
    life_days = 14
    occasion = _("the day on which the balance is enough")
    starting_points = (
        StartingPoint(
            name="reward_ready",
            group=Group.REMIND,
            label=_("A reward is ready"),
            summary=_("The card is full, or the points are enough."),
            suits=_("Punch cards, and programmes with rewards to take."),
            goes=_("On the day on which what can be used is enough."),
        ),
    )
    wording = wording(
        _("{reward} is ready for you"),
        _("What you have is enough for this:"),
        _("Take it on your page or ask for it at the till, whenever you like."),
        "reward",
    )
    sample_words: ClassVar[dict[str, str]] = {"reward": "A coffee of your choice"}

    def category_of(self, automation: Automation) -> Category:
        offered = ProgrammeReward.objects.filter(
            reward__is_offer=True, reward__archived_at=None
        )
        return Category.MARKETING if offered.exists() else Category.LOYALTY

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        return sql.ready(
            window.first_on, window.last_on, offset_days=automation.offset_days
        )

    def told(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, list[Ready]]:
        return {
            message.pk: answer.ready
            for message, answer in self._answers(messages, now)
            if answer.ready
        }

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        waiting = {
            message.pk for message, answer in self._answers(messages, now) if answer.no
        }
        over = super().no_longer_due(messages, now)
        return {pk: why for pk, why in over.items() if pk not in waiting}

    def put_off(self, messages: Sequence[Message], now: datetime) -> dict[int, Wait]:
        """Enough for it, and none of it to be had: asked again the day after."""
        return {
            message.pk: Wait(now + _ASK_AGAIN, Reason(answer.no.value))
            for message, answer in self._answers(messages, now)
            if answer.no and not answer.ready
        }

    def _answers(
        self, messages: Sequence[Message], now: datetime
    ) -> list[tuple[Message, selectors.Answer]]:
        asked = [
            Asked(
                message.person_id,
                message.why["offers"],
                with_offers=message.category == Category.MARKETING.value,
            )
            for message in messages
        ]
        return list(zip(messages, selectors.ready(asked, now=now), strict=True))

    def context(
        self, told: list[Ready], *, language: str, page: str, now: datetime
    ) -> MailContext:
        called = [_called(row, language) for one in told for row in one.offers]
        return MailContext(
            values={
                "items": [
                    {
                        "name": one.programme.called(language),
                        "lines": _takes(one, language),
                    }
                    for one in told
                ],
                "page": page,
            },
            words={"reward": formats.listed(called)},
            footer_reason=reason(),
        )

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        ids = {pk for message in messages for pk in message.why["offers"]}
        rows = ProgrammeReward.objects.filter(pk__in=ids).select_related("reward")
        names = {row.pk: row.reward.name for row in rows}
        text = gettext("The balance is enough for %(rewards)s.")
        return {
            message.pk: text % {"rewards": formats.listed(found)}
            if (found := [names[pk] for pk in message.why["offers"] if pk in names])
            else gettext("The balance was enough for a reward that is gone.")
            for message in messages
        }

    def sample_told(self, now: datetime) -> list[Ready]:
        programme = sample_programme()
        reward = Reward(kind=RewardKind.PRODUCT.value)
        reward.wording = {}
        offer = ProgrammeReward(programme=programme, reward=reward, price=Decimal(100))
        return [Ready(programme, [offer], Decimal(120))]


def _called(row: ProgrammeReward, language: str) -> str:
    return reward_words.called(row.reward, row.reward.wording.get(language))


def _takes(one: Ready, language: str) -> list[str]:
    return [
        *(
            gettext("%(reward)s, for %(units)s.")
            % {
                "reward": _called(row, language),
                "units": member_words.units(one.programme, row.price),
            }
            for row in one.offers
        ),
        gettext("You can use %(units)s.")
        % {"units": member_words.units(one.programme, one.spendable)},
    ]
