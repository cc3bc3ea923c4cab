"""Add, change, move and remove the later steps of an automation. The first is its
kind's own and stays where it is."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When

from messaging import gifts, kinds
from messaging.errors import FirstStepStays, LastStepOffers, StepGone, TooManySteps
from messaging.models import Automation, AutomationStep, Message
from messaging.models.steps import LONGEST_WAIT
from messaging.rules.choices import State, StopRule
from messaging.services import runs
from messaging.services.automation_rows import lock, saved
from web.errors import InvalidValue, StaleVersion


@transaction.atomic
def add(
    automation: Automation,
    *,
    version: int,
    wait_days: int,
    stop_on: Collection[str] = (),
    now: datetime,
) -> AutomationStep:
    """A step behind the others, so many days after the one before has left. Raises
    TooManySteps, StaleVersion and InvalidValue."""
    locked = _locked(automation, version)
    position = locked.steps.count() + 1
    if position > kinds.get(locked.kind).most_steps:
        raise TooManySteps
    step = AutomationStep.objects.create(
        automation=locked,
        position=position,
        wait_days=_checked_wait(wait_days),
        stop_on=_checked_rules(stop_on),
    )
    saved(locked, "automation.step_added", {"steps"}, now)
    if position == 2:
        # Anyone who waits for the first mail goes on to this one.
        waiting = _planned(locked).filter(step=1, run=None)
        runs.begin(locked, list(waiting.values_list("pk", flat=True)), now=now)
    return step


@transaction.atomic
def change(
    automation: Automation,
    *,
    version: int,
    position: int,
    wait_days: int,
    stop_on: Collection[str],
    has_offer: bool,
    without_offer_allowed: bool,
    gift: int | None = None,
    now: datetime,
) -> AutomationStep:
    """When a step goes, what ends the run before it, what it gives, and whether it
    holds an offer, as each gift is that is one. Of the first one `wait_days` and
    `stop_on` mean nothing. Raises StepGone, LastStepOffers, StaleVersion and
    InvalidValue."""
    has_offer = has_offer or _is_offer(gift)
    locked = _locked(automation, version)
    step = _step(locked, position)
    wanted = {
        "wait_days": _checked_wait(wait_days) if position > 1 else 0,
        "stop_on": _checked_rules(stop_on) if position > 1 else [],
        "has_offer": has_offer,
        "without_offer_allowed": has_offer and without_offer_allowed,
        "gift": _checked_gift(gift, step.gift),
    }
    changed = {name for name, value in wanted.items() if getattr(step, name) != value}
    if changed:
        for name in changed:
            setattr(step, name, wanted[name])
        step.save()
        if changed & {"has_offer", "gift"}:
            _check_last(locked)
        saved(locked, "automation.step_changed", changed, now)
    if "has_offer" in changed:
        _follow_offer(locked, step)
    return step


@transaction.atomic
def move(
    automation: Automation, *, version: int, position: int, to: int, now: datetime
) -> None:
    """Change the places of two later steps, each with its wait, rules and words.
    Raises FirstStepStays, StepGone, LastStepOffers and StaleVersion."""
    locked = _locked(automation, version)
    if min(position, to) < 2:
        raise FirstStepStays
    one, other = _step(locked, position), _step(locked, to)
    if one == other:
        return
    _place({one.pk: to, other.pk: position})
    _check_last(locked)
    saved(locked, "automation.step_moved", {"steps"}, now)


@transaction.atomic
def remove(
    automation: Automation, *, version: int, position: int, now: datetime
) -> None:
    """Take a later step away; those behind it come forward. Raises FirstStepStays,
    StepGone, LastStepOffers and StaleVersion."""
    locked = _locked(automation, version)
    if position == 1:
        raise FirstStepStays
    _step(locked, position).delete()
    locked.steps.filter(position__gt=position).update(position=F("position") - 1)
    _check_last(locked)
    saved(locked, "automation.step_removed", {"steps"}, now)


def _check_last(automation: Automation) -> None:
    """Of the steps as they stand now; what was stored is undone by the refusal."""
    if kinds.get(automation.kind).may_end_with_offer:
        return
    if automation.steps.latest("position").has_offer:
        raise LastStepOffers


def _follow_offer(automation: Automation, step: AutomationStep) -> None:
    """What is planned in this version takes the category; who has no consent to it is
    told by the claim, as with any other mail."""
    kind = kinds.get(automation.kind)
    category = kind.step_category(automation, has_offer=step.has_offer)
    newest = automation.versions.latest("number")
    planned = _planned(automation).filter(step=step.position)
    planned.filter(Q(run=None) | Q(run__version=newest)).update(category=category.value)


def _planned(automation: Automation) -> QuerySet[Message]:
    return Message.objects.filter(automation=automation, state=State.PLANNED.value)


def _locked(automation: Automation, version: int) -> Automation:
    locked = lock(automation)
    if locked.version != version:
        raise StaleVersion
    return locked


def _step(automation: Automation, position: int) -> AutomationStep:
    step = automation.steps.filter(position=position).first()
    if step is None:
        raise StepGone
    return step


def _place(positions: dict[int, int]) -> None:
    """In one statement: the database refuses two steps in one place at its end."""
    AutomationStep.objects.filter(pk__in=positions).update(
        position=Case(
            *(When(pk=pk, then=Value(place)) for pk, place in positions.items())
        )
    )


def _is_offer(gift: int | None) -> bool:
    giver = gifts.giver()
    return gift is not None and giver is not None and bool(giver.offers([gift]))


def _checked_gift(gift: int | None, chosen: int | None) -> int | None:
    if gift is None or gift == chosen:
        return gift
    giver = gifts.giver()
    if giver is None or gift not in dict(giver.choices()):
        raise InvalidValue(fields={"gift": "unknown"})
    return gift


def _checked_wait(days: int) -> int:
    if not 1 <= days <= LONGEST_WAIT:
        raise InvalidValue(fields={"wait_days": "not_in_range"})
    return days


def _checked_rules(rules: Collection[str]) -> list[str]:
    known = [rule.value for rule in StopRule if rule.value in rules]
    if len(known) != len(set(rules)):
        raise InvalidValue(fields={"stop_on": "unknown_rule"})
    return known
