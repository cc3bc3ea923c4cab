"""Chief addresses and numbers of two records that become one, and two again."""

from collections.abc import Sequence

from crm.models import Customer, CustomerAddress
from crm.personal_rows import Merge
from crm.services import addresses
from crm.services.merge_notes import note, noted

_MADE = "chief_addresses"


def join(merge: Merge, kept: Customer, chiefs: Sequence[CustomerAddress]) -> None:
    """What was the chief one of either record, and of `kept` no more, is a second one.

    `chiefs`: those of both as they were before (`addresses.chiefs_of`). The second ones
    of the dropped record are moved with its other rows.
    """
    chief = {(row.kind, row.norm) for row in addresses.chiefs_of(kept)}
    known = set(kept.addresses.values_list("kind", "norm"))
    wanted = {(row.kind, row.norm): row for row in chiefs}
    for key in wanted.keys() & (chief | known):
        del wanted[key]
    for row in wanted.values():
        row.customer, row.created_at = kept, merge.now
    made = CustomerAddress.objects.bulk_create(wanted.values())
    note(merge, _MADE, {row.pk: {} for row in made})


def part(merge: Merge) -> None:
    """Each record has its own chief one again."""
    CustomerAddress.objects.filter(pk__in=noted(merge, _MADE)).delete()
