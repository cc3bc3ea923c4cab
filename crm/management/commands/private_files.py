"""What script/backup and script/restore do with a private storage that is no folder."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.services import file_copies


class Command(BaseCommand):
    help = (
        "Save the private files in an archive, put those of an archive back, or look"
        " whether their storage answers. Part of script/backup and script/restore."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["save", "put-back", "reach"])
        parser.add_argument("archive", type=Path, nargs="?")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many there were."""
        action, archive = options["action"], options["archive"]
        try:
            if action == "reach":
                file_copies.reach()
                return
            if archive is None:
                raise CommandError("Name the archive.")
            act = file_copies.save if action == "save" else file_copies.put_back
            self.stdout.write(str(act(archive)))
        except NotImplementedError:
            raise CommandError(
                "The storage of the private files cannot list them. Save them with the"
                " means of its provider, and say --without-files here."
            ) from None
        except OSError as error:
            raise CommandError(str(error)) from None
