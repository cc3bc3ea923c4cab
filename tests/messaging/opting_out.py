"""What the tests of opt-outs in files share."""

from datetime import UTC, datetime

from crm.services.imports.running import Options
from messaging.models import Consent, Suppression
from messaging.services import suppression
from messaging.services.opt_outs import import_opt_outs

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def take(folder, text, *, now=NOW, name="list.csv", **options):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return import_opt_outs(
        path, Options(**options), now=now, progress=lambda done, total: None
    )


def counts(report):
    return report.created, report.updated, report.unchanged


def said(customer):
    """What the ledger has of somebody: class, yes or no, day."""
    rows = Consent.objects.filter(customer=customer).order_by("id")
    return [(row.category, row.granted, f"{row.at:%Y-%m-%d}") for row in rows]


def listed(email):
    """What stands on the list about an address."""
    rows = Suppression.objects.filter(
        address_hash=suppression.address_hash(email), lifted_at=None
    )
    return {(row.scope, row.reason) for row in rows}
