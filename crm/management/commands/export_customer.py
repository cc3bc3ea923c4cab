"""Everything that is known of a person, as JSON."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from crm.management.customer_command import customer_with
from crm.services import audit, personal_data
from web.errors import DomainError


class Command(BaseCommand):
    help = "Write everything that is known of a customer to standard output, as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        customer = customer_with(options["id"])
        try:
            with audit.acting(audit.COMMAND):
                known = personal_data.export(customer, now=timezone.now())
        except DomainError as error:
            raise CommandError(error.message) from None
        self.stdout.write(
            json.dumps(known, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        )
