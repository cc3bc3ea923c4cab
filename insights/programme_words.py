"""What the figures of programmes are called, and how each was counted, in words."""

from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.sql.programmes import Span
from web import formats

KIND_NAMES = {
    "earned": gettext_lazy("Earned"),
    "spent": gettext_lazy("Used"),
    "expired": gettext_lazy("Ran out"),
    "reversed": gettext_lazy("Taken back or given back"),
    "adjusted": gettext_lazy("Put right by hand"),
    "imported": gettext_lazy("Brought over"),
    "transferred": gettext_lazy("Joined records"),
}
CLOSING = gettext_lazy("Balance at the end of the month")
STATES = {
    "open": gettext_lazy("Outstanding"),
    "pending": gettext_lazy("Pending"),
    "over": gettext_lazy("Ran out, not written yet"),
    "owed": gettext_lazy("Missing after returns"),
}


SENTENCES = {
    "open": gettext_lazy("Members can use this today."),
    "pending": gettext_lazy("Earned; it can be used once nobody can return it."),
    "over": gettext_lazy("It ran out, and leaves the balances with the next tick."),
    "owed": gettext_lazy("Returns took this when it was used already."),
}


def month_name(month: date | None) -> str:
    """November 2026; never."""
    return _("never") if month is None else str(date_format(month, "F Y"))


def month_key(month: date | None) -> str:
    """2026-11, as addresses and keys have it; of never: never."""
    return "never" if month is None else f"{month:%Y-%m}"


def how_closing() -> str:
    """What the balance at the end of a month is of."""
    return _(
        "All entries of the ledger up to the last day of the month, added up with their"
        " sign. Its people are those whose own entries came to something then, whether"
        " they had it or owed it."
    )


def name_of(what: str) -> str:
    """What a state of units or a kind of entry is called."""
    return str(STATES.get(what) or KIND_NAMES[what])


def how_held() -> str:
    """What is outstanding."""
    return _(
        "What is left of every part of every balance today. Its worth is what it would"
        " pay in orders, rounded once for each figure; currencies are never added."
    )


def how_months() -> str:
    """What the sums of a month are of."""
    return _(
        "The entries of the ledger by the day that they count for, added up with their"
        " sign. Brought over stands in the month in which it was earned elsewhere."
    )


def how_breakage() -> str:
    """What the share that ran out is of."""
    return _(
        "Of what orders and activities of a month earned, less what returns and"
        " corrections took away: the part that ran out before anybody used it. It is"
        " said once nothing of that month is left. What was brought over is not in it,"
        " since what had been used before is not known."
    )


def how_compared(asked: Span) -> str:
    """Whom the comparison is of."""
    return _(
        "Of those who bought in the year before %(first)s: who was a member then, and"
        " who was not; with what they ordered from then until %(last)s. Returns are"
        " taken off in the days on which they came back."
    ) % {
        "first": formats.full_day(asked.first),
        "last": formats.full_day(asked.after - timedelta(days=1)),
    }


def warning() -> str:
    """What the comparison does not say."""
    return _(
        "Members differ from the others from the start: whoever buys much joins sooner."
        " So the difference is not what the programme brought; only a group held out by"
        " lot could say that."
    )
