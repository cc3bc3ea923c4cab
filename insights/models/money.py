"""What the same people brought in two neighbouring spans, and how few bring most.

All of it is worked out again from orders and contracts, by insights/services/money.py
alone. One currency a row; currencies are never added.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crm.models.fields import choice_check, pairs
from insights.choices import Basis
from web.rules.money import MOST_PLACES

_DIGITS = 20


class MoneyMark(models.Model):
    """Orders or contracts changed since the sums were made.

    Rows are only added, in the transaction of the change, and taken away by their ids:
    one row that all write to would make them wait for each other.
    """

    marked_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.marked_at)


class MoneyPeriod(models.Model):
    """The `months` before `ends_on` beside the same number of months before those.

    `people` are those who brought something in the earlier ones: they bring more
    (`expansion`), less (`contraction`), as much, or nothing (`lost`) in the later.
    `revenue` is of everybody in the later months, `earlier_revenue` of those who had
    bought before these began.
    """

    basis = models.CharField(max_length=8, choices=pairs(Basis))
    currency = models.CharField(max_length=3)
    ends_on = models.DateField()
    months = models.PositiveSmallIntegerField()
    # Whether orders are known from the first day of the earlier months on.
    is_whole = models.BooleanField()
    people = models.PositiveIntegerField()
    more_people = models.PositiveIntegerField()
    less_people = models.PositiveIntegerField()
    same_people = models.PositiveIntegerField()
    lost_people = models.PositiveIntegerField()
    start = models.DecimalField(max_digits=_DIGITS, decimal_places=MOST_PLACES)
    expansion = models.DecimalField(max_digits=_DIGITS, decimal_places=MOST_PLACES)
    contraction = models.DecimalField(max_digits=_DIGITS, decimal_places=MOST_PLACES)
    lost = models.DecimalField(max_digits=_DIGITS, decimal_places=MOST_PLACES)
    # Sums of squares and products of each person, for the interval.
    squares_then = models.FloatField()
    squares_now = models.FloatField()
    products_now = models.FloatField()
    squares_kept = models.FloatField()
    products_kept = models.FloatField()
    buyers = models.PositiveIntegerField()
    earlier_buyers = models.PositiveIntegerField()
    revenue = models.DecimalField(max_digits=_DIGITS, decimal_places=MOST_PLACES)
    earlier_revenue = models.DecimalField(
        max_digits=_DIGITS, decimal_places=MOST_PLACES
    )
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["basis", "currency", "months", "ends_on"],
                name="money_period_once",
            ),
            choice_check("basis", Basis, name="money_period_basis"),
            models.CheckConstraint(
                condition=Q(ends_on__day=1, months__in=[3, 12]),
                name="money_period_of_months",
            ),
            models.CheckConstraint(
                condition=Q(
                    people=F("more_people")
                    + F("less_people")
                    + F("same_people")
                    + F("lost_people")
                ),
                name="money_period_people_add_up",
            ),
            models.CheckConstraint(
                condition=Q(start__gte=F("contraction") + F("lost")),
                name="money_period_loses_what_it_had",
            ),
            models.CheckConstraint(
                condition=Q(buyers__gte=F("earlier_buyers")),
                name="money_period_buyers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.ends_on} {self.months}"


class SpendCurve(models.Model):
    """Everybody with revenue in this currency, in slices from the best downwards: how
    many are in each, and what they brought in all their time."""

    currency = models.CharField(max_length=3, unique=True)
    people = ArrayField(models.PositiveIntegerField())
    sums = ArrayField(
        models.DecimalField(max_digits=_DIGITS, decimal_places=MOST_PLACES)
    )
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(people__len=F("sums__len")), name="spend_curve_in_pairs"
            ),
        ]

    def __str__(self) -> str:
        return self.currency
