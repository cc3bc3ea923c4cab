"""Take a user's second factor away, for one who lost the telephone and the codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.management.account_command import active_user
from crm.services import audit, second_factor


class Command(BaseCommand):
    help = "Remove a user's authenticator app and recovery codes; end their sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = active_user(options["email"])
        if not user.has_second_factor:
            raise CommandError(f"{user.email} has no second factor.")
        with audit.acting(audit.COMMAND):
            second_factor.reset(user, now=timezone.now())
        self.stdout.write(f"{user.email} signs in with the password alone again.")
