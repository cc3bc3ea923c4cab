"""Contact history and follow-ups."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.access import Capability
from crm.datasets import Cells, Dataset, Filters, address_of, register
from crm.models import FollowUp, Interaction
from crm.services.follow_ups import OWED
from web.rules.numbers import whole_number


def _contacts(filters: Filters) -> "QuerySet[Interaction]":
    return Interaction.objects.select_related("customer", "staff")


def _contact_cells(contacts: Sequence[Interaction]) -> Cells:
    for contact in contacts:
        yield {
            "customer_id": contact.customer.external_id,
            "source": contact.customer.source,
            "happened_at": contact.happened_at,
            "channel": contact.channel,
            "direction": contact.direction,
            "colleague": address_of(contact.staff) or contact.staff_name,
            "subject": contact.subject,
            "body": contact.body,
            "outcome": contact.outcome,
        }


def _follow_ups(filters: Filters) -> "QuerySet[FollowUp]":
    """As their list narrows them; all without a tab."""
    rows = FollowUp.objects.select_related("customer", "assignee", "done_by")
    tab = filters.get("tab", "")
    if tab in ("mine", "team"):
        rows = rows.filter(state__in=OWED)
    if tab == "mine":
        whose = whole_number(filters.get("whose", ""))
        rows = rows.filter(Q(assignee=whose) | Q(assignee=None))
    return rows


def _follow_up_cells(follow_ups: Sequence[FollowUp]) -> Cells:
    for row in follow_ups:
        yield {
            "customer_id": row.customer.external_id,
            "source": row.customer.source,
            "why": row.why,
            "due_on": row.due_on,
            "due_at": row.due_at,
            "state": row.state,
            "is_urgent": row.is_urgent,
            "colleague": address_of(row.assignee),
            "created_at": row.created_at,
            "done_at": row.done_at,
            "done_by": address_of(row.done_by),
            "outcome": row.outcome,
        }


register(
    Dataset(
        name="contacts",
        label=_("Contact history"),
        order=30,
        columns=(
            *("customer_id", "source", "happened_at", "channel", "direction"),
            *("colleague", "subject", "body", "outcome"),
        ),
        rows=_contacts,
        cells=_contact_cells,
        needs={Capability.SEE_NOTES},
    ),
    Dataset(
        name="follow-ups",
        label=_("Follow-ups"),
        order=40,
        columns=(
            *("customer_id", "source", "why", "due_on", "due_at", "state"),
            *("is_urgent", "colleague", "created_at", "done_at", "done_by", "outcome"),
        ),
        rows=_follow_ups,
        cells=_follow_up_cells,
        needs={Capability.SEE_NOTES},
        takes=lambda: {"tab", "whose"},
    ),
)
