"""Segments: customers chosen by conditions, and the sums that conditions ask."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse

from crm.models.people import Customer
from crm.models.users import User
from web.rules import money


class Segment(models.Model):
    """A name for a tree of conditions (crm/rules/segment_tree.py). Who is in it is
    asked each time; changed by crm/services/segments.py alone.
    """

    name = models.CharField(max_length=120)
    description = models.CharField(
        max_length=300, blank=True, default="", db_default=""
    )
    conditions = models.JSONField()
    # Of those that come with Perennial: which one. Empty: made by staff.
    shipped = models.CharField(max_length=40, blank=True, default="", db_default="")
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, db_default=1)
    # Somebody wants to know who comes and leaves (crm/services/membership.py), and when
    # that was last looked at; null: not yet, or not with these conditions.
    is_followed = models.BooleanField(default=False, db_default=False)
    looked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = [Lower("name"), "id"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="segment_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="segment_has_name"),
            models.UniqueConstraint(
                fields=["shipped"],
                condition=~Q(shipped=""),
                name="segment_shipped_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def people_url(self) -> str:
        """The list of its people, which is the desk's."""
        return f"{reverse(settings.CUSTOMER_LIST_PAGE)}?segment={self.pk}"


class OrderSum(models.Model):
    """What a customer ordered in one currency: sales counted, returns subtracted,
    cancelled orders left out. Kept by crm/services/order_sums.py in the transaction
    that changes orders.
    """

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    currency = models.CharField(max_length=3)
    orders = models.PositiveIntegerField()
    total = models.DecimalField(max_digits=18, decimal_places=money.MOST_PLACES)
    # Orders in any currency, the same in each row of a customer: to add them up for
    # everybody takes two seconds at a million customers.
    all_orders = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "currency"], name="order_sum_once"
            ),
            models.CheckConstraint(
                condition=Q(all_orders__gte=F("orders")), name="order_sum_of_all"
            ),
        ]
        indexes = [
            # Segments by what was spent, and the core: the highest sums first.
            models.Index(F("currency"), F("total").desc(), name="order_sum_highest"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.currency}"


class CoreMark(models.Model):
    """From which sum on a customer belongs to the few who bring most of the revenue."""

    currency = models.CharField(max_length=3, unique=True)
    least = models.DecimalField(max_digits=18, decimal_places=money.MOST_PLACES)
    # How many they are, of how many with revenue, and what they bring of it.
    people = models.PositiveIntegerField()
    of_people = models.PositiveIntegerField()
    share = models.DecimalField(max_digits=5, decimal_places=4)
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(people__lte=F("of_people")) & Q(share__range=(0, 1)),
                name="core_mark_of_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.least}"
