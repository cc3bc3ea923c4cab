"""What the commands about one customer share."""

from django.core.management.base import CommandError

from crm.models import Customer


def customer_with(number: int) -> Customer:
    """The customer with this id, or the command ends."""
    customer = Customer.objects.filter(pk=number).first()
    if customer is None:
        raise CommandError(
            f"There is no customer {number}. The number stands in the address of"
            " their page."
        )
    return customer
