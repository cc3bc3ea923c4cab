"""Good wishes to everybody in an audience on a feast: New Year, Easter and others."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar

from django.utils.translation import gettext, gettext_lazy

from loyalty.kinds.greeting import Greeting, words_of
from loyalty.kinds.thanks import day_of
from loyalty.rules.feasts import Feast, feast_days
from loyalty.sql import days as sql
from messaging.kinds import Due, Group, StartingPoint, Window
from messaging.models import Automation, Message

_ = gettext_lazy

_CLOSING = _("There is nothing to do and nothing to buy. We wanted to say so.")


def _card(label: object, summary: object, suits: object) -> tuple[StartingPoint, ...]:
    """The card of a feast (lazy texts)."""
    return (
        StartingPoint(
            name="plain",
            group=Group.OCCASION,
            label=label,
            summary=summary,
            suits=suits,
            goes=_("In the morning of the day, also where that is a day off."),
        ),
    )


class FeastGreeting(Greeting):
    """Each in the audience gets it once a year. The day is the same for all, so
    nothing about the customer moves it."""

    has_own_day = False
    # A feast is a day off for those who keep it.
    rests = False
    is_to_everybody = True
    # The minutes between two ticks change little of that.
    look_holds_for = timedelta(hours=1)
    feast: ClassVar[Feast]
    sample_words: ClassVar[dict[str, str]] = {"day": "1 January 2027"}

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        shift = timedelta(days=automation.offset_days)
        return sql.everybody(self._days(automation, window), shift)

    def due_to_all(self, automation: Automation, window: Window) -> dict[str, date]:
        shift = timedelta(days=automation.offset_days)
        days = self._days(automation, window)
        due_on = [day + shift for day in days]
        return dict(zip(sql.occurrences(days), due_on, strict=True))

    def _days(self, automation: Automation, window: Window) -> list[date]:
        shift = timedelta(days=automation.offset_days)
        first_on, last_on = window.first_on - shift, window.last_on - shift
        return list(feast_days(self.feast, first_on, last_on))

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        text = gettext("%(feast)s on %(day)s.")
        return {
            message.pk: text % {"feast": self.label, "day": day_of(message)}
            for message in messages
        }


class NewYear(FeastGreeting):
    """Good wishes on 1 January."""

    name = "new_year"
    feast = Feast.NEW_YEAR
    label = _("New Year")
    occasion = _("New Year")
    summary = _("Good wishes on 1 January.")
    starting_points = _card(
        label,
        summary,
        _("Everybody, where the year begins on 1 January."),
    )
    wording = words_of(
        _("Happy New Year!"),
        _("{shop} wishes you a happy and healthy new year. Thank you for the old one."),
        _CLOSING,
        "day",
    )


class LunarNewYear(FeastGreeting):
    """Good wishes on the first day of the Chinese calendar's year."""

    name = "lunar_new_year"
    feast = Feast.LUNAR_NEW_YEAR
    label = _("Lunar New Year")
    occasion = _("Lunar New Year")
    summary = _("Good wishes on the first day of the Chinese calendar’s year.")
    starting_points = _card(
        label,
        summary,
        _("A segment of people who keep it: by country or language."),
    )
    wording = words_of(
        _("Happy Lunar New Year!"),
        _("{shop} wishes you and your family a happy and healthy new year."),
        _CLOSING,
        "day",
    )


class Easter(FeastGreeting):
    """Good wishes on Easter Sunday of the Western churches."""

    name = "easter"
    feast = Feast.EASTER
    label = _("Easter")
    occasion = _("Easter")
    summary = _("Good wishes on Easter Sunday of the Western churches.")
    starting_points = _card(
        label,
        summary,
        _("A segment of people in countries where it is kept."),
    )
    wording = words_of(
        _("Happy Easter!"),
        _("{shop} wishes you a happy Easter and a few quiet days."),
        _CLOSING,
        "day",
    )


class OrthodoxEaster(FeastGreeting):
    """Good wishes on Easter Sunday of the Orthodox churches."""

    name = "orthodox_easter"
    feast = Feast.ORTHODOX_EASTER
    label = _("Orthodox Easter")
    occasion = _("Orthodox Easter")
    summary = _("Good wishes on Easter Sunday of the Orthodox churches.")
    starting_points = _card(
        label,
        summary,
        _("A segment, such as Greece, Romania, Serbia or Ukraine."),
    )
    wording = Easter.wording


class Passover(FeastGreeting):
    """Good wishes on the day before Pesach."""

    name = "passover"
    feast = Feast.PASSOVER
    label = _("Eve of Pesach")
    occasion = _("Eve of Pesach")
    summary = _("Good wishes on the day before Pesach, which begins that evening.")
    starting_points = _card(
        label,
        summary,
        _("A segment of people who keep it, such as Israel."),
    )
    wording = words_of(
        _("Happy Pesach!"),
        _("{shop} wishes you and your family a happy Pesach."),
        _CLOSING,
        "day",
    )


class RoshHashanah(FeastGreeting):
    """Good wishes on the day before Rosh Hashanah."""

    name = "rosh_hashanah"
    feast = Feast.ROSH_HASHANAH
    label = _("Eve of Rosh Hashanah")
    occasion = _("Eve of Rosh Hashanah")
    summary = _(
        "Good wishes on the day before Rosh Hashanah, which begins that evening."
    )
    starting_points = _card(
        label,
        summary,
        _("A segment of people who keep it, such as Israel."),
    )
    wording = words_of(
        _("Shana tova!"),
        _("{shop} wishes you and your family a good and sweet year."),
        _CLOSING,
        "day",
    )


class MidAutumn(FeastGreeting):
    """Good wishes on the fifteenth day of the eighth lunar month."""

    name = "mid_autumn"
    feast = Feast.MID_AUTUMN
    label = _("Mid-Autumn Festival")
    occasion = _("Mid-Autumn Festival")
    summary = _("Good wishes on the fifteenth day of the eighth lunar month.")
    starting_points = _card(
        label,
        summary,
        _("A segment of people who keep it: by country or language."),
    )
    wording = words_of(
        _("Happy Mid-Autumn Festival!"),
        _("{shop} wishes you and your family a happy Mid-Autumn Festival."),
        _CLOSING,
        "day",
    )


FEASTS = (
    NewYear,
    LunarNewYear,
    Easter,
    OrthodoxEaster,
    Passover,
    RoshHashanah,
    MidAutumn,
)
