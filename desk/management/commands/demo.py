"""Fill an empty installation with a small shop: made up, the same for the same day."""

import json
import random
import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.models import Customer, User
from crm.services import audit
from desk.demo import people, shop, story

_SEED = 20_190_512


class Command(BaseCommand):
    help = "Fill an empty installation with a believable coffee and tea shop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customers", type=int, default=600)
        parser.add_argument(
            "--at", type=datetime.fromisoformat, help="Pretend it is this moment."
        )
        parser.add_argument(
            "--json", action="store_true", help="Print the login as one JSON object."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        _refuse_what_is_in_use()
        now = options["at"] or timezone.now()
        password = secrets.token_urlsafe(12)
        with audit.acting(audit.Actor(kind="system", id=None, via="command")):
            orders = self._fill(options["customers"], password=password, now=now)
        if options["json"]:
            login = {"login": shop.OWNER, "password": password, "orders": orders}
            self.stdout.write(json.dumps(login))
        else:
            self.stdout.write(f"Sign in as {shop.OWNER} with {password}")

    def _fill(self, count: int, *, password: str, now: datetime) -> int:
        dice = random.Random(_SEED)  # noqa: S311 - a story, not a secret
        everybody = list(people.people(count, today=now.date(), dice=dice))
        staff = shop.open_shop(password=password, public_url=_own_address(), now=now)
        orders = shop.stock(everybody, today=now.date(), dice=dice)
        shop.share_out(staff, dice=dice)
        story.talk(staff, now=now, dice=dice)
        story.wishes(now=now, dice=dice)
        story.Story(staff, now=now, dice=dice).live()
        story.promise(staff, now=now)
        return orders


def _refuse_what_is_in_use() -> None:
    if Customer.objects.exists() or User.objects.exists():
        raise CommandError("There are records already: the demo fills an empty shop.")
    if settings.MAIL_TRANSPORT != "outbox":
        raise CommandError(
            "A mail server is set up: the demo would write to made-up addresses."
            " Unset EMAIL_HOST, or set MAIL_TRANSPORT=outbox."
        )


def _own_address() -> str:
    return f"http://127.0.0.1:{settings.PORT}"
