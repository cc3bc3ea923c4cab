"""The ledger of programmes: who takes part, and every change of a balance.

Entries and allocations are append-only, by triggers. Lots and the columns of a
membership are what they add up to, kept in the same transaction under the row lock of
the membership, taken before any row of its ledger (`services/programmes/posting.py`).
"""

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from crm.models import Customer, User
from crm.models.fields import choice_check, pairs
from loyalty.choices import EntryKind
from loyalty.models.programme_rules import RuleVersion
from loyalty.models.programmes import Programme
from web.rules.money import MOST_PLACES


class Membership(models.Model):
    """A customer in a programme. Of a merged record it stays with that record: its
    balance was transferred."""

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="memberships", db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="memberships", db_index=False
    )
    joined_at = models.DateTimeField()
    # Orders up to this moment earn; null: they take part.
    left_at = models.DateTimeField(null=True, blank=True)
    # From leaving to coming back: what was ordered in between earns nothing, and what
    # was ordered before goes on to.
    absences = ArrayField(DateTimeRangeField(), blank=True, default=list, db_default=[])
    # The sum of all entries, pending ones included. Below zero only by a reversal.
    balance = models.DecimalField(
        max_digits=18, decimal_places=MOST_PLACES, default=0, db_default=0
    )
    # What reversals took that was not there; the next earnings pay it off.
    owed = models.DecimalField(
        max_digits=18, decimal_places=MOST_PLACES, default=0, db_default=0
    )
    # The day of the last earning or spending, for expiry by inactivity.
    active_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "programme"], name="membership_once"
            ),
            models.CheckConstraint(condition=Q(owed__gte=0), name="membership_owed"),
            # All lots together are never below zero.
            models.CheckConstraint(
                condition=Q(balance__gte=-F("owed")), name="membership_balance"
            ),
        ]
        indexes = [
            # The list of members of a programme.
            models.Index(
                F("programme"), F("balance").desc(), F("id"), name="membership_list"
            ),
            # Mails before what runs out with silence, and what has.
            models.Index(
                fields=["programme", "active_on"],
                condition=Q(balance__gt=0),
                name="membership_silent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id}: {self.customer_id}"


class Entry(models.Model):
    """One change of a balance. Append-only; says why by kind, keys and ids alone."""

    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="entries", db_index=False
    )
    kind = models.CharField(max_length=11, choices=pairs(EntryKind))
    amount = models.DecimalField(max_digits=18, decimal_places=MOST_PLACES)
    # "order:41:rule:3:1", "step:5"; never holds a customer's id or words.
    source_key = models.CharField(max_length=200)
    rule_version = models.ForeignKey(
        RuleVersion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    # No foreign key: an import that is undone deletes orders, and the ledger stays.
    order_id = models.BigIntegerField(null=True, blank=True)
    # The entry that this one takes back.
    undoes = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="undone_by",
        db_index=False,
    )
    # Of a part that came back after a spending or went to another record: the entry by
    # which it first came in; and of what ran out before it was taken back.
    origin = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    # The day it counts for, in the shop's zone.
    on = models.DateField()
    # Of what comes in: the first and the last day on which it can be spent.
    available_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "source_key"], name="entry_once"
            ),
            choice_check("kind", EntryKind, name="entry_kind"),
            models.CheckConstraint(
                condition=~Q(source_key=""), name="entry_has_source_key"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[EntryKind.EARNED.value, EntryKind.IMPORTED.value],
                    amount__gt=0,
                )
                | Q(kind=EntryKind.SPENT.value, amount__lt=0)
                | Q(
                    kind__in=[
                        EntryKind.EXPIRED.value,
                        EntryKind.REVERSED.value,
                        EntryKind.ADJUSTED.value,
                        EntryKind.TRANSFERRED.value,
                    ]
                )
                & ~Q(amount=0),
                name="entry_sign",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, available_on__isnull=False)
                | Q(amount__lt=0, available_on=None, expires_on=None),
                name="entry_days",
            ),
            models.CheckConstraint(
                condition=Q(origin=None) | Q(amount__gt=0), name="entry_origin"
            ),
        ]
        indexes = [
            # A member's ledger, newest first; the sums of `balances --check`.
            models.Index(F("membership"), F("id").desc(), name="entry_ledger"),
            # What an order has earned so far.
            models.Index(
                fields=["membership", "order_id"],
                condition=Q(order_id__isnull=False),
                name="entry_of_order",
            ),
            # What came back of a spending.
            models.Index(
                fields=["undoes"],
                condition=Q(undoes__isnull=False),
                name="entry_undoes",
            ),
            # Reports by day.
            models.Index(fields=["on"], name="entry_day"),
            # Mails and statements of a day or a month: entries stand in this order.
            BrinIndex(fields=["at"], name="entry_written"),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id}: {self.kind} {self.amount}"

    @property
    def first_id(self) -> int:
        """The entry by which it first came in: itself, unless it came from another."""
        return self.origin_id or self.pk


class EntryNote(models.Model):
    """What somebody wrote to an entry by hand; erased with the person."""

    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, primary_key=True, related_name="note"
    )
    text = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.entry_id}"


class Allocation(models.Model):
    """Which lot something that went out was taken from. Append-only."""

    spent = models.ForeignKey(
        Entry, on_delete=models.PROTECT, related_name="taken_from", db_index=False
    )
    earned = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="went_to")
    amount = models.DecimalField(max_digits=18, decimal_places=MOST_PLACES)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="allocation_amount"),
            models.UniqueConstraint(fields=["spent", "earned"], name="allocation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.spent_id} took {self.amount} of {self.earned_id}"


class Lot(models.Model):
    """What is left of an entry that came in: its amount less its allocations."""

    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, primary_key=True, related_name="lot"
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="lots", db_index=False
    )
    left = models.DecimalField(max_digits=18, decimal_places=MOST_PLACES)
    available_on = models.DateField()
    # As the programme says now; its entry keeps what was true then.
    expires_on = models.DateField(null=True, blank=True)
    # The order it was first earned by, through transfers and what came back.
    order_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(left__gte=0), name="lot_left"),
        ]
        indexes = [
            # What a member can spend.
            models.Index(
                fields=["membership"], condition=Q(left__gt=0), name="lot_open"
            ),
            # The tick: what has run out, and the mails before.
            models.Index(
                fields=["expires_on"],
                condition=Q(left__gt=0, expires_on__isnull=False),
                name="lot_expiring",
            ),
            # Mails of a reward that can be had: what came in on a day.
            models.Index(
                fields=["available_on"],
                condition=Q(left__gt=0),
                name="lot_becoming",
            ),
            # A reversal takes what its own order earned first.
            models.Index(
                fields=["membership", "order_id"],
                condition=Q(order_id__isnull=False),
                name="lot_of_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.left} left"


class BalanceCheck(models.Model):
    """The one row of when all ledgers were last added up, and how many memberships
    were not what theirs says."""

    checked_at = models.DateTimeField()
    wrong = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="balance_check_once"),
        ]

    def __str__(self) -> str:
        return f"{self.wrong} wrong"
