"""What the same people brought in two neighbouring spans, and how few bring most.

What each person brought by month is kept by insights/services/counting.py, as spells
are, and likewise without a second check of the customer; the sums of spans follow by
triggers of that table. One currency a row; currencies are never added.
"""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crm.models import Customer
from crm.models.fields import choice_check, pairs
from insights.choices import Basis
from web.rules.money import MOST_PLACES

_DIGITS, _SQUARES = 20, 44


class Spending(models.Model):
    """What somebody brought in one currency, by month; the months are in order.

    `totals` are all that was brought by the end of each month, and `sales` in how many
    months until then something was bought: what was brought between two days is the
    difference of two of them. By contract a total is the value in force.
    """

    basis = models.CharField(max_length=8, choices=pairs(Basis))
    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    currency = models.CharField(max_length=3)
    # Of their first purchase, by orders in any currency; empty: they only gave back.
    first_month = models.DateField(null=True, blank=True)
    months = ArrayField(models.DateField())
    totals = ArrayField(
        models.DecimalField(max_digits=_DIGITS, decimal_places=MOST_PLACES)
    )
    sales = ArrayField(models.PositiveIntegerField())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "basis", "currency"], name="spending_once"
            ),
            choice_check("basis", Basis, name="spending_basis"),
            models.CheckConstraint(
                condition=Q(months__len__gte=1)
                & Q(totals__len=F("months__len"), sales__len=F("months__len")),
                name="spending_by_month",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.currency}"


class MoneyMark(models.Model):
    """Orders changed since the curve of the few was drawn.

    Rows are only added, in the transaction of the change, and taken away by their ids:
    one row that all write to would make them wait for each other.
    """

    marked_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.marked_at)


class MoneyEnd(models.Model):
    """A pair of spans that is summed up: the `months` before `ends_on` beside the same
    number of months before those."""

    basis = models.CharField(max_length=8, choices=pairs(Basis))
    months = models.PositiveSmallIntegerField()
    ends_on = models.DateField()
    # Whether orders are known from the first day of the earlier months on.
    is_whole = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["basis", "months", "ends_on"], name="money_end_once"
            ),
            choice_check("basis", Basis, name="money_end_basis"),
            models.CheckConstraint(
                condition=Q(ends_on__day=1, months__in=[3, 12]),
                name="money_end_of_months",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.basis} {self.ends_on} {self.months}"


class MoneyPeriod(models.Model):
    """The sums of one currency in a pair of spans.

    `people` are those who brought something in the earlier one: they bring more
    (`expansion`), less (`contraction`), as much, or nothing (`lost`) in the later.
    `revenue` is of everybody in the later one, `earlier_revenue` of those who had
    bought before it began.
    """

    end = models.ForeignKey(MoneyEnd, on_delete=models.CASCADE, db_index=False)
    currency = models.CharField(max_length=3)
    # Everybody of whom anything is known in one of both; without them the row goes.
    persons = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    more_people = models.PositiveIntegerField()
    less_people = models.PositiveIntegerField()
    same_people = models.PositiveIntegerField()
    lost_people = models.PositiveIntegerField()
    start = models.DecimalField(max_digits=_DIGITS, decimal_places=MOST_PLACES)
    expansion = models.DecimalField(max_digits=_DIGITS, decimal_places=MOST_PLACES)
    contraction = models.DecimalField(max_digits=_DIGITS, decimal_places=MOST_PLACES)
    lost = models.DecimalField(max_digits=_DIGITS, decimal_places=MOST_PLACES)
    # Sums of squares and products of each person, for the interval. Exact, because
    # they are kept by differences.
    squares_then = models.DecimalField(
        max_digits=_SQUARES, decimal_places=2 * MOST_PLACES
    )
    squares_now = models.DecimalField(
        max_digits=_SQUARES, decimal_places=2 * MOST_PLACES
    )
    products_now = models.DecimalField(
        max_digits=_SQUARES, decimal_places=2 * MOST_PLACES
    )
    squares_kept = models.DecimalField(
        max_digits=_SQUARES, decimal_places=2 * MOST_PLACES
    )
    products_kept = models.DecimalField(
        max_digits=_SQUARES, decimal_places=2 * MOST_PLACES
    )
    buyers = models.PositiveIntegerField()
    earlier_buyers = models.PositiveIntegerField()
    revenue = models.DecimalField(max_digits=_DIGITS, decimal_places=MOST_PLACES)
    earlier_revenue = models.DecimalField(
        max_digits=_DIGITS, decimal_places=MOST_PLACES
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["end", "currency"], name="money_period_once"
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
        return f"{self.currency} {self.end_id}"

    @property
    def basis(self) -> str:
        return self.end.basis

    @property
    def months(self) -> int:
        return self.end.months

    @property
    def ends_on(self) -> date:
        return self.end.ends_on

    @property
    def is_whole(self) -> bool:
        return self.end.is_whole


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
