"""Give a member of staff a new password, for one who cannot sign in any more."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.access import Role
from crm.models import User
from crm.services import attempts, audit, passwords


class Command(BaseCommand):
    help = "Give a user (by default the first owner) a new password and print it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "email", nargs="?", help="Whose; the first owner's if none."
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        user = self._user(options["email"])
        with audit.acting(audit.COMMAND):
            password = passwords.give_new_password(user, now=timezone.now())
        # Anyone who forgot it has probably used up all tries.
        attempts.forget_all()
        if options["json"]:
            told = json.dumps({"login": user.email, "password": password})
        else:
            told = f"{user.email}  {password}"
        self.stdout.write(told)

    def _user(self, email: str | None) -> User:
        users = User.objects.filter(is_active=True)
        if email:
            users = users.filter(email=email.strip().lower())
        else:
            users = users.filter(role=Role.OWNER.value)
        user = users.order_by("pk").first()
        if user is None:
            raise CommandError(f"There is no active user {email or 'who is owner'}.")
        return user
