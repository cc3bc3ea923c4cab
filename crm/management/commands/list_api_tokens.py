"""The keys of the API: which there are, what they may do, and whether they live."""

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from crm.models import ApiToken


class Command(BaseCommand):
    help = "List the API keys by id, never the keys themselves. Times are UTC."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="One array.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        rows = [_row(token, now) for token in ApiToken.objects.order_by("pk")]
        if options["json"]:
            self.stdout.write(json.dumps(rows))
            return
        for row in rows:
            ends = row["expires_at"] or "-"
            used = row["last_used_at"] or "-"
            self.stdout.write(
                f"{row['id']:>4}  {row['state']:<7}  {row['prefix']}…  {row['name']}"
                f"  ends {ends}  used {used}  {' '.join(row['scopes'])}"
            )


def _row(token: ApiToken, now: datetime) -> dict[str, Any]:
    return {
        "id": token.pk,
        "name": token.name,
        "prefix": token.prefix,
        "state": _state(token, now),
        "scopes": token.scopes,
        "created_at": _moment(token.created_at),
        "expires_at": _moment(token.expires_at),
        "last_used_at": _moment(token.last_used_at),
        "revoked_at": _moment(token.revoked_at),
    }


def _state(token: ApiToken, now: datetime) -> str:
    if token.revoked_at:
        return "revoked"
    return "live" if token.is_live(now) else "expired"


def _moment(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None
