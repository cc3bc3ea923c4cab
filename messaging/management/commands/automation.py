"""Switch an automation on or off from the shell, also as of an earlier day."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from crm.services import audit
from crm.services.audit import Actor
from messaging.management.moments import moment_or_now
from messaging.models import Automation
from messaging.services import automations
from web.rules.numbers import whole_number


class Command(BaseCommand):
    help = (
        "List the automations, or switch one. --at switches it on as of that moment:"
        " what fell due since then is planned, unless its life is over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "automation",
            nargs="?",
            metavar="KIND|NUMBER",
            help="a kind that has one automation, or the number of one",
        )
        parser.add_argument("switch", nargs="?", choices=["on", "off"])
        parser.add_argument("--at", metavar="ISO", help="business time, default now")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["automation"] and options["switch"]:
            with audit.acting(Actor(kind="system", id=None, via="command")):
                self._switch(options["automation"], options["switch"], options["at"])
        for row in Automation.objects.in_use():
            state = "off"
            if row.is_on and row.switched_on_at:
                state = f"on since {row.switched_on_at:%Y-%m-%d %H:%M} UTC"
            self.stdout.write(f"{row.kind}: {state} ({row.pk}, {row.name})")

    def _switch(self, wanted: str, switch: str, at: str | None) -> None:
        row = _found(wanted)
        now = moment_or_now(at)
        if switch == "on":
            automations.switch_on(row, now=now)
        else:
            automations.switch_off(row, now=now)


def _found(wanted: str) -> Automation:
    number = whole_number(wanted)
    chosen = Q(kind=wanted) if number is None else Q(pk=number)
    rows = list(Automation.objects.in_use().filter(chosen))
    if not rows:
        raise CommandError(f"There is no automation {wanted}.")
    if len(rows) > 1:
        choices = ", ".join(f"{row.pk} ({row.name})" for row in rows)
        raise CommandError(f"Several are of this kind; give a number: {choices}.")
    return rows[0]
