"""The mail of a survey about a customer and an order that nobody has."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from crm import selectors as crm
from messaging.kinds import LinkTo, MailContext
from messaging.rules.choices import Purpose
from surveys import mail_parts, words
from surveys.rules.questionnaire import Questionnaire
from web import formats

# Of a personal link; in a mail that is only looked at it leads nowhere.
PATH = "/s/{token}/"
_ORDER = "10493"


def facts(now: datetime) -> dict[str, str]:
    """What the words of questions may recall, in the language that is active."""
    return {
        "first_name": _("Dana"),
        "shop": crm.business().name,
        "product": words.products(["Ethiopia 1 kg"]),
        "order": _ORDER,
        "day": formats.full_day(now - timedelta(days=5)),
        "score": "",
    }


def sample(
    questionnaire: Questionnaire,
    *,
    language: str,
    now: datetime,
    path: str = PATH,
    wording: Mapping[str, Promise] | None = None,
) -> MailContext:
    """What the templates of a mail with its first question need. `path`: where its
    buttons lead; `wording`: texts in the place of those of its kind."""
    with translation.override(language):
        known = facts(now)
        reason = _("You got this because order %(number)s arrived on %(day)s.")
        shop_language = crm.business().language
        return MailContext(
            values={
                **mail_parts.first_question(questionnaire, known, shop_language),
                "delivered": True,
            },
            links={"answer": LinkTo(Purpose.SURVEY, 0, path, now + timedelta(days=30))},
            words={name: known[name] for name in ("product", "order", "day")},
            wording={name: str(text) for name, text in (wording or {}).items()},
            footer_reason=reason % {"number": _ORDER, "day": known["day"]},
        )
