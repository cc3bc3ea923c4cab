"""The reward that a step of an automation gives: taken when its mail is about to go,
and given back where the mail did not go after all."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from crm import selectors
from crm.rules import dates
from loyalty.choices import OPEN_GRANTS, GrantSource, GrantState
from loyalty.models import Grant
from loyalty.rules import reward_life
from loyalty.rules.allotment import NoShare
from loyalty.services import grants, stock
from loyalty.services.grants import Wish
from messaging.models import Message
from messaging.rules.choices import State

_OPEN = [state.value for state in OPEN_GRANTS]
# These mails were not delivered.
_NOT_READ = {
    State.SUPPRESSED.value,
    State.EXPIRED.value,
    State.CANCELLED.value,
    State.SUPERSEDED.value,
    State.FAILED.value,
}


@transaction.atomic
def take(
    wanted: Mapping[int, Sequence[Message]], *, now: datetime
) -> dict[int, NoShare]:
    """Reward id to the messages that bring it: message id to why there is none."""
    stock.lock(wanted)
    refused: dict[int, NoShare] = {}
    for reward, messages in sorted(wanted.items()):
        wishes = [_wish(message) for message in messages]
        _renew(wishes, now)
        answers = grants.give(reward, wishes, source=GrantSource.AUTOMATION, now=now)
        for message, answer in zip(messages, answers, strict=True):
            if isinstance(answer, NoShare):
                refused[message.pk] = answer
    return refused


@transaction.atomic
def free(messages: Iterable[Message], *, now: datetime) -> int:
    """Give back what was taken for mails that were not delivered; how many."""
    unread = [one.pk for one in messages if one.state in _NOT_READ]
    if not unread:
        return 0
    theirs = Grant.objects.filter(message__in=unread)
    why = grants.MAIL_NOT_SENT
    return grants.end_of(theirs, GrantState.TAKEN_BACK, why=why, now=now)


def _wish(message: Message) -> Wish:
    return Wish(
        customer=message.person.pk,
        source_key=f"{message.kind}:{message.occurrence}:{message.step}",
        message=message.pk,
    )


def _renew(wishes: Sequence[Wish], now: datetime) -> None:
    """Taken at an earlier try, whose mail did not leave: its life begins today, and
    what has run out meanwhile makes room for another."""
    tried = Grant.objects.filter(message__in=[wish.message for wish in wishes])
    tried.filter(state=GrantState.EXPIRED.value).update(
        state=GrantState.TAKEN_BACK.value, ended_why=grants.MAIL_NOT_SENT
    )
    shop = selectors.business()
    zone = dates.zone_of(shop.time_zone, "UTC")
    for grant in tried.filter(state__in=_OPEN).select_related("reward"):
        grant.expires_on = reward_life.last_day(shop.day(now), grant.reward.life_days)
        grant.expires_at = reward_life.moment_after(grant.expires_on, zone)
        grant.save(update_fields=["expires_on", "expires_at"])
