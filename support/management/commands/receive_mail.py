"""Take a mail from a pipe, as a mail server delivers it.

In an alias of Postfix: `"|/srv/perennial/manage.py receive_mail --mailbox ADDRESS"`.
The exit codes are those that mail servers understand (sysexits.h).
"""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError
from django.utils import timezone

from crm.services import audit
from support.models import Mailbox
from support.rules.choices import MailSource
from support.services import receiving

_TRY_AGAIN = 75
_NO_SUCH_MAILBOX = 67
_NO_MAIL = 65
_CHUNK = 1024 * 1024


class Command(BaseCommand):
    help = "Take one mail from standard input and put it into its conversation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--mailbox", metavar="ADDRESS", help="the mailbox that it came to"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        content = self._read()
        try:
            mailbox = self._mailbox(options["mailbox"])
            with audit.acting(audit.COMMAND):
                raw = receiving.receive(
                    content, source=MailSource.PIPE, mailbox=mailbox, now=timezone.now()
                )
        except (DatabaseError, OSError) as error:
            self.stderr.write(f"Not taken, try again: {type(error).__name__}")
            sys.exit(_TRY_AGAIN)
        self.stdout.write(f"Taken: mail {raw.pk}.")

    def _read(self) -> bytes:
        """No more of it than is kept. The rest is read past: a server that cannot write
        to the end calls the delivery failed and sends it again for days."""
        content = sys.stdin.buffer.read(receiving.MOST_BYTES + 1)
        if not content.strip():
            self.stderr.write("No mail came in, so nothing was kept.")
            sys.exit(_NO_MAIL)
        while sys.stdin.buffer.read(_CHUNK):
            pass
        return content

    def _mailbox(self, address: str | None) -> Mailbox | None:
        if not address:
            return None
        mailbox = Mailbox.objects.filter(address__iexact=address).first()
        if mailbox is None:
            self.stderr.write("There is no mailbox of this address.")
            sys.exit(_NO_SUCH_MAILBOX)
        return mailbox
