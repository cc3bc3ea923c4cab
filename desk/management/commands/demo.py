"""Fill an empty installation with a small shop: made up, the same for the same day."""

import json
import random
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from crm.models import Customer, User
from crm.services import audit, order_sums
from desk.demo import (
    conversing,
    earlier,
    giving,
    learning,
    people,
    rewarding,
    shop,
    story,
    trading,
)

_SEED = 20_190_512

News = dict[str, str | int]
Tell = Callable[[News], object]


class Command(BaseCommand):
    help = "Fill an empty installation with a believable coffee and tea shop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customers", type=int, default=600)
        parser.add_argument(
            "--at", type=datetime.fromisoformat, help="Pretend it is this moment."
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help="One JSON object a line: the login, how far it is, all at the end.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        _refuse_what_is_in_use()
        now = options["at"] or timezone.now()
        login: News = {"login": shop.OWNER, "password": secrets.token_urlsafe(12)}
        tell = self._tell if options["json"] else _say_nothing
        with audit.acting(audit.Actor(kind="system", id=None, via="command")):
            orders = _fill(options["customers"], login=login, tell=tell, now=now)
        tell(login | {"orders": orders})
        if not options["json"]:
            self.stdout.write("Sign in as {login} with {password}".format(**login))

    def _tell(self, news: News) -> None:
        self.stdout.write(json.dumps(news))
        self.stdout.flush()


def _say_nothing(_: News) -> None:
    pass


def _fill(count: int, *, login: News, tell: Tell, now: datetime) -> int:
    """Fill the shop; return its number of orders. `tell` is called with the login."""
    dice = random.Random(_SEED)  # noqa: S311 - a story, not a secret
    everybody = list(people.people(count, today=now.date(), dice=dice))
    password = str(login["password"])
    staff = shop.open_shop(password=password, public_url=_own_address(), now=now)
    tell(login)
    orders = shop.stock(everybody, today=now.date(), dice=dice)
    shop.lead_to_the_shop(now=now)
    # Dice of its own: what is told before the story does not change the story.
    earlier.answers(everybody, today=now.date(), dice=random.Random(_SEED))  # noqa: S311
    order_sums.mark_core(now=now)
    with connection.cursor() as cursor:
        # PostgreSQL would know a minute later what the import brought.
        cursor.execute("ANALYZE")
    shop.share_out(staff, dice=dice)
    story.talk(staff, now=now, dice=dice)
    story.wishes(now=now, dice=dice)
    for done in story.Story(staff, now=now, dice=dice).live():
        tell({"done": done, "of": story.DAYS})
    story.promise(staff, now=now)
    trading.trade(now=now)
    conversing.converse(staff, now=now)
    giving.give(staff, now=now)
    rewarding.reward(staff, now=now)
    learning.learn(staff[0], now=now)
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
