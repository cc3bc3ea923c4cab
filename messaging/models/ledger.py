"""The contact ledger: one row for every contact that was ever planned, sent or not."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from crm.models import Customer, User
from crm.models.fields import choice_check, pairs
from crm.rules import names
from messaging.models.automation import Automation
from messaging.models.runs import Run
from messaging.models.sending import SendingAccount
from messaging.models.steps import MOST_STEPS
from messaging.rules.choices import (
    COUNTED,
    Category,
    OnUncertain,
    State,
    Transport,
)

_LEASED = [State.CLAIMED.value, State.HANDED.value]


class Message(models.Model):
    """States and how they follow each other: see docs/architecture.md.

    It has exactly one recipient: a customer, a colleague (`user`) or a bare address.
    Unique (kind, recipient, occurrence) makes twice the same as once. A superseded row
    frees its key (the date changed); a cancelled one keeps it (a person decided).
    """

    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="messages",
        db_index=False,
    )
    user = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    # Only where there is no record to read it from; as crm compares addresses.
    address = models.CharField(max_length=254, null=True, blank=True)
    automation = models.ForeignKey(
        Automation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # The way through an automation of several steps that it is a part of.
    run = models.ForeignKey(
        Run,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="messages",
        db_index=False,
    )
    step = models.PositiveSmallIntegerField(default=1, db_default=1)
    # By which it leaves; None: by the shop's own transport.
    account = models.ForeignKey(
        SendingAccount,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    kind = models.CharField(max_length=40)
    category = models.CharField(max_length=14, choices=pairs(Category))
    # What makes this contact the same one again; never holds a customer's id.
    occurrence = models.CharField(max_length=160)
    # A reminder of an earlier message: some budget rules do not count it again.
    is_reminder = models.BooleanField(default=False, db_default=False)
    priority = models.PositiveSmallIntegerField(default=50, db_default=50)
    state = models.CharField(
        max_length=10,
        choices=pairs(State),
        default=State.PLANNED.value,
        db_default=State.PLANNED.value,
    )
    reason_code = models.CharField(max_length=40, blank=True)
    # What the lot of the automation gave them when it was planned: held out or not.
    # Null where no one is held out.
    in_holdout = models.BooleanField(null=True, blank=True)
    # Ids, counts and times only, so that erasure need not touch it.
    reason_data = models.JSONField(default=dict, db_default={}, blank=True)
    why = models.JSONField(default=dict, db_default={}, blank=True)
    language = models.CharField(max_length=10, blank=True)
    due_on = models.DateField()
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField()
    planned_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Attempts that a server answered with "not now": the wait grows with them. The
    # others ended without an answer, and too many of those end the message.
    refusals = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Those of them that named a rule while other mail was taken: a few, then it fails.
    policy_refusals = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Sent again by ourselves because it was unknown whether it had left.
    resends = models.PositiveSmallIntegerField(default=0, db_default=0)
    deferrals = models.PositiveSmallIntegerField(default=0, db_default=0)
    deferred_reason = models.CharField(max_length=40, blank=True)
    claim_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    handed_at = models.DateTimeField(null=True, blank=True)
    final_at = models.DateTimeField(null=True, blank=True)
    # Message-ID, fixed when the row is made, never per attempt.
    message_uuid = models.UUIDField(
        default=uuid.uuid4, db_default=RandomUUID(), unique=True
    )
    address_hash = models.BinaryField(max_length=32, null=True, blank=True)
    smtp_code = models.PositiveSmallIntegerField(null=True, blank=True)
    smtp_text = models.CharField(max_length=300, blank=True)
    transport = models.CharField(max_length=8, choices=pairs(Transport), blank=True)
    on_uncertain = models.CharField(
        max_length=6,
        choices=pairs(OnUncertain),
        default=OnUncertain.PARK.value,
        db_default=OnUncertain.PARK.value,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "customer", "occurrence", "user", "address"],
                condition=~Q(state=State.SUPERSEDED.value),
                nulls_distinct=False,
                name="message_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    customer__isnull=False, user__isnull=True, address__isnull=True
                )
                | Q(customer__isnull=True, user__isnull=False, address__isnull=True)
                # A check that is unknown passes: NULL > '' alone would.
                | Q(
                    customer__isnull=True,
                    user__isnull=True,
                    address__isnull=False,
                    address__gt="",
                ),
                name="message_one_recipient",
            ),
            # Consent, pauses and limits are asked of customers.
            models.CheckConstraint(
                condition=Q(customer__isnull=False)
                | Q(category=Category.TRANSACTIONAL.value),
                name="message_to_others_transactional",
            ),
            # The claim of an account asks those to bare addresses alone.
            models.CheckConstraint(
                condition=Q(account=None) | Q(customer=None),
                name="message_account_of_letters",
            ),
            # The kind of an automation plans its first step, and a run the others.
            models.CheckConstraint(
                condition=Q(step=1) | Q(step__range=(2, MOST_STEPS), run__isnull=False),
                name="message_step",
            ),
            choice_check("state", State, name="message_state"),
            choice_check("category", Category, name="message_category"),
            choice_check("on_uncertain", OnUncertain, name="message_on_uncertain"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("not_before")), name="message_has_life"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=_LEASED,
                    claim_token__isnull=False,
                    lease_until__isnull=False,
                )
                | ~Q(state__in=_LEASED),
                name="message_leased_has_token",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*_LEASED, State.PLANNED.value], final_at=None)
                | Q(
                    ~Q(state__in=[*_LEASED, State.PLANNED.value]),
                    final_at__isnull=False,
                ),
                name="message_final_has_time",
            ),
        ]
        indexes = [
            # The claim: what may go now, most important first.
            models.Index(
                fields=["priority", "not_before", "id"],
                condition=Q(state=State.PLANNED.value),
                name="message_claim",
            ),
            # The same of those to colleagues and bare addresses.
            models.Index(
                fields=["priority", "not_before", "id"],
                condition=Q(state=State.PLANNED.value, customer__isnull=True),
                name="message_claim_others",
            ),
            # What waits for one account; also where the account is deleted.
            models.Index(
                fields=["account", "not_before"],
                condition=Q(account__isnull=False),
                name="message_account",
            ),
            # The sweep and the series of a customer: the mails of one run.
            models.Index(
                fields=["run", "step"],
                condition=Q(run__isnull=False),
                name="message_run",
            ),
            # Mail that came back from one address for the time being.
            models.Index(
                fields=["address_hash", "final_at"],
                condition=Q(reason_code="soft_bounce"),
                name="message_soft_bounces",
            ),
            # What was sent to one colleague, newest first.
            models.Index(
                F("user"),
                F("id").desc(),
                condition=Q(user__isnull=False),
                name="message_colleague",
            ),
            # The overdue and the outbox's Planned tab, by time.
            models.Index(
                fields=["not_before", "id"],
                condition=Q(state=State.PLANNED.value),
                name="message_planned",
            ),
            # The sweeper: leases that ran out.
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=_LEASED),
                name="message_leases",
            ),
            # The budget: what counts against one person's limit.
            models.Index(
                fields=["customer", "counted_at"],
                condition=Q(state__in=sorted(state.value for state in COUNTED)),
                name="message_budget",
            ),
            # The same against one address, whoever's record it stands on.
            models.Index(
                fields=["address_hash", "counted_at"],
                condition=Q(state__in=sorted(state.value for state in COUNTED)),
                name="message_address_budget",
            ),
            # Timeline of one customer, newest first: by when it happened, or will.
            models.Index(
                F("customer"),
                Coalesce("final_at", "not_before").desc(),
                F("id").desc(),
                name="message_timeline",
            ),
            # The outbox's tabs of what is over, newest first.
            models.Index(
                F("state"),
                F("final_at").desc(),
                F("id").desc(),
                condition=Q(final_at__isnull=False),
                name="message_final",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.occurrence}"

    @property
    def person(self) -> Customer:
        """The customer it goes to, for kinds that write to customers only."""
        assert self.customer is not None, f"message {self.pk} goes to no customer"
        return self.customer

    @property
    def person_id(self) -> int:
        """Their id, without a look at the record."""
        assert self.customer_id is not None, f"message {self.pk} goes to no customer"
        return self.customer_id

    @property
    def email(self) -> str:
        """The address it goes to, as it stands now; "" where there is none."""
        if self.customer is not None:
            return self.customer.email
        return self.user.email if self.user else self.address or ""

    @property
    def email_norm(self) -> str:
        """The same in the form that decides whether two addresses are one."""
        if self.customer is not None:
            return self.customer.email_norm
        return names.normalise_email(self.email)
