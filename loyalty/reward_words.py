"""What customers read of rewards, in the language that is active."""

from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from loyalty.choices import RewardKind
from loyalty.models import Grant, Reward, RewardWords
from web import formats

KINDS: dict[str, Promise] = {
    RewardKind.DISCOUNT.value: gettext_lazy("Discount"),
    RewardKind.FREE_DELIVERY.value: gettext_lazy("Free delivery"),
    RewardKind.FREE_USE.value: gettext_lazy("Free use or extra time"),
    RewardKind.PRODUCT.value: gettext_lazy("A product with the next order"),
    RewardKind.SAMPLE.value: gettext_lazy("A sample"),
    RewardKind.PACKAGING.value: gettext_lazy("Special packaging"),
    RewardKind.LETTER.value: gettext_lazy("A signed letter"),
    RewardKind.MEAL.value: gettext_lazy("Lunch or dinner"),
    RewardKind.WEBSITE.value: gettext_lazy("A place on our website"),
    RewardKind.PICTURE.value: gettext_lazy("Your picture in our office"),
    RewardKind.HELP.value: gettext_lazy("Help for your team"),
    RewardKind.VISIT.value: gettext_lazy("A visit behind the scenes"),
    RewardKind.CARD.value: gettext_lazy("A New Year card"),
    RewardKind.CALL.value: gettext_lazy("A call"),
}


# The fields of a reward with its name, and those with its conditions.
READ = (
    *("name", "kind", "percent", "amount", "currency"),
    *("minimum", "fulfilment", "is_offer", "stacks"),
)
# A mail names so many products of a discount; the till and the shop know them all.
MOST_NAMED = 6


def worth(reward: Reward) -> str:
    """What it takes off or brings: "10% off", "Free delivery"."""
    if reward.percent is not None:
        share = formats.exact_number(Decimal(f"{reward.percent.normalize():f}"))
        return _("%(percent)s%% off") % {"percent": share}
    if reward.amount is not None:
        amount = formats.money(reward.amount, reward.currency)
        return _("%(amount)s off") % {"amount": amount}
    return str(KINDS[reward.kind])


def called(reward: Reward, words: RewardWords | None) -> str:
    """What a customer reads: staff's own name for it in their language, else ours."""
    return (words.name if words else "") or worth(reward)


def conditions(reward: Reward, words: RewardWords | None) -> str:
    """Staff's terms, and those that follow from what was set; a query, unless
    `products` was prefetched."""
    terms = words.terms if words else ""
    parts = [terms, _only_for(reward), *of_order(reward)]
    return " ".join(filter(None, parts))


def of_order(reward: Reward) -> list[str]:
    """What an order must be, besides what is in it: a sentence each."""
    parts = []
    if reward.minimum is not None:
        least = formats.money(reward.minimum, reward.currency)
        parts.append(_("For orders from %(amount)s.") % {"amount": least})
    if reward.is_offer and reward.has_code and not reward.stacks:
        parts.append(_("Not together with another offer."))
    return parts


def _only_for(reward: Reward) -> str:
    """Products are asked for where a code is used, and nowhere else."""
    if not reward.has_code:
        return ""
    names = [str(product) for product in reward.products.all()]
    if not names:
        return ""
    more = len(names) - MOST_NAMED
    if more > 0:
        rest = ngettext("%(n)s more product", "%(n)s more products", more)
        names[MOST_NAMED:] = [rest % {"n": formats.number(more)}]
    return _("Only for %(products)s.") % {"products": formats.listed(names)}


def until(grant: Grant) -> str:
    """The last day on which it is good, as a sentence; "" where it does not run out."""
    if grant.expires_on is None:
        return ""
    day = formats.full_day(grant.expires_on)
    if grant.reward.has_code:
        return _("Good until %(day)s, once.") % {"day": day}
    return _("Until %(day)s.") % {"day": day}
