"""Forget who a customer was."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm.management.customer_command import customer_with
from crm.models import Customer
from crm.services import audit, personal_data
from web.errors import DomainError

QUESTION = """{name}, customer {id}.
Name, addresses, notes, conversations, mails, comments and reviews go for good.
Orders, scores and counts stay, without a name. The address gets no mail from us again.
To erase, type the number {id}: """


class Command(BaseCommand):
    help = "Erase a customer. Orders, scores and counts stay, without a name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", type=int)
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        customer = customer_with(options["id"])
        if customer.erased_at is not None:
            raise CommandError(f"Customer {customer.pk} is erased already.")
        if not options["yes"] and not _agreed(customer):
            raise CommandError("Nothing was changed.")
        try:
            with audit.acting(audit.COMMAND):
                personal_data.erase(customer, now=timezone.now())
        except DomainError as error:
            raise CommandError(f"{error.message} Nothing was changed.") from None
        self.stdout.write(f"Customer {customer.pk} is erased.")


def _agreed(customer: Customer) -> bool:
    question = QUESTION.format(name=customer, id=customer.pk)
    try:
        return input(question).strip() == str(customer.pk)
    except EOFError:
        return False
