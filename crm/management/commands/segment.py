"""manage.py segment NAME: who is in a segment."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm import segment_people, selectors
from crm.models import Segment


class Command(BaseCommand):
    help = "Print the numbers (external ids) of the people in a segment, one a line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="its name, in any case")
        parser.add_argument("--count", action="store_true", help="how many they are")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        segment = Segment.objects.filter(name__iexact=options["name"]).first()
        if segment is None:
            names = ", ".join(Segment.objects.values_list("name", flat=True))
            raise CommandError(f"There is no such segment. There are: {names}.")
        today = selectors.business().day(timezone.now())
        if options["count"]:
            count = segment_people.count(segment, today=today)
            said: object = {"segment": segment.name, "count": count}
            self.stdout.write(json.dumps(said) if options["json"] else str(count))
        elif options["json"]:
            ids = list(segment_people.external_ids(segment, today=today))
            said = {"segment": segment.name, "count": len(ids), "ids": ids}
            self.stdout.write(json.dumps(said, ensure_ascii=False))
        else:
            for external_id in segment_people.external_ids(segment, today=today):
                self.stdout.write(external_id)
