"""What messaging lets people take along: see crm/datasets.py."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.access import Capability
from crm.datasets import Cell, Dataset, Filters, line_each, register
from crm.models import Customer
from crm.rules.choices import AddressKind
from crm.services import addresses
from messaging.forms.figures import FigureForm
from messaging.models import Automation, Consent, Message
from messaging.rules.choices import SuppressionReason
from messaging.selectors import forecast_people, outbox
from messaging.services import suppression

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


_BARRED = {SuppressionReason.BOUNCE.value, SuppressionReason.COMPLAINT.value}


def _with_address(filters: Filters) -> "QuerySet[Customer]":
    """All: also who has no chief address may have a second one."""
    return Customer.objects.live().prefetch_related("addresses")


def _barred_cells(customers: Sequence[Customer]) -> Cells:
    """One line for each address that mail came back from, or that complained. The list
    knows hashes alone, so that only addresses of customers can be named."""
    whose = [
        (customer, email)
        for customer in customers
        for email in (customer.email, *_second_emails(customer))
    ]
    hashes = suppression.address_hashes({email for _, email in whose})
    listed = suppression.suppressed(hashes.values())
    for customer, email in whose:
        for row in listed.get(hashes[email], ()):
            if row.reason in _BARRED and row.scope == suppression.ALL:
                yield {
                    "customer_id": customer.external_id,
                    "source": customer.source,
                    "email": email,
                    "kind": row.reason,
                    "at": row.at,
                }


def _second_emails(customer: Customer) -> list[str]:
    rows = addresses.beside_chief(customer)
    return [row.value for row in rows if row.kind == AddressKind.EMAIL]


def _forecast(filters: Filters) -> "QuerySet[Customer]":
    form = FigureForm(filters)
    if not form.is_valid():
        return Customer.objects.none()
    return forecast_people.everybody(form.figure)


def _forecast_cells(customers: Sequence[Customer]) -> Cells:
    """One line for each mail."""
    for customer in customers:
        for mail in customer.ahead:  # type: ignore[attr-defined] # annotated
            goes = mail["goes_at"]
            yield {
                "customer_id": customer.external_id,
                "source": customer.source,
                "name": customer.full_name,
                "due_on": date.fromisoformat(mail["day"]),
                "step": mail["step"],
                "decision": mail["decision"],
                "reason": mail["reason_code"],
                "goes_at": datetime.fromisoformat(goes) if goes else None,
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
    Dataset(
        name="barred-addresses",
        label=_("Addresses that bounced or complained"),
        order=71,
        columns=("customer_id", "source", "email", "kind", "at"),
        rows=_with_address,
        cells=_barred_cells,
    ),
)
register(
    line_each(
        "automations",
        _("Automations"),
        98,
        rows=lambda filters: Automation.objects.all(),
        columns={
            "automation": "name",
            "kind": "kind",
            "audience": "audience",
            "is_on": "is_on",
            "switched_on_at": "switched_on_at",
            "send_hour": "send_hour",
            "offset_days": "offset_days",
            "life_days": "life_days",
            "priority": "priority",
            "holdout_percent": "holdout_percent",
            "archived_at": "archived_at",
        },
        needs=frozenset({Capability.SEE_AUTOMATIONS}),
    ),
    Dataset(
        name="forecast-people",
        label=_("People behind a figure of the days ahead"),
        order=99,
        columns=(
            *("customer_id", "source", "name", "due_on", "step", "decision"),
            *("reason", "goes_at"),
        ),
        rows=_forecast,
        cells=_forecast_cells,
        takes=lambda: {
            *("automation", "decision", "day", "late", "code", "beside"),
            # What older links call the decision.
            "verdict",
        },
        needs=frozenset({Capability.SEE_AUTOMATIONS, Capability.SEE_CUSTOMERS}),
        is_of_a_list=True,
    ),
)
