"""The rewards that steps of automations may give, as messaging asks for them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import override

from crm import selectors
from loyalty import reward_words
from loyalty.models import Code, Grant, Reward, RewardWords
from loyalty.rules import codes
from loyalty.services import mail_gifts, reward_mails, samples
from loyalty.sql import live_offers
from messaging.gifts import Gifts, GiftWords
from messaging.kinds import Due, Reason
from messaging.models import Automation, Message


class Rewards(Gifts):
    """The catalogue."""

    kinds = (samples.KIND,)

    def choices(self, chosen: int | None = None) -> list[tuple[int, Any]]:
        rows = Reward.objects.filter(Q(archived_at=None) | Q(pk=chosen))
        return list(rows.values_list("pk", "name"))

    def offers(self, ids: Collection[int]) -> set[int]:
        rows = Reward.objects.filter(pk__in=ids, is_offer=True)
        return set(rows.values_list("pk", flat=True))

    def own(self, messages: Sequence[Message]) -> Mapping[int, int]:
        return samples.of(messages)

    def take(
        self, wanted: Mapping[int, Sequence[Message]], now: datetime
    ) -> dict[int, Reason]:
        refused = mail_gifts.take(wanted, now=now)
        return {pk: Reason(no.value) for pk, no in refused.items()}

    def refused_ahead(
        self, automation: Automation, gifts: Mapping[int, int], now: datetime
    ) -> Due | None:
        rows = Reward.objects.filter(pk__in=gifts.values(), is_offer=True, stacks=False)
        alone = set(rows.values_list("pk", flat=True))
        steps = [step for step, gift in gifts.items() if gift in alone]
        return live_offers.ahead(automation.pk, steps) if steps else None

    def words(self, messages: Sequence[Message]) -> dict[int, GiftWords]:
        given = _readable(Grant.objects.all()).filter(
            message__in=[message.pk for message in messages]
        )
        by_message = {grant.message_id: grant for grant in given.order_by("id")}
        told = _readable(reward_mails.of(messages)).in_bulk()
        by_message |= {
            one.pk: told[one.why["grant"]]
            for one in messages
            if one.kind == reward_mails.KIND and one.why["grant"] in told
        }
        texts = _texts({grant.reward_id for grant in by_message.values()})
        shop = selectors.business().language
        found: dict[int, GiftWords] = {}
        for message in messages:
            language = message.language or message.person.language or shop
            if grant := by_message.get(message.pk):
                words = texts.get((grant.reward_id, language))
                found[message.pk] = _words(grant, words, language, _code_of(grant))
        return found

    def sample(self, gift: int, language: str, now: datetime) -> GiftWords | None:
        reward = Reward.objects.filter(pk=gift).first()
        if reward is None:
            return None
        shop = selectors.business()
        grant = Grant(reward=reward)
        if reward.life_days is not None:
            grant.expires_on = shop.day(now) + timedelta(days=reward.life_days)
        words = _texts({gift}).get((gift, language))
        return _words(grant, words, language, codes.SAMPLE if reward.has_code else "")


def _readable(rows: "QuerySet[Grant]") -> "QuerySet[Grant]":
    """With all that their words need."""
    rows = rows.select_related("reward", "code")
    return rows.prefetch_related("reward__products")


def _texts(rewards: Collection[int]) -> dict[tuple[int, str], RewardWords]:
    rows = RewardWords.objects.filter(reward__in=rewards)
    return {(row.reward_id, row.language): row for row in rows}


def _words(
    grant: Grant, words: RewardWords | None, language: str, code: str
) -> GiftWords:
    with override(language):
        return GiftWords(
            name=reward_words.called(grant.reward, words),
            code=code,
            until=reward_words.until(grant),
            terms=reward_words.conditions(grant.reward, words),
        )


def _code_of(grant: Grant) -> str:
    code: Code | None = getattr(grant, "code", None)
    return code.text if code else ""
