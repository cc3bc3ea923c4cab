"""What customers buy again and again, and when they were reminded of it."""

from django.db import models
from django.db.models import Q

from crm.models import Customer, Product, User
from crm.models.fields import choice_check, pairs
from loyalty.choices import Answer, Basis, CampaignState
from messaging.models import Automation, Message


class StaleCustomer(models.Model):
    """Whose next purchases have to be worked out again, because orders changed.

    Written in the transaction of the change; every sweep empties it first.
    """

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    marked_at = models.DateTimeField()

    class Meta:
        indexes = [
            # The sweep takes the oldest marks first.
            models.Index(fields=["marked_at"], name="stale_customer_oldest"),
        ]

    def __str__(self) -> str:
        return str(self.customer_id)


class StaleProduct(models.Model):
    """How long a product lasts, or when it is wanted, changed: its buyers are marked
    by the next pass, because there may be very many of them."""

    product = models.OneToOneField(
        Product, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    marked_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.product_id)


class NextPurchase(models.Model):
    """When a customer is expected to buy a product again; no row: nothing to say."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    # The last purchase, and about every how many days they buy it.
    last_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    # How many of the customer's own intervals this stands on.
    intervals = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    basis = models.CharField(max_length=12, choices=pairs(Basis))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "product"], name="next_purchase_once"
            ),
            models.CheckConstraint(
                condition=Q(due_on__gt=models.F("last_on")),
                name="next_purchase_after_the_last",
            ),
            choice_check("basis", Basis, name="next_purchase_basis"),
        ]
        indexes = [
            # The sweep: whose day comes.
            models.Index(fields=["due_on"], name="next_purchase_due"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}/{self.product_id} {self.due_on}"


class ReminderItem(models.Model):
    """One product of one reminder: the same purchase is never reminded of twice."""

    # Both are copied from what holds them: the message and the next purchase. To have
    # them checked a second time took a fifth of a great sweep.
    customer = models.ForeignKey(
        Customer,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    product = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    last_on = models.DateField()
    due_on = models.DateField()
    # The mail that lists it; after "remind me later", the last one.
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="reminder_items"
    )
    # "Remind me later": the day on which it may be listed again.
    again_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "product", "last_on"], name="reminder_item_once"
            ),
        ]
        indexes = [
            # The sweep: what was put off until a day.
            models.Index(
                fields=["again_on"],
                condition=Q(again_on__isnull=False),
                name="reminder_item_again",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}/{self.product_id} {self.last_on}"


class ReorderRefusal(models.Model):
    """A customer wants no reminders of a product, or (no product) none at all."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    product = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        null=True,
        blank=True,
    )
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "product"],
                nulls_distinct=False,
                name="reorder_refusal_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}/{self.product_id or 'all'}"


class Campaign(models.Model):
    """What an automation of the kind `campaign` is beside: its day, and how far it is.

    `state` and `Automation.is_on` change together; see `services/campaigns.py`.
    """

    automation = models.OneToOneField(
        Automation, on_delete=models.CASCADE, primary_key=True, related_name="campaign"
    )
    state = models.CharField(
        max_length=8,
        choices=pairs(CampaignState),
        default=CampaignState.DRAFT.value,
        db_default=CampaignState.DRAFT.value,
    )
    # The day on which everybody gets it, by their own clock.
    on = models.DateField(null=True, blank=True)
    # Why it is no advertising, in the owner's words; "": it is marketing.
    transactional_reason = models.CharField(
        max_length=300, blank=True, default="", db_default=""
    )
    # Above so many people it stops and asks for a yes; null: without a bound.
    most_people = models.PositiveIntegerField(null=True, blank=True)
    started_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            choice_check("state", CampaignState, name="campaign_state"),
            models.CheckConstraint(
                condition=Q(state=CampaignState.DRAFT.value) | Q(on__isnull=False),
                name="campaign_has_day",
            ),
            models.CheckConstraint(
                condition=~Q(state=CampaignState.GOING.value)
                | Q(started_at__isnull=False),
                name="campaign_going_has_start",
            ),
            models.CheckConstraint(
                condition=Q(state=CampaignState.OVER.value, ended_at__isnull=False)
                | Q(~Q(state=CampaignState.OVER.value), ended_at=None),
                name="campaign_over_has_end",
            ),
        ]
        indexes = [
            # Today: what is going, and what ended.
            models.Index(fields=["state", "ended_at"], name="campaign_standing"),
        ]

    def __str__(self) -> str:
        return f"campaign {self.automation_id}"


class CampaignRequest(models.Model):
    """A marketer asks whether a campaign may go to so many people."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="requests"
    )
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    people = models.PositiveIntegerField()
    answer = models.CharField(
        max_length=9,
        choices=pairs(Answer),
        default=Answer.OPEN.value,
        db_default=Answer.OPEN.value,
    )
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            choice_check("answer", Answer, name="campaign_answer"),
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(answer=Answer.OPEN.value),
                name="campaign_asked_once",
            ),
            models.CheckConstraint(
                condition=Q(answer=Answer.OPEN.value, answered_at=None)
                | Q(~Q(answer=Answer.OPEN.value), answered_at__isnull=False),
                name="campaign_answer_has_time",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None)
                | ~Q(answered_by=models.F("asked_by"))
                | Q(answer=Answer.WITHDRAWN.value),
                name="campaign_answered_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(answer__in=[Answer.YES.value, Answer.NO.value])
                | Q(answered_by__isnull=False),
                name="campaign_answer_is_of_somebody",
            ),
        ]
        indexes = [
            # Today: what waits for a yes.
            models.Index(
                fields=["asked_at"],
                condition=Q(answer=Answer.OPEN.value),
                name="campaign_requests_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.answer}"
