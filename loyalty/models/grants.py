"""What a person was given: one row for each reward, from its promise to its end."""

from django.db import models
from django.db.models import F, Q

from crm.models import Customer, User
from crm.models.fields import choice_check, pairs
from loyalty.choices import OPEN_GRANTS, GrantSource, GrantState
from loyalty.models.rewards import Reward
from messaging.models import Message
from web.rules.money import MOST_PLACES

_OPEN = [state.value for state in OPEN_GRANTS]


class Grant(models.Model):
    """A reward given to a customer. `source_key` makes twice once; one that was taken
    back frees its key. Cost, currency and year are those of the day it was given."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="grants", db_index=False
    )
    reward = models.ForeignKey(Reward, on_delete=models.PROTECT, related_name="grants")
    state = models.CharField(max_length=11, choices=pairs(GrantState))
    source = models.CharField(max_length=10, choices=pairs(GrantSource))
    # "anniversary:2026:1", "hand:<uuid>"; never holds a customer's id.
    source_key = models.CharField(max_length=200)
    # The mail that brings it; without one, somebody gives it in another way.
    message = models.ForeignKey(
        Message, on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Why somebody gave it, in their words.
    reason = models.CharField(max_length=300, blank=True)
    cost = models.DecimalField(
        max_digits=18, decimal_places=MOST_PLACES, default=0, db_default=0
    )
    currency = models.CharField(max_length=3)
    year = models.PositiveSmallIntegerField()
    # The last day on which it is good, in the shop's zone, and the moment after it.
    expires_on = models.DateField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    # What somebody does for it: by when, who, and what they noted.
    due_on = models.DateField(null=True, blank=True)
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=1_000, blank=True)
    # When it was done, ran out or was taken back, and by whom.
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Why it was taken back: a word of ours ("by_staff", "mail_not_sent", "erased").
    ended_why = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "source_key"],
                condition=~Q(state=GrantState.TAKEN_BACK.value),
                name="grant_once",
            ),
            choice_check("state", GrantState, name="grant_state"),
            choice_check("source", GrantSource, name="grant_source"),
            models.CheckConstraint(
                condition=~Q(source_key=""), name="grant_has_source_key"
            ),
            models.CheckConstraint(condition=Q(cost__gte=0), name="grant_cost"),
            models.CheckConstraint(
                condition=Q(state__in=_OPEN, ended_at=None)
                | Q(~Q(state__in=_OPEN), ended_at__isnull=False),
                name="grant_over_has_end",
            ),
            models.CheckConstraint(
                condition=~Q(state=GrantState.TO_DO.value) | Q(due_on__isnull=False),
                name="grant_to_do_has_day",
            ),
            models.CheckConstraint(
                condition=Q(expires_on=None, expires_at=None)
                | Q(expires_on__isnull=False, expires_at__isnull=False),
                name="grant_expiry_is_a_day",
            ),
        ]
        indexes = [
            # The timeline and the panel of one customer, newest first.
            models.Index(
                F("customer"),
                F("granted_at").desc(),
                F("id").desc(),
                name="grant_timeline",
            ),
            # The tick: what has run out.
            models.Index(
                fields=["expires_at"],
                condition=Q(state__in=_OPEN, expires_at__isnull=False),
                name="grant_expiring",
            ),
            # Today and the gift desk: what is to do, the oldest day first.
            models.Index(
                F("due_on"),
                F("id"),
                condition=Q(state=GrantState.TO_DO.value),
                name="grant_to_do",
            ),
            # The same of one colleague.
            models.Index(
                F("owner"),
                F("due_on"),
                F("id"),
                condition=Q(state=GrantState.TO_DO.value),
                name="grant_to_do_of",
            ),
            # The gift desk and Today: what waits for a yes, what runs out first.
            models.Index(
                F("expires_at"),
                F("id"),
                condition=Q(state=GrantState.OFFERED.value),
                name="grant_offered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.reward_id}, {self.state}"
