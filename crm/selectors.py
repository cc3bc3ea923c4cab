"""Reads that every app above needs."""

from collections.abc import Collection, Sequence

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce

from crm.models import Business, Customer, CustomerAddress, Order, ProductRule, Segment
from crm.rules import names, postal, segment_tree
from crm.rules.choices import AddressKind, OrderNature, OrderState, ProductNature
from crm.rules.trade import CodePattern, ProductRules
from web.rules import places


def business() -> Business:
    """The one row of settings. Read it once per request or sweep and pass it on."""
    return Business.objects.get(pk=1)


def record_and_kept(*, source: str, external_id: str) -> tuple[int, Customer | None]:
    """The id of the record with this external id, and the record that is kept of it:
    itself, or what it was merged into. (0, None) for an unknown id."""
    found = (
        Customer.objects.select_related("merged_into")
        .filter(source=source, external_id=external_id)
        .first()
    )
    if found is None:
        return 0, None
    return found.pk, found.merged_into or found


def live_record(pk: int) -> Customer | None:
    """The live record with this id, or the one that it was merged into."""
    found = Customer.objects.select_related("merged_into").filter(pk=pk).first()
    if found is None:
        return None
    kept = found.merged_into or found
    return kept if kept.is_live else None


def customers_matching(*, external_id: str, email: str) -> QuerySet[Customer]:
    """Live customers; empty filters filter nothing. The number of a record that was
    merged finds the kept one."""
    rows = Customer.objects.live()
    if external_id:
        named = Customer.objects.filter(external_id=external_id)
        kept = named.values(kept=Coalesce("merged_into_id", "pk"))
        rows = rows.filter(pk__in=kept)
    if email:
        rows = rows.filter(pk__in=_ids_at([names.normalise_email(email)]))
    return rows


def people_with_address(email: str) -> QuerySet[Customer]:
    """Live customers who have this email address, as the chief one or a second one."""
    norm = names.normalise_email(email)
    if not norm:
        return Customer.objects.none()
    return Customer.objects.live().filter(pk__in=_ids_at([norm]))


def records_at(norms: Collection[str]) -> set[int]:
    """Ids of all records, also merged ones, with one of these normalised addresses."""
    return set(_ids_at([norm for norm in norms if norm]))


def _ids_at(norms: Collection[str]) -> QuerySet[Customer, int]:
    """Each half takes its own index; an OR would read every customer."""
    chief = Customer.objects.filter(email_norm__in=norms).values_list("pk", flat=True)
    seconds = CustomerAddress.objects.filter(
        kind=AddressKind.EMAIL.value, norm__in=norms
    )
    return chief.union(seconds.order_by().values_list("customer_id", flat=True))


def emails_of(customer: Customer) -> list[str]:
    """Every normalised email address of this person, the chief one first."""
    seconds = CustomerAddress.objects.filter(
        customer=customer, kind=AddressKind.EMAIL.value
    )
    found = [customer.email_norm, *seconds.values_list("norm", flat=True)]
    return list(dict.fromkeys(filter(None, found)))


def segments_asking(field: str) -> list[Segment]:
    """The segments whose own conditions ask for this field."""
    return [
        row
        for row in Segment.objects.all()
        if any(
            condition.field == field
            for condition in segment_tree.read(row.conditions).conditions()
        )
    ]


def product_rules(source: str, *, also: Sequence[CodePattern] = ()) -> ProductRules:
    """The product rules of this source; `also` wins over what is stored."""
    rules = ProductRule.objects.filter(source=source)
    kept = (CodePattern(rule.pattern, ProductNature(rule.nature)) for rule in rules)
    return ProductRules([*kept, *also])


def returned_in_full(order_ids: Collection[int]) -> set[int]:
    """Those of these orders of which everything came back, by the money.

    A return that was cancelled does not count, and an order without a sum is never
    among them.
    """
    returns = (
        Order.objects.filter(
            returns_order__in=order_ids, nature=OrderNature.RETURN.value
        )
        .exclude(state=OrderState.CANCELLED.value)
        .values("returns_order")
        .annotate(back=Sum("total"), paid=F("returns_order__total"))
        .values_list("returns_order", "back", "paid")
    )
    return {order for order, back, paid in returns if order and abs(back) >= paid > 0}


def postal_label(customer: Customer, business: Business) -> postal.Label | None:
    """How a letter to this customer is addressed; None where no address is known. The
    country is named as the post of the shop reads it."""
    address = postal.Address(
        name=customer.recipient or customer.full_name,
        company=customer.organisation,
        street=customer.street,
        street_extra=customer.street_extra,
        postcode=customer.postcode,
        city=customer.city,
        region=customer.region,
        country=customer.country,
    )
    if not address.is_known:
        return None
    return postal.label(
        address,
        home=business.country,
        country_name=places.country_name(customer.country, business.language),
    )


def sharing_address(customer: Customer, *, most: int = 5) -> list[Customer]:
    """Other live records with the same address, the oldest first, at most so many."""
    if not customer.email_norm:
        return []
    others = people_with_address(customer.email_norm).exclude(pk=customer.pk)
    return list(others.order_by("pk")[:most])
