"""End a key at once: the next request with it is refused."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.models import ApiToken
from crm.services import api_tokens, audit


class Command(BaseCommand):
    help = "End an API key at once, by its id in list_api_tokens."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        token = ApiToken.objects.filter(pk=options["id"]).first()
        if token is None:
            raise CommandError(
                "No key has this id; manage.py list_api_tokens shows all."
            )
        with audit.acting(audit.COMMAND):
            api_tokens.revoke(token, now=timezone.now())
        self.stdout.write(f"{token} is ended.")
