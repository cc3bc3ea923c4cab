"""How many mails one person gets: at most so many of these classes in so many days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from messaging.rules.choices import Category


@dataclass(frozen=True)
class Rule:
    """A contact limit: at most `max_count` mails of these categories in so many
    days."""

    id: int
    categories: frozenset[Category]
    max_count: int
    window_days: int
    # A rule that does not count reminders does not hold them back either.
    counts_reminders: bool = True

    @property
    def window(self) -> timedelta:
        """How long it looks back."""
        return timedelta(days=self.window_days)

    def concerns(self, category: Category, *, is_reminder: bool) -> bool:
        """Whether this limit counts mail of that class."""
        return category in self.categories and (
            self.counts_reminders or not is_reminder
        )


@dataclass(frozen=True)
class Counted:
    """One mail that was claimed, handed over or sent, or may have been."""

    category: Category
    counted_at: datetime
    is_reminder: bool = False


@dataclass(frozen=True)
class Blocked:
    """A limit that is reached, and when there is room again."""

    rule: Rule
    count: int
    until: datetime


def used(rule: Rule, counted: Iterable[Counted], now: datetime) -> list[datetime]:
    """The moments that count against this rule now, oldest first."""
    start = now - rule.window
    return sorted(
        one.counted_at
        for one in counted
        if one.counted_at > start
        and rule.concerns(one.category, is_reminder=one.is_reminder)
    )


def longest_wait(
    rules: Sequence[Rule],
    counted: Sequence[Counted],
    *,
    category: Category,
    is_reminder: bool,
    now: datetime,
) -> Blocked | None:
    """The reached limit that keeps this mail waiting longest; None: it fits."""
    reached = [
        blocked
        for rule in rules
        if rule.concerns(category, is_reminder=is_reminder)
        and (blocked := _blocked(rule, used(rule, counted, now)))
    ]
    return max(reached, key=lambda blocked: blocked.until, default=None)


def _blocked(rule: Rule, moments: Sequence[datetime]) -> Blocked | None:
    if len(moments) < rule.max_count:
        return None
    # There is room once all but (max_count - 1) of them have left the window.
    leaves_last = moments[len(moments) - rule.max_count]
    return Blocked(rule, len(moments), leaves_last + rule.window)
