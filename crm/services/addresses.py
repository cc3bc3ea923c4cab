"""Second addresses and telephone numbers of a person: add, change, make chief, remove.

The chief ones are facts of the customer (`crm/services/customers.py`).
"""

from datetime import datetime

from django.db import transaction

from crm import signals
from crm.errors import CustomerGone
from crm.models import Customer, CustomerAddress
from crm.rules import names
from crm.rules.choices import AddressKind
from crm.services import audit
from web.errors import AlreadyExists, InvalidValue, NotFound
from web.rules import text

MOST = 20
MOST_LABEL = 40


@transaction.atomic
def add(
    customer: Customer,
    *,
    kind: AddressKind,
    value: str,
    now: datetime,
    label: str = "",
) -> CustomerAddress:
    """One more address or number of this person.

    Raises AlreadyExists where they have it already, also as the chief one, and
    InvalidValue for what is no address, or one too many.
    """
    locked = _lock(customer)
    if locked.addresses.count() >= MOST:
        raise InvalidValue(fields={"value": "too_many"})
    value, norm = _read(locked, kind, value)
    _refuse_known(locked, kind, norm)
    row = CustomerAddress.objects.create(
        customer=locked,
        kind=kind.value,
        value=value,
        norm=norm,
        label=_label(label),
        created_at=now,
    )
    _told(locked, "address_added", row, now)
    return row


@transaction.atomic
def change(
    address: CustomerAddress, *, value: str, label: str, now: datetime
) -> CustomerAddress:
    """Write it, or its label, in another way."""
    locked = _lock(address.customer)
    row = _row(locked, address)
    kind = AddressKind(row.kind)
    read, norm = _read(locked, kind, value)
    if norm != row.norm:
        _refuse_known(locked, kind, norm)
    before = (row.value, row.label)
    row.value, row.norm, row.label = read, norm, _label(label)
    if (row.value, row.label) != before:
        row.save(update_fields=["value", "norm", "label"])
        _told(locked, "address_changed", row, now)
    return row


@transaction.atomic
def make_chief(address: CustomerAddress, *, now: datetime) -> CustomerAddress | None:
    """Mail goes here from now on, or calls. What was the chief one becomes a second
    one, without a label, and is returned; None where there was none."""
    locked = _lock(address.customer)
    row = _row(locked, address)
    kind = AddressKind(row.kind)
    before = _chief(locked, kind)
    if kind is AddressKind.EMAIL:
        locked.email, locked.email_norm = row.value, row.norm
    else:
        locked.phone_text = row.value
        locked.phone_e164 = row.norm if row.norm.startswith("+") else ""
    locked.version += 1
    locked.updated_at = now
    locked.save()
    row.delete()
    second = None
    if before[1]:
        second = CustomerAddress.objects.create(
            customer=locked,
            kind=kind.value,
            value=before[0],
            norm=before[1],
            created_at=now,
        )
    _told(locked, "address_made_chief", address, now, field=kind.value)
    return second


@transaction.atomic
def remove(address: CustomerAddress, *, now: datetime) -> None:
    """This address is not theirs any more. What was stopped there stays stopped."""
    locked = _lock(address.customer)
    row = _row(locked, address)
    _told(locked, "address_removed", row, now)
    row.delete()


def forget_chief(customer: Customer) -> None:
    """No second row says what a chief column says; called where that has changed."""
    for kind in AddressKind:
        norm = _chief(customer, kind)[1]
        customer.addresses.filter(kind=kind.value, norm=norm).delete()


def beside_chief(customer: Customer) -> list[CustomerAddress]:
    """Their second addresses and numbers. An import or a merge may leave one that has
    become the chief one in the meantime."""
    chief = {kind.value: _chief(customer, kind)[1] for kind in AddressKind}
    return [row for row in customer.addresses.all() if row.norm != chief[row.kind]]


def chiefs_of(customer: Customer) -> list[CustomerAddress]:
    """The chief address and number of this person as rows that are not saved."""
    found = []
    for kind in AddressKind:
        value, norm = _chief(customer, kind)
        if norm:
            found.append(CustomerAddress(kind=kind.value, value=value, norm=norm))
    return found


def norm_of_phone(e164: str, written: str) -> str:
    """E.164, or where it is unknown the digits as written."""
    return e164 or text.digits(written)


def _lock(customer: Customer) -> Customer:
    locked = Customer.objects.select_for_update().get(pk=customer.pk)
    if not locked.is_live:
        raise CustomerGone
    return locked


def _row(customer: Customer, address: CustomerAddress) -> CustomerAddress:
    row = customer.addresses.filter(pk=address.pk).first()
    if row is None:
        raise NotFound
    return row


def _read(customer: Customer, kind: AddressKind, value: str) -> tuple[str, str]:
    """As it is written, and the form that decides whether two are one."""
    if kind is AddressKind.EMAIL:
        email = text.valid_email(value, field="value")
        norm = names.normalise_email(email)
        value = email
    else:
        e164, value = text.valid_phone(value, field="value", country=customer.country)
        norm = norm_of_phone(e164, value)
    if not norm:
        raise InvalidValue(fields={"value": "required"})
    return value, norm


def _chief(customer: Customer, kind: AddressKind) -> tuple[str, str]:
    if kind is AddressKind.EMAIL:
        return customer.email, customer.email_norm
    written = customer.phone_text or customer.phone_e164
    return written, norm_of_phone(customer.phone_e164, written)


def _label(label: str) -> str:
    return text.one_line(label, field="label", most=MOST_LABEL)


def _refuse_known(customer: Customer, kind: AddressKind, norm: str) -> None:
    known = customer.addresses.filter(kind=kind.value, norm=norm).exists()
    if known or _chief(customer, kind)[1] == norm:
        raise AlreadyExists(fields={"value": "address_twice"})


def _told(
    customer: Customer,
    verb: str,
    address: CustomerAddress,
    now: datetime,
    field: str = "addresses",
) -> None:
    audit.record(
        f"customer.{verb}",
        f"address:{address.pk}",
        customer_id=customer.pk,
        fields=[field],
        now=now,
    )
    signals.customers_changed.send(
        sender=Customer, ids=[customer.pk], fields=frozenset({field}), now=now
    )
