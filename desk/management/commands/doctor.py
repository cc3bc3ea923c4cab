"""Say what works and what does not: a line each, exit code 1 if anything is red."""

import sys
from typing import Any

from celery import current_app
from django.core.management.base import BaseCommand
from django.utils import timezone

from desk.selectors import doctor


class Command(BaseCommand):
    help = "Check database, broker, worker, beat, mail and settings."

    def handle(self, *args: Any, **options: Any) -> None:
        well = True
        for finding in doctor.examine(now=timezone.now(), ask_worker=_ask_worker):
            well = well and finding.is_well
            paint = self.style.SUCCESS if finding.is_well else self.style.ERROR
            mark = paint("ok " if finding.is_well else "RED")
            self.stdout.write(f"{mark}  {finding.part:<10} {finding.text}")
        if not well:
            sys.exit(1)


def _ask_worker() -> None:
    current_app.send_task("crm.tasks.worker_heartbeat", ignore_result=True)
