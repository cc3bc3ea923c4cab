"""Second email addresses and telephone numbers of a person."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q

from crm.models.fields import PhoneDigits, choice_check, pairs
from crm.models.people import Customer
from crm.rules.choices import AddressKind


class CustomerAddress(models.Model):
    """One more address or number; the chief ones are columns of the customer.

    `norm` decides whether two are one: an address as `Customer.email_norm`, a number in
    E.164, or its digits where no country completes it. Whether an address may be
    written to is on messaging's list of suppressed addresses, for whatever record.
    """

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="addresses", db_index=False
    )
    kind = models.CharField(max_length=5, choices=pairs(AddressKind))
    value = models.CharField(max_length=254)
    norm = models.CharField(max_length=254)
    label = models.CharField(max_length=40, blank=True, default="", db_default="")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "customer addresses"
        ordering = ["kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind", "norm"], name="customer_address_once"
            ),
            models.CheckConstraint(
                condition=~Q(norm="") & ~Q(value=""), name="customer_address_not_empty"
            ),
            choice_check("kind", AddressKind, name="customer_address_kind"),
        ]
        indexes = [
            # Who has this address, or a number that begins like this: searches, claims.
            models.Index(
                OpClass("norm", name="text_pattern_ops"), name="customer_address_norm"
            ),
            # Search by any part of a telephone number, as written in whatever form.
            GinIndex(
                OpClass(PhoneDigits("value"), name="gin_trgm_ops"),
                condition=Q(kind=AddressKind.PHONE.value),
                name="customer_address_digits",
            ),
        ]

    def __str__(self) -> str:
        return self.value
