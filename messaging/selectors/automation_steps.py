"""The steps of an automation as its page shows them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from messaging import gifts, kinds
from messaging.forms.steps import STOP_RULES, StepChangeForm, rewards
from messaging.models import Automation, AutomationStep
from messaging.rules.offers import offer_in, upsell_in
from messaging.selectors import step_words
from messaging.selectors.step_words import Language


@dataclass(frozen=True)
class StepShown:
    """A step: when it goes in words, its subject, its languages, the form that changes
    it, and what in its words looks like an offer though it says that it holds none."""

    step: AutomationStep
    when: str
    subject: str
    languages: Sequence[Language]
    form: StepChangeForm
    looks_like_offer: str
    is_last: bool
    # What it gives, and what in its words sells something beside that.
    gift: str = ""
    upsell: str = ""
    # It gives something while products to order are listed beside it.
    has_products_beside: bool = False
    # It is the last of a kind that ends without an offer.
    must_not_offer: bool = False


def steps_of(
    automation: Automation, *, refused: StepChangeForm | None = None, position: int = 0
) -> list[StepShown]:
    """In their order, by `automation.steps`, which may be read with their wordings
    before. `refused`: the form of the step at `position`, with errors."""
    kind = kinds.get(automation.kind)
    rows = list(automation.steps.all())
    # By what a step gives now: most give nothing.
    known = cache(rewards)
    return [
        StepShown(
            step,
            when_in_words(step),
            step_words.texts(step, "en").get("subject", ""),
            step_words.languages(step),
            refused
            if refused and step.position == position
            else StepChangeForm.of(step, known=known(step.gift)),
            unsaid_offer(step),
            step is rows[-1],
            gift_of(step),
            upsell_of(step),
            kind.lists_products and step.position == 1 and _is_present(step),
            step is rows[-1] and not kind.may_end_with_offer,
        )
        for step in rows
    ]


def when_in_words(step: AutomationStep) -> str:
    """ "7 days after the one before, unless they bought"."""
    if step.position == 1:
        return _("Goes first")
    days = ngettext(
        "%(n)s day after the one before",
        "%(n)s days after the one before",
        step.wait_days,
    ) % {"n": step.wait_days}
    if not step.stop_on:
        return days
    rules = _(" or ").join(str(STOP_RULES[rule]) for rule in step.stop_on)
    return _("%(days)s, unless %(rules)s") % {"days": days, "rules": rules}


def unsaid_offer(step: AutomationStep) -> str:
    """What in staff's words of a step looks like an offer, though it says that it holds
    none; else ""."""
    return "" if step.has_offer else _found_in_words(step, offer_in)


def gift_of(step: AutomationStep) -> str:
    """The name of what it gives; "" where it gives nothing."""
    giver = gifts.giver()
    if step.gift is None or giver is None:
        return ""
    return str(dict(giver.choices(step.gift)).get(step.gift, ""))


def upsell_of(step: AutomationStep) -> str:
    """What in staff's words sells something beside what the step gives, the address of
    its button included; "" where it gives nothing."""
    giver = gifts.giver()
    if step.gift is None or giver is None:
        return ""
    beside = bool(giver.offers([step.gift]))
    look = partial(upsell_in, beside_offer=beside)
    return _found_in_words(step, look, links=True)


def _is_present(step: AutomationStep) -> bool:
    """Whether it gives something that takes nothing off what they order."""
    giver = gifts.giver()
    return bool(step.gift and giver and not giver.offers([step.gift]))


def _found_in_words(
    step: AutomationStep, look: Callable[[str], str], *, links: bool = False
) -> str:
    texts = (
        text
        for row in step.wordings.all()
        for name, text in row.fields.items()
        if links or name != "link"
    )
    return next((found for text in texts if (found := look(text))), "")
