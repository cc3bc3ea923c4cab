"""The mail that tells somebody of a reward given by hand."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from crm import selectors as crm
from crm.models import Customer
from loyalty.choices import OPEN_GRANTS
from loyalty.models import Grant, Reward
from messaging import gifts, kinds
from messaging.models import Message
from messaging.rendering import language_of, sample
from messaging.rendering.rendered import Rendered
from messaging.rules.choices import Category
from messaging.services import direct

KIND = "reward_given"
# So long it can still be taken back unread.
WAIT = timedelta(minutes=2)
_OPEN = [state.value for state in OPEN_GRANTS]


def post(grant: Grant, *, now: datetime) -> Message:
    """Plan the mail of this grant, once. It asks for consent when it goes, to
    marketing where the reward is an offer."""
    return direct.post(
        kind=KIND,
        to=grant.customer,
        occurrence=f"grant:{grant.pk}",
        why={"grant": grant.pk},
        category=_category(grant.reward),
        wait=WAIT,
        now=now,
    )


def of(messages: Sequence[Message]) -> "QuerySet[Grant]":
    """The grants that these mails mention."""
    ids = [one.why["grant"] for one in messages if one.kind == KIND]
    return Grant.objects.filter(pk__in=ids)


def good(messages: Sequence[Message], *, now: datetime) -> "QuerySet[Grant]":
    """Those of them that are still to be had."""
    return of(messages).filter(
        Q(expires_at=None) | Q(expires_at__gt=now), state__in=_OPEN
    )


def language_for(customer: Customer) -> str:
    """In which language they read it."""
    return language_of(Message(customer=customer), crm.business())


def preview(reward: Reward, language: str, *, now: datetime) -> Rendered:
    """The mail in this language, with a code that is none."""
    giver = gifts.giver()
    return sample(
        kinds.get(KIND),
        language,
        now,
        category=_category(reward),
        gift=giver.sample(reward.pk, language, now) if giver else None,
    )


def _category(reward: Reward) -> Category:
    return Category.MARKETING if reward.is_offer else Category.LOYALTY
