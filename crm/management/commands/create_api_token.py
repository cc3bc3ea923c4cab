"""Make a key for a machine: printed once, never again."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.access import SCOPES
from crm.services import api_tokens, audit
from web.errors import DomainError

LONGEST_DAYS = 3650


class Command(BaseCommand):
    help = "Make an API key and print it. It is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="What the key is for, such as 'web shop'.")
        parser.add_argument(
            "--scope",
            action="append",
            required=True,
            choices=sorted(SCOPES),
            help="What it may do; give it once for each scope.",
        )
        parser.add_argument(
            "--days", type=int, help="It ends after so many days; by default never."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now, days = timezone.now(), options["days"]
        if days is not None and not 1 <= days <= LONGEST_DAYS:
            raise CommandError(f"--days must be from 1 to {LONGEST_DAYS}.")
        try:
            with audit.acting(audit.COMMAND):
                token, key = api_tokens.issue(
                    name=options["name"],
                    scopes=options["scope"],
                    expires_at=now + timedelta(days=days) if days else None,
                    now=now,
                )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(key)
        # Apart from the key, so that a script reads the key alone.
        ends = f"{token.expires_at:%Y-%m-%d %H:%M} UTC" if token.expires_at else "never"
        self.stderr.write(f"Key {token.pk} ends: {ends}. It is not shown again.")
