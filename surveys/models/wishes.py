"""What somebody who was happy would like to do for us."""

from django.db import models
from django.db.models import F, Q

from surveys.models.responses import Response


class ReferralWish(models.Model):
    """They would like to recommend us, and chose so on the page of thanks: a follow-up
    of ours, and whom a programme of referrals invites first."""

    response = models.OneToOneField(
        Response, on_delete=models.CASCADE, related_name="referral_wish"
    )
    wished_at = models.DateTimeField()
    # They took it back on the same page.
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("wished_at")),
                name="referral_wish_in_order",
            ),
        ]

    def __str__(self) -> str:
        return str(self.response_id)
