"""Switch an automation on or off from the shell, also as of an earlier day."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.services import audit
from crm.services.audit import Actor
from messaging.management.moments import moment_or_now
from messaging.models import Automation
from messaging.services import automations


class Command(BaseCommand):
    help = (
        "List the automations, or switch one. --at switches it on as of that moment:"
        " what fell due since then is planned, unless its life is over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", nargs="?", metavar="KIND")
        parser.add_argument("switch", nargs="?", choices=["on", "off"])
        parser.add_argument("--at", metavar="ISO", help="business time, default now")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["kind"] and options["switch"]:
            with audit.acting(Actor(kind="system", id=None, via="command")):
                self._switch(options["kind"], options["switch"], options["at"])
        for row in Automation.objects.all():
            state = "off"
            if row.is_on and row.switched_on_at:
                state = f"on since {row.switched_on_at:%Y-%m-%d %H:%M} UTC"
            self.stdout.write(f"{row.kind}: {state}")

    def _switch(self, kind: str, switch: str, at: str | None) -> None:
        row = Automation.objects.filter(kind=kind).first()
        if row is None:
            raise CommandError(f"There is no automation {kind}.")
        now = moment_or_now(at)
        if switch == "on":
            automations.switch_on(row, now=now)
        else:
            automations.switch_off(row, now=now)
