"""What stands on a card or letter, in the language of whoever gets it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils.translation import get_language_info, gettext_lazy, override
from django.utils.translation import gettext as _

from crm.models import Business
from loyalty import words as words_in_language
from loyalty.models import Grant, RewardWords
from loyalty.rules import cards

HELP = gettext_lazy(
    "Of a card or letter. {first_name}, {name}, {years} (how long they have been"
    " customers), {shop} and {from_name} (who does it, or the name that mails come"
    " from) are filled in. Empty: our own words."
)


@dataclass(frozen=True)
class Card:
    """`is_ours`: nobody wrote words in this language."""

    grant: Grant
    text: str
    language: str
    is_rtl: bool
    is_ours: bool


def of(grants: Sequence[Grant], shop: Business) -> list[Card]:
    """For each what stands on it: staff's words in the language of the customer, else
    our own in that language."""
    texts = _texts({grant.reward_id for grant in grants})
    return [_card(grant, texts, shop) for grant in grants]


def own_words() -> str:
    """Ours, in the language that is active."""
    return _(
        "Dear {first_name},\n\n"
        "Thank you for being with us. It is good to know you, and we look forward to"
        " all that comes.\n\n"
        "With warm regards\n"
        "{from_name}\n"
        "{shop}"
    )


def _texts(rewards: Collection[int]) -> Mapping[tuple[int, str], str]:
    rows = RewardWords.objects.filter(reward__in=rewards).exclude(card="")
    return {(row.reward_id, row.language): row.card for row in rows}


def _card(grant: Grant, texts: Mapping[tuple[int, str], str], shop: Business) -> Card:
    language = _language(grant.customer.language, shop)
    text = texts.get((grant.reward_id, language), "")
    with override(language):
        words = _words(grant, shop)
        return Card(
            grant,
            cards.filled(text or own_words(), words),
            language,
            is_rtl=bool(get_language_info(language)["bidi"]),
            is_ours=not text,
        )


def _words(grant: Grant, shop: Business) -> dict[str, str]:
    customer = grant.customer
    return {
        "first_name": customer.greeting_name,
        "name": customer.recipient or customer.full_name,
        "years": _years(customer.since_on, grant.due_on),
        "shop": shop.name,
        "from_name": grant.owner.name if grant.owner else shop.from_name,
    }


def _years(since_on: date | None, on: date | None) -> str:
    """How many whole years on the day that it is due; "" where less than one."""
    years = cards.whole_years(since_on, on) if since_on and on else 0
    return words_in_language.years(years) if years > 0 else ""


def _language(theirs: str, shop: Business) -> str:
    known = dict(settings.LANGUAGES)
    found = (code for code in (theirs, shop.language) if code in known)
    return next(found, settings.LANGUAGE_CODE)
