"""From when until when somebody was a customer, and its sums by month.

All of it is worked out again from orders and subscriptions, by
insights/services/counting.py alone, from customers that it reads in the same statement.
So PostgreSQL does not check the customer and the owner of each row a second time, which
took a quarter of a count of everybody. A trigger takes away the rows of customers that
are deleted, and waits for a count that is at work.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crm.models import Customer
from crm.models.fields import choice_check, pairs
from insights.choices import Basis, Dimension, Unit


class StaleCustomer(models.Model):
    """Who has to be counted again, because orders, contracts or the person changed.

    Written in the transaction of the change; a tick empties it.
    """

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    marked_at = models.DateTimeField()

    class Meta:
        indexes = [
            # The oldest marks first.
            models.Index(fields=["marked_at"], name="insights_stale_oldest"),
        ]

    def __str__(self) -> str:
        return str(self.customer_id)


class Buyer(models.Model):
    """The days on which somebody bought something that was not all given back.

    In the shop's zone, each once and in order. No row: they never bought.
    """

    customer = models.OneToOneField(
        Customer,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="+",
        db_constraint=False,
    )
    days = ArrayField(models.DateField())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(days=[]), name="buyer_has_bought"),
        ]

    def __str__(self) -> str:
        return str(self.customer_id)


class Spell(models.Model):
    """An unbroken time as a customer: from `starts_on` to the day before `ends_on`.

    `ends_on` empty: nothing says when it ends. By orders it is always there, and may
    lie in days to come. Country, source and owner are copied, so that a change of them
    can be taken out of the sums.
    """

    basis = models.CharField(max_length=8, choices=pairs(Basis))
    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    # 1: they were new; more: they came back.
    number = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    country = models.CharField(max_length=2, blank=True, default="", db_default="")
    source = models.CharField(max_length=60, blank=True, default="", db_default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        constraints = [
            # Who they are behind a figure, in the order of the records.
            models.UniqueConstraint(
                fields=["customer", "basis", "starts_on"], name="spell_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                name="spell_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="spell_number"),
            choice_check("basis", Basis, name="spell_basis"),
        ]
        indexes = [
            # The last day of which anything is known.
            models.Index(fields=["basis", "ends_on"], name="spell_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.starts_on}"


class Cell(models.Model):
    """How many became customers and how many ceased to be in a month.

    `..._gone_in_...`: of those who came in the month, how many were gone again before
    the month, its quarter or its year was over; they are in no count at its end.
    """

    basis = models.CharField(max_length=8, choices=pairs(Basis))
    month = models.DateField()
    dimension = models.CharField(max_length=8, choices=pairs(Dimension))
    value = models.CharField(max_length=60, blank=True, default="", db_default="")
    new = models.IntegerField()
    back = models.IntegerField()
    lost = models.IntegerField()
    new_gone_in_month = models.IntegerField()
    new_gone_in_quarter = models.IntegerField()
    new_gone_in_year = models.IntegerField()
    back_gone_in_month = models.IntegerField()
    back_gone_in_quarter = models.IntegerField()
    back_gone_in_year = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["basis", "dimension", "value", "month"], name="cell_once"
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="cell_is_of_a_month"
            ),
            models.CheckConstraint(
                condition=Q(new__gte=0, back__gte=0, lost__gte=0), name="cell_counts"
            ),
            choice_check("basis", Basis, name="cell_basis"),
            choice_check("dimension", Dimension, name="cell_dimension"),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.dimension} {self.value}"


class CohortCell(models.Model):
    """Of those who first bought in one period: how many bought in another one."""

    unit = models.CharField(max_length=7, choices=pairs(Unit))
    cohort = models.DateField()
    period = models.DateField()
    people = models.IntegerField()
    # Of these, who bought on a second day, whenever that was.
    repeated = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "cohort", "period"], name="cohort_once"
            ),
            models.CheckConstraint(
                condition=Q(cohort__day=1, period__day=1, period__gte=F("cohort")),
                name="cohort_periods",
            ),
            models.CheckConstraint(
                condition=Q(people__gte=0, repeated__gte=0), name="cohort_people"
            ),
            choice_check("unit", Unit, name="cohort_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.cohort} {self.period}"
