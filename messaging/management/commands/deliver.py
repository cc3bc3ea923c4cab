"""One pass over the outbox, as the worker would make it."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from crm.services import audit
from crm.services.audit import Actor
from messaging.management.moments import moment_or_now
from messaging.selectors.mail_server import keeps_mail
from messaging.services import delivery, leases


class Command(BaseCommand):
    help = "Send what may go now. --at is business time: what would go at that moment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at", metavar="ISO", help="business time, default now")
        parser.add_argument(
            "--limit", type=int, help="look at so many messages at most"
        )
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        now = moment_or_now(options["at"])
        with audit.acting(Actor(kind="system", id=None, via="command")):
            leases.sweep_leases(now=now)
            # No beat comes after a command: it stays until nothing may go.
            count = delivery.deliver(
                now=now, limit=options["limit"], seconds=float("inf")
            )
        values = {**asdict(count), "kept": 0}
        if keeps_mail():
            values["kept"], values["sent"] = values["sent"], 0
        if options["as_json"]:
            self.stdout.write(json.dumps(values))
            return
        for name, value in values.items():
            if name != "unfinished":
                self.stdout.write(f"{name.replace('_', ' ')}: {value}")
