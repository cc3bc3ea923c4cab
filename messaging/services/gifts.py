"""Which messages bring a gift: that of their step, in the version of their run, or one
of their own by what they are about."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from messaging import gifts
from messaging.gifts import Gifts, GiftWords
from messaging.kinds import Due
from messaging.models import Automation, AutomationStep, Message, Run
from messaging.rules.choices import Category
from messaging.rules.send_decision import Reason


def take(messages: Sequence[Message], now: datetime) -> dict[int, Reason]:
    """Take the gifts of these, about to go. Message id to why one has none: a mail
    whose steps give nothing goes in words alone."""
    giver = gifts.giver()
    if giver is None:
        return {}
    steps = _of_steps(messages)
    wanted: dict[int, list[Message]] = {}
    for message, gift in _brought(messages, steps, giver):
        wanted.setdefault(gift, []).append(message)
    refused = giver.take(wanted, now) if wanted else {}
    return {pk: why for pk, why in refused.items() if steps[pk].gift is not None}


def refused_ahead(automation: Automation, now: datetime) -> Due | None:
    """Of the mails of a forecast, those that will have none; see `Gifts`."""
    giver = gifts.giver()
    rows = automation.steps.values_list("position", "gift")
    steps = {position: gift for position, gift in rows if gift is not None}
    return giver.refused_ahead(automation, steps, now) if giver and steps else None


def words(messages: Sequence[Message], now: datetime) -> dict[int, GiftWords]:
    """What their mails say of gifts, of those that bring one or mention one."""
    giver = gifts.giver()
    if giver is None:
        return {}
    steps = _of_steps(messages)
    offers = giver.offers(_given(steps))
    bringing = [
        one
        for one in messages
        if _may(one, steps[one.pk].gift, offers)
        or one.kind in giver.kinds
        or (one.customer_id and not one.automation_id)
    ]
    return giver.words(bringing) if bringing else {}


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


class _OfStep(NamedTuple):
    """What the step of a message gives; `alone`: it is the first, and none of the
    others gives anything either."""

    gift: int | None
    alone: bool


def _of_steps(messages: Sequence[Message]) -> dict[int, _OfStep]:
    today, versions = _of_today(messages), _of_runs(messages)
    found = {}
    for one in messages:
        if one.run_id:
            given = [step.get("gift") for step in versions[one.run_id]]
            alone = one.step == 1 and not any(given)
            found[one.pk] = _OfStep(given[one.step - 1], alone)
        else:
            gift = today.get(one.automation_id or 0)
            found[one.pk] = _OfStep(gift, gift is None)
    return found


def _brought(
    messages: Sequence[Message], steps: Mapping[int, _OfStep], giver: Gifts
) -> Iterator[tuple[Message, int]]:
    """What is no marketing brings no offer."""
    offers = giver.offers(_given(steps))
    of_kinds = [one for one in messages if one.kind in giver.kinds]
    own = giver.own(of_kinds) if of_kinds else {}
    for one in messages:
        step = steps[one.pk]
        if one.pk in own and (step.gift is not None or step.alone):
            yield one, own[one.pk]
        elif step.gift is not None and _may(one, step.gift, offers):
            yield one, step.gift


def _given(steps: Mapping[int, _OfStep]) -> set[int]:
    return {step.gift for step in steps.values() if step.gift is not None}


def _may(message: Message, gift: int | None, offers: Collection[int]) -> bool:
    is_marketing = message.category == Category.MARKETING.value
    return gift is not None and (gift not in offers or is_marketing)


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
