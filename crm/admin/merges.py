"""Admin of merged records and of likely pairs: to read alone."""

from django.contrib import admin

from crm.admin_base import ReadOnlyAdmin
from crm.models import CustomerMerge, DifferentPeople, LikelyPair, MergeMove


@admin.register(CustomerMerge)
class CustomerMergeAdmin(ReadOnlyAdmin):
    """Which records were merged, for as long as it can be undone."""

    list_display = ("merged_at", "kept_id", "dropped_id", "undone_at")
    search_fields = ("=kept_id", "=dropped_id")


@admin.register(MergeMove)
class MergeMoveAdmin(ReadOnlyAdmin):
    """The rows that a merge moved."""

    list_display = ("merge_id", "rows", "row_id")


@admin.register(LikelyPair)
class LikelyPairAdmin(ReadOnlyAdmin):
    """Records that look like one person, as the last search found them."""

    list_display = ("found_at", "first_id", "second_id", "reasons", "is_exact")


@admin.register(DifferentPeople)
class DifferentPeopleAdmin(ReadOnlyAdmin):
    """Pairs that a member of staff marked as two people."""

    list_display = ("said_at", "first_id", "second_id", "said_by")
