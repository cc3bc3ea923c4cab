"""What messaging lets people take along: see crm/datasets.py."""

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.datasets import Cell, Dataset, Filters, register
from messaging.models import Consent, Message
from messaging.selectors import outbox

Cells = Iterable[dict[str, Cell]]


def _messages(filters: Filters) -> "QuerySet[Message]":
    """As the outbox narrows them; all without a tab."""
    rows = Message.objects.all()
    if (tab := filters.get("tab", "")) in set(outbox.Tab):
        view = filters.get("view", "")
        known = view if view in outbox.HELD_VIEWS else "later"
        rows = outbox.rows_in(outbox.Tab(tab), known)[0]
    if kind := filters.get("kind"):
        rows = rows.filter(kind=kind)
    return rows.select_related("customer", "user")


def _message_cells(messages: Sequence[Message]) -> Cells:
    for message in messages:
        customer, user = message.customer, message.user
        yield {
            "message_id": str(message.message_uuid),
            "kind": message.kind,
            "category": message.category,
            "customer_id": customer.external_id if customer else "",
            "source": customer.source if customer else "",
            "colleague": user.email if user else "",
            "address": message.address or "",
            "state": outbox.state_of(message),
            "reason": message.reason_code or message.deferred_reason,
            "language": message.language,
            "due_on": message.due_on,
            "not_before": message.not_before,
            "ended_at": message.final_at,
        }


def _consents(filters: Filters) -> "QuerySet[Consent]":
    return Consent.objects.select_related("customer", "staff")


def _consent_cells(consents: Sequence[Consent]) -> Cells:
    """The whole history: of a category, the last row of a customer counts."""
    for consent in consents:
        yield {
            "customer_id": consent.customer.external_id,
            "source": consent.customer.source,
            "email": consent.customer.email,
            "category": consent.category,
            "granted": consent.granted,
            "at": consent.at,
            "how": consent.how,
            "source_text": consent.source_text,
            "wording_version": consent.wording_version,
            "ip_truncated": consent.ip_truncated,
            "colleague": consent.staff.email if consent.staff else "",
        }


register(
    Dataset(
        name="messages",
        label=_("Messages"),
        order=65,
        columns=(
            *("message_id", "kind", "category", "customer_id", "source", "colleague"),
            *("address", "state", "reason", "language", "due_on", "not_before"),
            "ended_at",
        ),
        rows=_messages,
        cells=_message_cells,
        takes=lambda: {"tab", "view", "kind"},
    ),
    Dataset(
        name="consents",
        label=_("Consents and withdrawals"),
        order=70,
        columns=(
            *("customer_id", "source", "email", "category", "granted", "at", "how"),
            *("source_text", "wording_version", "ip_truncated", "colleague"),
        ),
        rows=_consents,
        cells=_consent_cells,
    ),
)
