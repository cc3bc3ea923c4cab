"""The catalogue: make, change and put away rewards, and fill the pools of codes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from crm import selectors
from crm.models import Product
from crm.services import audit
from loyalty.choices import Fulfilment, RewardKind
from loyalty.errors import RewardInUse, RewardNameTaken
from loyalty.models import Code, Reward, RewardWords
from loyalty.rules import cards, codes
from loyalty.services import stock
from messaging.models import AutomationStep
from messaging.rules import wording
from web.errors import InvalidValue, StaleVersion

# Of one list: more is a job for several.
MOST_CODES = 20_000
_SET = (
    *("name", "is_offer", "stacks", "cost", "stock", "yearly_budget"),
    *("limit_per_customer", "limit_span", "life_days", "roles", "percent", "amount"),
    *("minimum", "days_to_do", "doer"),
)


@dataclass(frozen=True)
class Words:
    """What customers read in one language; an empty name: our own word for it.
    `card`: what the card or letter says, empty: our own words."""

    name: str
    terms: str = ""
    card: str = ""


@dataclass(frozen=True)
class Added:
    """What became of a list of codes: those that are there now, those that were there
    already, and those that are no codes."""

    new: int
    known: int
    unreadable: list[str]


@transaction.atomic
def create(
    *,
    kind: RewardKind,
    fulfilment: Fulfilment,
    values: Mapping[str, Any],
    products: Iterable[Product] = (),
    words: Mapping[str, Words],
    now: datetime,
) -> Reward:
    """A new reward, in the shop's currency. Raises RewardNameTaken and InvalidValue."""
    reward = Reward(
        kind=kind.value,
        fulfilment=fulfilment.value,
        currency=selectors.business().currency,
        created_at=now,
    )
    _set(reward, values)
    _saved(reward)
    reward.products.set(products)
    _write_words(reward, words)
    audit.record("reward.created", f"reward:{reward.pk}", now=now)
    return reward


@transaction.atomic
def update(
    reward: Reward,
    *,
    version: int,
    values: Mapping[str, Any],
    products: Iterable[Product] | None = None,
    words: Mapping[str, Words],
    now: datetime,
) -> Reward:
    """Change what is given of all but what it is and how it reaches people (products
    None: they stay). Raises StaleVersion,
    RewardNameTaken, RewardInUse where a step would become marketing or cease to be,
    and InvalidValue."""
    locked = stock.lock([reward.pk])[reward.pk]
    if locked.version != version:
        raise StaleVersion
    if values.get("is_offer", locked.is_offer) != locked.is_offer:
        _refuse_in_use(locked)
    before = {name: getattr(locked, name) for name in _SET}
    _set(locked, values)
    locked.version += 1
    _saved(locked)
    if products is not None:
        locked.products.set(products)
    _write_words(locked, words)
    changed = {name for name in _SET if getattr(locked, name) != before[name]}
    audit.record("reward.changed", f"reward:{locked.pk}", fields=changed, now=now)
    return locked


@transaction.atomic
def archive(reward: Reward, *, is_archived: bool, now: datetime) -> Reward:
    """Put it away: nobody gets it any more, and what was given stays good. Or back.
    Raises RewardInUse and RewardNameTaken."""
    locked = stock.lock([reward.pk])[reward.pk]
    if bool(locked.archived_at) == is_archived:
        return locked
    if is_archived:
        _refuse_in_use(locked)
    locked.archived_at = now if is_archived else None
    locked.version += 1
    _saved(locked)
    what = "archived" if is_archived else "restored"
    audit.record(f"reward.{what}", f"reward:{locked.pk}", now=now)
    return locked


@transaction.atomic
def add_codes(reward: Reward, texts: Iterable[str], *, now: datetime) -> Added:
    """The shop's own codes for its pool; each once, however it is written."""
    typed = [text for one in texts if (text := one.strip())]
    if len(typed) > MOST_CODES:
        raise InvalidValue(fields={"codes": "too_many"})
    keys = {codes.normal(text): text[: codes.LONGEST] for text in typed}
    unreadable = [text for text in typed if not codes.normal(text)]
    keys.pop("", None)
    stock.lock([reward.pk])
    known = set(Code.objects.filter(key__in=keys).values_list("key", flat=True))
    new = [
        Code(reward=reward, text=text, key=key, added_at=now)
        for key, text in keys.items()
        if key not in known
    ]
    Code.objects.bulk_create(new, batch_size=5_000)
    audit.record("reward.codes_added", f"reward:{reward.pk}", now=now)
    readable = len(typed) - len(unreadable)
    return Added(len(new), readable - len(new), unreadable)


def steps_of(reward: Reward) -> "list[AutomationStep]":
    """The steps that give it, of automations that are not put away."""
    rows = AutomationStep.objects.select_related("automation")
    return list(rows.filter(gift=reward.pk, automation__archived_at=None))


def _refuse_in_use(reward: Reward) -> None:
    if steps_of(reward):
        raise RewardInUse


def _set(reward: Reward, values: Mapping[str, Any]) -> None:
    unknown = set(values) - set(_SET)
    if unknown:
        raise InvalidValue(fields=dict.fromkeys(sorted(unknown), "unknown_field"))
    for name, value in values.items():
        setattr(reward, name, value)
    wrong = _wrong(reward)
    if wrong:
        raise InvalidValue(fields=wrong)


def _wrong(reward: Reward) -> dict[str, str]:
    """What the database would refuse, by the field that can be mended."""
    if not reward.name:
        return {"name": "required"}
    if reward.stock is not None and reward.stock < reward.taken:
        return {"stock": "below_taken"}
    is_discount = reward.kind == RewardKind.DISCOUNT.value
    has_share, has_amount = reward.percent is not None, reward.amount is not None
    if is_discount and has_share == has_amount:
        return {"percent": "one_of_two"}
    if is_discount and not reward.is_offer:
        return {"is_offer": "discount_is_offer"}
    if not is_discount and (has_share or has_amount):
        return {"percent": "only_discounts"}
    return {}


def _saved(reward: Reward) -> None:
    try:
        with transaction.atomic():
            reward.save()
    except IntegrityError as error:
        if "reward_name_once" not in str(error):
            raise
        raise RewardNameTaken(fields={"name": "already_exists"}) from error


def _write_words(reward: Reward, words: Mapping[str, Words]) -> None:
    for language, one in words.items():
        if wording.has_template_code(one.card):
            raise InvalidValue(fields={f"card_{language}": "template_code"})
        if wording.check(one.card, cards.PLACEHOLDERS):
            raise InvalidValue(fields={f"card_{language}": "unknown_placeholder"})
        if not (one.name or one.terms or one.card):
            RewardWords.objects.filter(reward=reward, language=language).delete()
            continue
        RewardWords.objects.update_or_create(
            reward=reward,
            language=language,
            defaults={"name": one.name, "terms": one.terms, "card": one.card},
        )
