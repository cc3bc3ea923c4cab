"""Who bought: the customer's id of an order's line, and people without an account."""

from crm.rules import names
from crm.rules.search import customer_search_text
from crm.services.imports import values
from crm.services.imports.hashed_ids import IdMap
from crm.services.imports.slices import Slice, escaped
from crm.services.imports.values import Refused
from crm.services.imports.values.asked import CellRules
from crm.services.imports.values.people import addresses_in
from crm.services.imports.values.words import mapped

# What shops write for the id of people without an account.
NOBODY = frozenset({"0", "guest", "guests", "anonymous"})


class BuyerReader:
    """`known`: external id -> id of the live record."""

    def __init__(self, known: IdMap, rules: CellRules) -> None:
        self._known = known
        self._has_guests = rules.guests in ("people", "orders")
        self._keeps_all = rules.guests == "orders"
        self._id = values.identifier(120)
        self._default_country = rules.defaults.get("country", "")
        self._country = values.remembering(
            mapped(values.countries(), rules.words_of("country"))
        )

    def read(self, raw: str, address: str, order_id: str = "") -> str | Refused:
        """The customer's id; a guest's is the address, where guests are people.

        An order without an address belongs to no known customer. Where all are kept
        it has a record of its own, so that no two people are taken for one.
        """
        if raw in self._known:
            return raw
        if not self.is_nobody(raw):
            customer_id = self._id(raw)
            if isinstance(customer_id, Refused):
                return customer_id.of("customer")
            return customer_id or Refused("customer_missing")
        if not self._has_guests:
            is_empty = not values.plain(raw)
            return Refused("customer_missing" if is_empty else "customer_guest", raw)
        found = addresses_in(address)
        if found:
            return found[0].lower()
        if self._keeps_all and order_id and not values.plain(address):
            return self._of_guest(order_id)
        return Refused("guest_without_address", address)

    def _of_guest(self, order_id: str) -> str | Refused:
        """The record of one order. An id is no longer than any other."""
        found = self._id(f"guest:{order_id}")
        return found.of("customer") if isinstance(found, Refused) else found

    def is_nobody(self, raw: str) -> bool:
        """Empty, or 0 or a word for guests that is no customer's id here."""
        word = values.folded(raw)
        return (not word or word in NOBODY) and raw.strip() not in self._known

    def same(self, raw: str, customer_id: str) -> bool:
        """Does a later line of an order name its customer, or nobody?"""
        return (
            raw == customer_id
            or self.is_nobody(raw)
            or self.read(raw, "") == customer_id
        )

    def as_row(self, customer_id: str, country_cell: str, part: Slice) -> str:
        """A customer that this run makes, as COPY writes it. An id that is an address
        is the customer's address too."""
        country = self._country(country_cell)
        if country is None:
            part.notes.add("country_unknown", example=country_cell.strip())
        address = next(iter(addresses_in(customer_id)), "")
        search = customer_search_text("", "", "", customer_id)
        return (
            f"{escaped(customer_id)}\t{escaped(search)}"
            f"\t{country or self._default_country}"
            f"\t{escaped(address)}\t{escaped(names.normalise_email(address))}\n"
        )
