"""What the page of signals says: names, sentences, and why some are not measured."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from insights.figures import percent
from web import formats
from web.rules.movement import Moved


def titles() -> Mapping[str, str]:
    """What each signal is called."""
    return {
        "cost": _("What a new customer costs"),
        "churn": _("Churn of a quarter"),
        "referred": _("Came by recommendation"),
        "refunds": _("Gave something back"),
        "reviews": _("Reputation: four or five stars"),
        "repeat": _("Repeat orders"),
        "complaints": _("Stayed after a complaint"),
    }


def sentence(signal: str, count: int, base: int) -> str:
    """How many of how many."""
    return _sentences()[signal] % {
        "n": formats.number(count),
        "of": formats.number(base),
    }


def _sentences() -> Mapping[str, str]:
    return {
        "churn": _("Of %(of)s customers when it began %(n)s left."),
        "referred": _(
            "Of %(of)s who came for the first time %(n)s say on their record that"
            " somebody recommended us."
        ),
        "refunds": _("Of %(of)s who bought something %(n)s gave something back."),
        "reviews": _("Of %(of)s who wrote a review %(n)s gave four or five stars."),
        "repeat": _("Of %(of)s who bought something %(n)s had bought before."),
        "complaints": _(
            "Of %(of)s who complained %(n)s were customers when it was over."
        ),
    }


def how(signal: str) -> str:
    """How a signal was counted."""
    return {
        "cost": _(
            "What was spent in the months of the quarter, divided by all who came for"
            " the first time in it and were still customers at its end. Everything is"
            " counted and nothing drawn by lot, so there is no doubt of chance."
        ),
        "churn": _("Those who left ÷ those who were customers when it began."),
        "referred": _(
            "Those whose record names a friend, the family, a colleague or a"
            " recommendation ÷ all who came for the first time. It is the low end:"
            " records that say nothing may hide more, see Where from."
        ),
        "refunds": _(
            "People who gave something back in the quarter ÷ people who bought"
            " something in it. A return of an earlier purchase counts where it came"
            " back."
        ),
        "reviews": _(
            "People whose last review of the quarter has four or five stars ÷ all who"
            " wrote one in it. Everybody is asked by the same rule, and reviews count"
            " before anybody decides to show them."
        ),
        "repeat": _(
            "People who bought before the quarter began ÷ all who bought in it. What"
            " was given back whole does not count."
        ),
        "complaints": _(
            "People with a conversation marked as a complaint in the quarter who are"
            " customers at its end ÷ all of them."
        ),
    }[signal]


def moved(found: Moved, before: str, value: float | None, *, is_gain: bool) -> str:
    """The direction since a comparable time; `is_gain`: more of it is better."""
    if value is None or found is Moved.UNKNOWN:
        return _("Too few to compare with %(period)s.") % {"period": before}
    named = {"period": before, "rate": percent(value)}
    if found is Moved.BY_CHANCE:
        return _("Not a change beyond chance since %(period)s, with %(rate)s.") % named
    if (found is Moved.UP) == is_gain:
        return _("Better than in %(period)s, when it was %(rate)s.") % named
    return _("Worse than in %(period)s, when it was %(rate)s.") % named


def not_measured() -> Sequence[tuple[str, str]]:
    """The signals that nothing here tells of, each with the reason."""
    return [
        (
            _("New products are easy to try and to sell"),
            _(
                "Not known: no record says when a product came on sale, and the first"
                " order in the history may be years later."
            ),
        ),
        (
            _("Good reviews that nobody asked for"),
            _(
                "Not known: each review here answers a request. What people write"
                " elsewhere does not come in."
            ),
        ),
        (
            _("Customers who let themselves be shown in advertising, for free"),
            _("Not known: no record says who agreed to that."),
        ),
    ]
