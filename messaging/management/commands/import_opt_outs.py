"""manage.py import_opt_outs FILE: who stopped, bounced or complained elsewhere."""

from argparse import ArgumentParser

from crm.management.import_command import ImportCommand
from crm.management.mail_arguments import add_opt_out_scope
from messaging.services.opt_outs import KINDS_OF_ROW, import_opt_outs


class Command(ImportCommand):
    help = "Stop mail to the addresses of a file; see docs/import.md."
    service = staticmethod(import_opt_outs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_opt_out_scope(parser)
        parser.add_argument(
            "--kind",
            choices=[kind.value for kind in KINDS_OF_ROW],
            default=KINDS_OF_ROW[0].value,
            help="what a row is that does not say so itself (default: %(default)s)",
        )
