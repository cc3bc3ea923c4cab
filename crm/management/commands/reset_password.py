"""Let somebody choose a new password: by mail, or with the link printed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from crm.management.account_command import active_user, link_or_mailed
from crm.services import account_links, audit, passwords


class Command(BaseCommand):
    help = "Mail a user a link to choose a new password; print it where none is sent."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = active_user(options["email"])
        with audit.acting(audit.COMMAND):
            passwords.send_reset(user.email, now=timezone.now())
        self.stdout.write(link_or_mailed(user, account_links.reset_url))
