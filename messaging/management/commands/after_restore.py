"""After a backup was put back: replay what the database has lost, then ask."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from crm.models import JournalState
from crm.services import audit
from crm.services.journal import JournalIsMissing, JournalUnwritable, position
from crm.services.journal.replay import replay
from messaging.selectors import restored
from messaging.services import restoration

_SAID = {
    "ended": "mails had left: they do not go again",
    "added": "mails had left that this copy did not know: now it does",
    "in_doubt": "of these nobody knows whether they left",
    "unknown": "mails went to people whose record this copy does not have",
    "withdrawals": "withdrawals that this copy did not know",
    "addresses": "addresses that bounced or complained since",
    "erasures": "people erased again",
}


class Command(BaseCommand):
    help = (
        "After a backup was put back: replays the journal, shows what would leave, and"
        " asks whether mail may leave again. It can be run as often as you like."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--yes", action="store_true", help="do not ask: let mail leave again"
        )
        parser.add_argument(
            "--no-journal",
            action="store_true",
            help="the journal is lost: go on without what it knew",
        )
        parser.add_argument(
            "--send-waiting",
            nargs="*",
            metavar="KIND",
            help="send what was due before and waits, of these kinds or all",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with audit.acting(audit.COMMAND):
            if options["send_waiting"] is not None:
                self._send_waiting(options["send_waiting"])
                return
            state = self._look(no_journal=options["no_journal"])
            if not state.is_held and not options["no_journal"]:
                self._say("No mail is held: this database was not put back.")
                return
            self._replay()
            self._show(state)
            if options["yes"] or self._is_agreed():
                self._release()
            else:
                self._say("Mail stays held. Nothing was lost; run this again.")

    def _look(self, *, no_journal: bool) -> JournalState:
        try:
            return position.look(now=timezone.now())
        except JournalIsMissing:
            if no_journal:
                return position.state()
            raise CommandError(
                f"The journal in {settings.JOURNAL_FOLDER} is not that of this database"
                " or was cut short. Put it back or set JOURNAL_FOLDER. If it is lost:"
                " --no-journal; then nobody can say what left since the backup."
            ) from None
        except JournalUnwritable as error:
            raise CommandError(
                f"{settings.JOURNAL_FOLDER} cannot be read: {error}"
            ) from error

    def _replay(self) -> None:
        counts = replay(now=timezone.now())
        self._say("The journal knows:")
        for name, words in _SAID.items():
            if counts[name]:
                self._say(f"{counts[name]:>9,}  {words}")
        if not counts.total():
            self._say("           nothing that this database does not know, too")

    def _show(self, state: JournalState) -> None:
        since = state.held_at or timezone.now()
        self._say("What is planned now:")
        for line in restored.planned(since=since, now=timezone.now()):
            self._say(
                f"{line.kind:<24} {line.waits:>9,} wait for you"
                f" {line.leaves:>9,} leave at once {line.later:>9,} later"
            )
        self._say(
            "What was due before the database was put back and is not in the journal"
            " waits in the outbox under Needs a decision, or for --send-waiting."
        )

    def _is_agreed(self) -> bool:
        if not sys.stdin.isatty():
            return False
        answer = input("Let mail leave again? Type yes: ")
        return answer.strip().lower() == "yes"

    def _release(self) -> None:
        now = timezone.now()
        parked = restoration.release(now=now)
        self._say(f"Mail leaves again. {parked:,} wait for a person.")

    def _send_waiting(self, kinds: list[str]) -> None:
        count = restoration.send_waiting(kinds, now=timezone.now())
        self._say(f"{count:,} mails go now.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
