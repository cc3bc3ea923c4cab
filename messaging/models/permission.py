"""May we write: consent, suppression, holds and the contact limits."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crm.models import Customer, User
from crm.models.fields import choice_check, pairs
from messaging.rules.choices import Category, SuppressionReason


class Consent(models.Model):
    """Append-only; the state of a category is its last row. A trigger refuses edits."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="consents", db_index=False
    )
    category = models.CharField(max_length=14, choices=pairs(Category))
    granted = models.BooleanField()
    at = models.DateTimeField()
    # preference_page, stop_page, one_click, undo, staff, import, api
    how = models.CharField(max_length=30)
    source_text = models.CharField(max_length=300, blank=True)
    wording_version = models.CharField(max_length=40, blank=True)
    address_hash = models.BinaryField(max_length=32, null=True, blank=True)
    ip_truncated = models.CharField(max_length=45, blank=True)
    source_key = models.CharField(max_length=120, null=True, blank=True)
    # The colleague who wrote it down; empty: the customer, an import or the API.
    staff = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_key"], name="consent_source_once"),
            models.CheckConstraint(
                condition=Q(staff=None) | Q(how__in=["staff", "undo"]),
                name="consent_staff_how",
            ),
            choice_check("category", Category, name="consent_category"),
        ]
        indexes = [
            # The claim asks for the last row of a category.
            models.Index(
                F("customer"), F("category"), F("id").desc(), name="consent_state"
            ),
            # And for the last word at an address, by whatever record.
            models.Index(
                F("address_hash"), F("category"), F("id").desc(), name="consent_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category}: {'yes' if self.granted else 'no'}"


class Suppression(models.Model):
    """Addresses we never write to again. No customer: it survives erasure."""

    address_hash = models.BinaryField(max_length=32)
    # "all", or one category.
    scope = models.CharField(max_length=14, default="all", db_default="all")
    reason = models.CharField(max_length=10, choices=pairs(SuppressionReason))
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address_hash", "scope"],
                condition=Q(lifted_at=None),
                name="suppression_once",
            ),
            choice_check("reason", SuppressionReason, name="suppression_reason"),
        ]
        indexes = [
            # A list of opt-outs asks what was taken back since, of many addresses.
            models.Index(
                fields=["address_hash"],
                condition=Q(lifted_at__isnull=False),
                name="suppression_lifted",
            )
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.reason}"


class Hold(models.Model):
    """A reason to wait: placed and released by upper apps (an open complaint)."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="holds", db_index=False
    )
    categories = ArrayField(models.CharField(max_length=14))
    reason = models.CharField(max_length=40)
    source_key = models.CharField(max_length=120)
    placed_at = models.DateTimeField()
    # A pause is of everybody at this address; null: of this customer alone.
    address_hash = models.BinaryField(max_length=32, null=True, blank=True)
    # A pause that the customer chose ends by itself.
    until = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_key"],
                condition=Q(released_at=None),
                name="hold_source_once",
            )
        ]
        indexes = [
            # The claim asks for open holds of one customer.
            models.Index(
                fields=["customer"], condition=Q(released_at=None), name="hold_open"
            ),
            models.Index(
                fields=["address_hash"],
                condition=Q(released_at=None),
                name="hold_of_address",
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class BudgetRule(models.Model):
    """At most so many mails of these categories in so many days, per person."""

    name = models.CharField(max_length=60, unique=True)
    categories = ArrayField(models.CharField(max_length=14))
    max_count = models.PositiveSmallIntegerField()
    window_days = models.PositiveSmallIntegerField()
    counts_reminders = models.BooleanField(default=True, db_default=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(max_count__gte=1, window_days__range=(1, 366)),
                name="budget_rule_sane",
            )
        ]

    def __str__(self) -> str:
        return self.name
