"""Fields of customers that staff make; the values stand in Customer.custom."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from crm.models.fields import choice_check, pairs
from crm.models.users import User
from crm.rules.choices import CustomKind, CustomPlace
from crm.rules.custom_values import SEARCHABLE, SORTABLE, Definition

KEY_MOST = 200
LABEL_MOST = 60
MOST_SORTABLE = 5


def _kinds(kinds: frozenset[CustomKind]) -> list[str]:
    return sorted(kind.value for kind in kinds)


class CustomField(models.Model):
    """One field. Changed by crm/services/custom_fields.py alone.

    `key` is its name in Customer.custom, in files ("custom.KEY") and in the API; it and
    the kind never change: a trigger refuses it. A field is archived, never deleted.
    """

    key = models.CharField(max_length=KEY_MOST, unique=True)
    label = models.CharField(max_length=KEY_MOST)
    kind = models.CharField(max_length=10, choices=pairs(CustomKind))
    help_text = models.CharField(max_length=300, blank=True, default="", db_default="")
    # [{"key": …, "label": …, "is_offered": …}] in their order; a trigger refuses that
    # one is taken away.
    choices = models.JSONField(default=list, db_default=[], blank=True)
    place = models.CharField(
        max_length=10,
        choices=pairs(CustomPlace),
        default=CustomPlace.PANEL.value,
        db_default=CustomPlace.PANEL.value,
    )
    position = models.PositiveIntegerField()
    is_searchable = models.BooleanField(default=False, db_default=False)
    in_list = models.BooleanField(default=False, db_default=False)
    # 1 to 5: lists may be sorted by it, once its index is there.
    sort_slot = models.PositiveSmallIntegerField(null=True, blank=True, unique=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    # Null: made by an import, from an unknown column.
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            choice_check("kind", CustomKind, name="custom_field_kind"),
            choice_check("place", CustomPlace, name="custom_field_place"),
            models.CheckConstraint(
                condition=~Q(key="") & ~Q(label=""), name="custom_field_is_named"
            ),
            models.CheckConstraint(
                condition=Q(sort_slot=None)
                | Q(sort_slot__range=(1, MOST_SORTABLE), kind__in=_kinds(SORTABLE)),
                name="custom_field_five_sortable",
            ),
            models.CheckConstraint(
                condition=Q(is_searchable=False) | Q(kind__in=_kinds(SEARCHABLE)),
                name="custom_field_search_reads_text",
            ),
            models.CheckConstraint(
                condition=Q(archived_at=None) | Q(sort_slot=None),
                name="custom_field_archived_frees_slot",
            ),
            models.CheckConstraint(
                condition=Q(updated_at__gte=F("created_at")),
                name="custom_field_changed_later",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def custom_kind(self) -> CustomKind:
        return CustomKind(self.kind)

    @property
    def name(self) -> str:
        """What pages call it: in forms, addresses and query strings."""
        return f"custom_{self.pk}"

    @property
    def is_sortable(self) -> bool:
        """Whether lists shall be sorted by it; they can be, once its index is there."""
        return self.sort_slot is not None

    @property
    def index_name(self) -> str:
        return f"customer_custom_{self.pk}"

    @property
    def definition(self) -> Definition:
        return Definition(
            key=self.key,
            kind=self.custom_kind,
            choices={one["key"]: one["label"] for one in self.choices},
            offered=tuple(one["key"] for one in self.choices if one["is_offered"]),
            is_archived=self.archived_at is not None,
        )

    def choice_of(self, key: str) -> dict[str, Any] | None:
        return next((one for one in self.choices if one["key"] == key), None)
