"""Who is drawn into a sample, and how the places of a month last to its end."""

from calendar import monthrange
from datetime import date, timedelta

from messaging.rules.holdout import is_held_out


def is_in_sample(survey_id: int, percent: int, customer_id: int) -> bool:
    """Whether a survey asks this share of people and this person is one of them.

    The lot of messaging with the survey for its salt, so that the same person is in or
    out each time, in one survey apart from another. A higher share has those of the
    lower one and more. `surveys.sql.limits` is the same in SQL; a test compares them.
    """
    return is_held_out(f"survey-{survey_id}", percent, customer_id)


def places_by(most: int, day: date) -> int:
    """How many of `most` a month may have been asked by the end of this day: as much of
    them as of the month is over, rounded up."""
    days = monthrange(day.year, day.month)[1]
    return -(-most * day.day // days)


def next_place_on(most: int, asked: int, day: date) -> date:
    """The first day after this one with a place, where so many were asked this
    month."""
    following = day + timedelta(days=1)
    while following.day != 1 and places_by(most, following) <= asked:
        following += timedelta(days=1)
    return following
