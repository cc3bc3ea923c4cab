"""Let the first owner in, where there is no user yet who could invite anybody."""

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from crm.services import audit, users
from web.errors import DomainError


class Command(BaseCommand):
    help = "Make the first owner, with a password that is printed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        try:
            validate_email(email)
            with audit.acting(audit.Actor(kind="system", id=None, via="command")):
                password = users.open_with_owner(
                    email, address=_address(), now=timezone.now()
                )
        except ValidationError:
            raise CommandError(f"{email!r} is no email address.") from None
        except DomainError:
            raise CommandError(
                "There are users already: one of them can help."
            ) from None
        if options["json"]:
            self.stdout.write(json.dumps({"login": email, "password": password}))
        else:
            self.stdout.write(f"{email}  {password}")


def _address() -> str:
    """What mails link to; in production the owner says it in the settings."""
    return "" if settings.PRODUCTION else f"http://127.0.0.1:{settings.PORT}"
