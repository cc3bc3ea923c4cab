"""What the page of signals says: names, sentences, and how each is counted."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from insights import words
from insights.choices import Basis
from insights.figures import percent
from insights.models import Definition
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
        "novelty": _("Took to something new"),
        "repeat": _("Repeat orders"),
        "praise": _("Praised us unasked"),
        "shown": _("Good reviews with a name to show"),
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
        "churn": _("Of %(of)s customers when it began, %(n)s left."),
        "referred": _(
            "Of %(of)s who came for the first time, %(n)s say on their record that"
            " somebody recommended us."
        ),
        "refunds": _("Of %(of)s who bought something, %(n)s gave something back."),
        "reviews": _("Of %(of)s who wrote a review, %(n)s gave four or five stars."),
        "novelty": _(
            "Of %(of)s who had bought before and bought again, %(n)s took a product"
            " that was new."
        ),
        "repeat": _("Of %(of)s who bought something, %(n)s had bought before."),
        "praise": _("Of %(of)s customers, %(n)s wrote to praise us by themselves."),
        "shown": _(
            "Of %(of)s who wrote a review, %(n)s gave four or five stars, words, and a"
            " name to show with them."
        ),
        "complaints": _(
            "Of %(of)s who complained, %(n)s were customers when it was over."
        ),
    }


def not_here(signal: str) -> str:
    """Why a signal cannot be measured where customers are counted by contract."""
    return {
        "refunds": _(
            "Not measurable by contract: nobody gives back a part of a contract. Who"
            " cancels is in the churn above."
        ),
        "novelty": _(
            "Not measurable by contract: a contract names its plan and no products, so"
            " it is not known what in it is new to somebody."
        ),
        "repeat": _(
            "Not measurable by contract: contracts go on by themselves and are not"
            " ordered again. Who stays is in the churn above."
        ),
    }[signal]


def better(*, is_gain: bool) -> str:
    """The direction that is good."""
    return _("More is better.") if is_gain else _("Less is better.")


def how(signal: str, row: Definition, basis: Basis) -> str:
    """How a signal was counted, with what makes a customer."""
    return f"{_hows()[signal]} {_definition(signal, row, basis)}"


def _hows() -> Mapping[str, str]:
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
        "novelty": _(
            "People who took a product that nobody had bought more than half a year"
            " before ÷ all who bought in the quarter and had done so earlier. Products"
            " first sold in the first year of the history count as old, because nobody"
            " knows for how long they had been there."
        ),
        "repeat": _(
            "People who bought before the quarter began ÷ all who bought in it. What"
            " was given back whole does not count."
        ),
        "praise": _(
            "People with a conversation that they began in the quarter and that is"
            " marked as praise ÷ everybody who was a customer on one of its days. What"
            " answers a mail of ours does not count, nor does what people write"
            " elsewhere, which does not come in: it is the low end."
        ),
        "shown": _(
            "People whose last review of the quarter has four or five stars, words and"
            " a name to be shown ÷ all who wrote one. They let us show it where"
            " reviews stand; nobody has said yes to an advertisement, so ask them"
            " before you use it in one."
        ),
        "complaints": _(
            "People with a conversation marked as a complaint in the quarter who are"
            " customers at its end ÷ all of them."
        ),
    }


# Of what somebody ordered, and of what anybody did; the others are of customers.
_OF_ORDERS = frozenset({"refunds", "novelty", "repeat"})
_OF_ANYBODY = frozenset({"reviews", "shown"})


def _definition(signal: str, row: Definition, basis: Basis) -> str:
    """What counts as a customer here, as far as this signal asks for it."""
    if signal in _OF_ORDERS:
        return words.whatever_the_days(row)
    if signal in _OF_ANYBODY:
        return words.of_anybody(row, basis)
    return words.counted_by(row, basis)


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
