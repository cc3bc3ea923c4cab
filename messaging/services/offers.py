"""Which marketing mails may go without their offer to people who did not consent to it.

An offer makes the mails of a step marketing. Where staff say so, whoever has no consent
to that gets its other words, as a mail of the class that its kind has.
"""

from collections.abc import Sequence

from messaging import kinds
from messaging.models import AutomationStep, Message, Run
from messaging.rules.choices import Category


def without_offer(messages: Sequence[Message]) -> dict[int, Category]:
    """Message id to the class it would have without the offer, of those that may go
    without."""
    offering = [
        message
        for message in messages
        if message.category == Category.MARKETING.value
        and message.automation_id is not None
        and kinds.find(message.kind) is not None
    ]
    if not offering:
        return {}
    allowed = _by_automation(offering) | _by_run(offering)
    return {
        message.pk: kinds.get(message.kind).category_of(message.automation)
        for message in offering
        if message.pk in allowed and message.automation is not None
    }


def _by_automation(messages: Sequence[Message]) -> set[int]:
    ids = {message.automation_id for message in messages if not message.run_id}
    found = AutomationStep.objects.filter(
        automation__in=ids - {None}, position=1, without_offer_allowed=True
    ).values_list("automation", flat=True)
    allowed = set(found) if ids else set()
    return {
        message.pk
        for message in messages
        if not message.run_id and message.automation_id in allowed
    }


def _by_run(messages: Sequence[Message]) -> set[int]:
    ids = {message.run_id for message in messages if message.run_id}
    if not ids:
        return set()
    rows = Run.objects.filter(pk__in=ids).values_list("pk", "version__content__steps")
    steps = dict(rows)
    return {
        message.pk
        for message in messages
        if message.run_id
        and steps[message.run_id][message.step - 1]["without_offer_allowed"]
    }
