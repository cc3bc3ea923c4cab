"""One pass of the sweeps, as beat would make it at that moment."""

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.services import audit
from crm.services.audit import Actor
from messaging import kinds
from messaging.management.moments import moment_or_now
from messaging.models import Automation
from messaging.services import planning


class Command(BaseCommand):
    help = (
        "Plan who is due and end what is too late; nothing is sent. --at is business"
        " time: what beat would do at that moment."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kinds", nargs="*", metavar="KIND", help="default: all")
        parser.add_argument("--at", metavar="ISO", help="business time, default now")
        parser.add_argument(
            "--dry-run", action="store_true", help="count, write nothing"
        )
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = _known(options["kinds"])
        now = moment_or_now(options["at"])
        with audit.acting(Actor(kind="system", id=None, via="command")):
            counts = planning.sweep(now=now, kinds=wanted, dry_run=options["dry_run"])
        if options["as_json"]:
            self._write_json(counts, now, options["dry_run"])
        else:
            self._write_lines(counts, now)
        if any(count.get("failed") for count in counts.values()):
            raise CommandError("A kind failed; see the log.")

    def _write_json(
        self, counts: dict[str, dict[str, int]], now: datetime, dry_run: bool
    ) -> None:
        total = {
            name: sum(count.get(name, 0) for count in counts.values())
            for name in ("planned", "expired", "failed")
        }
        report = {"at": now.isoformat(), "dry_run": dry_run, "kinds": counts, **total}
        self.stdout.write(json.dumps(report))

    def _write_lines(self, counts: dict[str, dict[str, int]], now: datetime) -> None:
        for kind, count in sorted(counts.items()):
            words = ", ".join(f"{number} {name}" for name, number in count.items())
            self.stdout.write(f"{kind}: {words}")
        if not counts:
            self.stdout.write("No automation is switched on.")
        # Otherwise a rehearsal of the past looks like a fault.
        for late in Automation.objects.filter(is_on=True, switched_on_at__gt=now):
            self.stdout.write(
                f"{late.kind}: switched on later than that, at"
                f" {late.switched_on_at:%Y-%m-%d %H:%M} UTC"
            )


def _known(names: list[str]) -> list[str] | None:
    known = [kind.name for kind in kinds.swept_kinds()]
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise CommandError(
            f"There is no kind {', '.join(unknown)}. Known: {', '.join(known)}."
        )
    return names or None
