"""Codes that are good once, and what became of each."""

from django.db import models
from django.db.models import Q

from crm.models import ApiToken, User
from crm.models.fields import choice_check, pairs
from loyalty.choices import RedeemedBy, RedemptionState
from loyalty.models.grants import Grant
from loyalty.models.rewards import Reward
from loyalty.rules.codes import NO_RECEIPT
from web.rules.money import MOST_PLACES

_HELD = [RedemptionState.RESERVED.value, RedemptionState.REDEEMED.value]


class Code(models.Model):
    """A code, of a grant or waiting in the pool of its reward."""

    reward = models.ForeignKey(
        Reward, on_delete=models.PROTECT, related_name="codes", db_index=False
    )
    # As it is written, and as it is compared (rules/codes.py).
    text = models.CharField(max_length=40)
    key = models.CharField(max_length=40, unique=True)
    grant = models.OneToOneField(
        Grant, on_delete=models.PROTECT, null=True, blank=True, related_name="code"
    )
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(key__regex="^[0-9A-Z]{4,40}$") & ~Q(text=""),
                name="code_is_normal",
            ),
        ]
        indexes = [
            # The oldest of a pool that nobody has.
            models.Index(
                fields=["reward", "id"], condition=Q(grant=None), name="code_in_pool"
            ),
        ]

    def __str__(self) -> str:
        return f"code {self.pk} of {self.reward_id}"


class Redemption(models.Model):
    """That a code is kept for an order, or was used for it. Rows are appended; what is
    given free again stays as released."""

    code = models.ForeignKey(
        Code, on_delete=models.PROTECT, related_name="redemptions", db_index=False
    )
    # The shop's own number of the order: the same again is the same answer.
    order_key = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=pairs(RedemptionState))
    made_at = models.DateTimeField()
    # Until when it is kept for the order; of a reserved one alone.
    kept_until = models.DateTimeField(null=True, blank=True)
    redeemed_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    via = models.CharField(max_length=4, choices=pairs(RedeemedBy))
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    token = models.ForeignKey(
        ApiToken, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # What the order came to, and what the code took off, where the shop says so.
    order_total = models.DecimalField(
        max_digits=18, decimal_places=MOST_PLACES, null=True, blank=True
    )
    currency = models.CharField(max_length=3, blank=True)

    class Meta:
        constraints = [
            # Of any number at once, one.
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(state__in=_HELD),
                name="code_used_once",
            ),
            choice_check("state", RedemptionState, name="redemption_state"),
            choice_check("via", RedeemedBy, name="redemption_via"),
            models.CheckConstraint(
                condition=~Q(order_key=""), name="redemption_has_order"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=RedemptionState.RESERVED.value,
                    kept_until__isnull=False,
                    redeemed_at=None,
                    released_at=None,
                )
                | Q(
                    state=RedemptionState.REDEEMED.value,
                    redeemed_at__isnull=False,
                    released_at=None,
                )
                | Q(state=RedemptionState.RELEASED.value, released_at__isnull=False),
                name="redemption_times",
            ),
        ]
        indexes = [
            # All of one code, and of one order (offers do not stack).
            models.Index(fields=["code"], name="redemption_code"),
            models.Index(fields=["order_key"], name="redemption_order"),
        ]

    def __str__(self) -> str:
        return f"{self.code_id}: {self.state}"

    @property
    def has_receipt(self) -> bool:
        """Whether it has the shop's own number, not one that only the till knows."""
        return not self.order_key.startswith(NO_RECEIPT)
