"""Invite a colleague: by mail, or with the link printed where none can be sent."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.access import Role
from crm.management.account_command import link_or_mailed
from crm.models import User
from crm.services import account_links, audit, team
from web.errors import DomainError


class Command(BaseCommand):
    help = "Invite somebody who is to work here; invited already, invite them again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", choices=[*Role], default=Role.AGENT.value)
        parser.add_argument("--name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        try:
            with audit.acting(audit.COMMAND):
                user = self._invite(email, options)
        except DomainError as error:
            raise CommandError(
                f"{error.message} {' '.join(error.fields.values())}".strip()
            ) from error
        self.stdout.write(link_or_mailed(user, account_links.invitation_url))

    def _invite(self, email: str, options: dict[str, Any]) -> User:
        now = timezone.now()
        user = User.objects.filter(email=email).first()
        if user is None:
            return team.invite(
                email=email,
                name=options["name"],
                role=options["role"],
                by=None,
                now=now,
            )
        team.invite_again(user, by=None, now=now)
        user.refresh_from_db()
        return user
