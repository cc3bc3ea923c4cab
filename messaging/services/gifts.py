"""Which messages bring a gift: that of their step, in the version of their run."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from messaging import gifts
from messaging.gifts import GiftWords
from messaging.kinds import Due
from messaging.models import Automation, AutomationStep, Message, Run
from messaging.rules.choices import Category
from messaging.rules.send_decision import Reason


def of_messages(messages: Sequence[Message]) -> dict[int, list[Message]]:
    """Gift id to the messages that bring it. What is no marketing brings no offer."""
    found: dict[int, list[Message]] = {}
    for message, gift in _named(messages):
        found.setdefault(gift, []).append(message)
    giver = gifts.giver()
    if not found or giver is None:
        return {}
    offers = giver.offers(found)
    may = {
        gift: [one for one in asked if gift not in offers or _is_marketing(one)]
        for gift, asked in found.items()
    }
    return {gift: bringing for gift, bringing in may.items() if bringing}


def take(messages: Sequence[Message], now: datetime) -> dict[int, Reason]:
    """Take the gifts of these, about to go. Message id to why one has none."""
    wanted = of_messages(messages)
    giver = gifts.giver()
    return giver.take(wanted, now) if wanted and giver else {}


def refused_ahead(automation: Automation, now: datetime) -> Due | None:
    """Of the mails of a forecast, those that will have none; see `Gifts`."""
    giver = gifts.giver()
    rows = automation.steps.values_list("position", "gift")
    steps = {position: gift for position, gift in rows if gift is not None}
    return giver.refused_ahead(automation, steps, now) if giver and steps else None


def words(messages: Sequence[Message], now: datetime) -> dict[int, GiftWords]:
    """What their mails say of gifts, of those that bring one or tell of one."""
    bringing = [one for asked in of_messages(messages).values() for one in asked]
    bringing += [one for one in messages if one.customer_id and not one.automation_id]
    giver = gifts.giver()
    return giver.words(bringing) if bringing and giver else {}


def sample(
    step: AutomationStep, category: Category, language: str, now: datetime
) -> GiftWords | None:
    """Those of a preview."""
    giver = gifts.giver()
    if giver is None or step.gift is None:
        return None
    is_offer = bool(giver.offers([step.gift]))
    if is_offer and category is not Category.MARKETING:
        return None
    return giver.sample(step.gift, language, now)


def _named(messages: Sequence[Message]) -> list[tuple[Message, int]]:
    today, versions = _of_today(messages), _of_runs(messages)
    named = [
        (
            message,
            versions[message.run_id][message.step - 1].get("gift")
            if message.run_id
            else today.get(message.automation_id or 0),
        )
        for message in messages
    ]
    return [(message, gift) for message, gift in named if gift is not None]


def _of_today(messages: Sequence[Message]) -> Mapping[int, int | None]:
    ids = {message.automation_id for message in messages if not message.run_id}
    if not ids - {None}:
        return {}
    rows = AutomationStep.objects.filter(
        automation__in=ids - {None}, position=1, gift__isnull=False
    )
    return dict(rows.values_list("automation", "gift"))


def _of_runs(messages: Sequence[Message]) -> Mapping[int, Sequence[Mapping[str, Any]]]:
    runs = {message.run_id for message in messages if message.run_id}
    if not runs:
        return {}
    rows = Run.objects.filter(pk__in=runs).values_list("pk", "version__content__steps")
    return dict(rows)


def _is_marketing(message: Message) -> bool:
    return message.category == Category.MARKETING.value
