"""Words that mails and pages share: the question, products, reasons and movements.

All of it in the language that is active.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from surveys.choices import CountedBy, LeftOut
from surveys.rules.questionnaire import Scale, numbers_of
from web import formats


class OrderWords(NamedTuple):
    """An order as a sentence names it, by the day it arrived or else was placed."""

    number: str
    day: str
    has_arrived: bool


def question() -> str:
    """The wording of the score's inventors: not for editing, or nothing compares."""
    return _("How likely are you to recommend us to a friend?")


def answered(scale: str, score: int | None) -> str:
    """Answered 9 of 10; Answered a survey, where the survey has no score."""
    if not scale or score is None:
        return _("Answered a survey")
    if scale == Scale.TEN:
        return _("Answered %(score)s, on a scale from 1 to 10") % {"score": score}
    return _("Answered %(score)s of %(most)s") % {
        "score": score,
        "most": numbers_of(Scale(scale))[-1],
    }


def products(names: Sequence[str]) -> str:
    """Ethiopia 1 kg; Ethiopia 1 kg and 2 more; or just: order."""
    if not names:
        return _("order")
    others = len(names) - 1
    if not others:
        return names[0]
    return ngettext(
        "%(product)s and %(others)d more", "%(product)s and %(others)d more", others
    ) % {"product": names[0], "others": others}


def order(
    number: str | None, ordered_on: date | None, delivered_on: date | None
) -> OrderWords | None:
    """None where the survey is not about an order: it has neither number nor day."""
    if number is None or ordered_on is None:
        return None
    day = formats.full_day(delivered_on or ordered_on)
    return OrderWords(number, day, has_arrived=delivered_on is not None)


def reason(every_days: int | None, about: OrderWords | None) -> str:
    """Why somebody was asked: a sentence that begins "You got this because"."""
    if about is not None:
        named = {"number": about.number, "day": about.day}
        if about.has_arrived:
            return _("You got this because order %(number)s arrived on %(day)s.") % (
                named
            )
        return _("You got this because you placed order %(number)s on %(day)s.") % named
    if every_days is None:
        return _("You got this because you are our customer.")
    return _(
        "You got this because you are our customer: we ask everybody once in "
        "%(days)d days."
    ) % {"days": every_days}


# Why an answer counts in no figure.
LEFT_OUT_REASONS = {
    LeftOut.TEST: gettext_lazy("a test of ours"),
    LeftOut.MISTAKE: gettext_lazy("given by mistake, as they told us"),
    LeftOut.SOMEBODY_ELSE: gettext_lazy("answered by somebody else"),
}


def left_out(because: LeftOut) -> str:
    """The reason as a sentence for staff."""
    return _("Left out of figures: %(why)s.") % {"why": LEFT_OUT_REASONS[because]}


def asked(people: int, answered: int, share: int | None) -> str:
    """830 of 2,024 have answered, 41 %; and without percent under 30 people."""
    numbers = {
        "answered": formats.number(answered),
        "asked": formats.number(people),
    }
    if not people:
        return _("Nobody has been asked yet.")
    if share is None:
        return _("%(answered)s of %(asked)s have answered.") % numbers
    return _("%(answered)s of %(asked)s have answered, %(share)s.") % {
        **numbers,
        "share": formats.percent(share),
    }


def asked_by(group: CountedBy) -> str:
    """What those who were asked are narrowed by, where answers keep a copy of it."""
    return {
        CountedBy.COUNTRY: _("By the country that customers have today."),
        CountedBy.LANGUAGE: _("By the language of the mail."),
        CountedBy.OWNER: _("By the owner that customers have today."),
        CountedBy.VERSION: _("By the version that was live when they were asked."),
        CountedBy.PRODUCT: _("By the order that the mail asked about."),
    }.get(group, "")


def starting_theme_names() -> dict[str, str]:
    """Of `rules.starting_themes`, by key."""
    return {
        "delivery": _("Delivery"),
        "quality": _("Quality"),
        "price": _("Price"),
        "service": _("Service"),
        "packaging": _("Packaging"),
        "website": _("Website"),
    }


def suggested_reply(name: str, own: str) -> str:
    """With which a mail to an unhappy customer may begin: the survey's own words, or
    the usual ones, below a greeting."""
    greeting = _("Hello %(name)s,") % {"name": name} if name else _("Hello,")
    return f"{greeting}\n\n{own or usual_reply()}"


def usual_reply() -> str:
    """Where a survey has no words of its own."""
    return _(
        "thank you for telling us. We are sorry that we did not do better. What would "
        "have made it right for you?"
    )
