"""Links that everybody may open: on a page, a parcel, or as a code at the till."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from crm.models import User
from surveys.models.surveys import Survey


class ShareLink(models.Model):
    """Anyone who has it may answer, once or more. Its token is printed and shown to
    staff again, so it is kept as it is."""

    survey = models.ForeignKey(
        Survey, on_delete=models.PROTECT, related_name="share_links"
    )
    name = models.CharField(max_length=120)
    token = models.CharField(max_length=43, unique=True)
    # What the address may say besides, and which values: {"till": ["1", "2"]}. Kept
    # with the answer, and never believed as who somebody is.
    declared = models.JSONField(default=dict, db_default={}, blank=True)
    # Empty: that of the browser, or of the shop.
    language = models.CharField(max_length=10, blank=True, default="", db_default="")
    # Sites that may show it inside a page of theirs.
    embed_origins = ArrayField(
        models.CharField(max_length=200), default=list, db_default=[], blank=True
    )
    is_open = models.BooleanField(default=True, db_default=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(token__gt="", name__gt=""), name="share_link_has_token"
            ),
        ]

    def __str__(self) -> str:
        return self.name
