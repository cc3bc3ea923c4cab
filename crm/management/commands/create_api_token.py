"""Make a key for a machine: printed once, never again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.access import SCOPES
from crm.errors import DomainError
from crm.services import api_tokens


class Command(BaseCommand):
    help = "Make an API key. It is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="What the key is for, such as 'web shop'.")
        parser.add_argument(
            "--scope", action="append", required=True, choices=sorted(SCOPES)
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            _, key = api_tokens.issue(
                name=options["name"], scopes=options["scope"], now=timezone.now()
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(key)
