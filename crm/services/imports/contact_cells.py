"""Address and telephone number of a customer's row.

What is an address as it stands is taken at once. Everything else is looked at closer:
`mailto:`, `Ana <ana@example.org>`, two in one cell, a remark behind.
"""

from collections.abc import Callable

from crm.rules import names
from crm.services.imports.skipped_cells import CellNotes
from crm.services.imports.slices import NULL, escaped, or_null
from crm.services.imports.values import Refused, plain
from crm.services.imports.values.people import addresses_in, phones_in
from web.errors import InvalidValue
from web.rules import text

NO_CONTACT = "\t".join([NULL] * 4)


class ContactCells:
    """Reads the cells of addresses, telephone numbers and countries of a row."""

    def __init__(
        self,
        country_of: Callable[[str], str | None],
        shop_country: str,
        cell_notes: CellNotes,
    ) -> None:
        self._country_of = country_of
        self._shop_country = shop_country
        self._cell_notes = cell_notes

    def read(self, email: str, phone: str, country: str) -> str:
        """Address, its normal form, and the number in both of its forms, for COPY."""
        if not email and not phone:
            return NO_CONTACT
        try:
            email = text.valid_email(email)
        except InvalidValue as error:
            email = self._close_look_at_email(email, error.fields["email"])
        # The apostrophe of spreadsheets; addresses may begin with one, but do not.
        email = email[1:] if email[:1] == "'" else email
        norm = names.normalise_email(email)
        if not phone:
            return f"{or_null(email)}\t{or_null(norm)}\t{NULL}\t{NULL}"
        code = self._country_of(country) or self._shop_country
        try:
            e164, phone = text.valid_phone(phone, country=code)
        except InvalidValue as error:
            e164, phone = self._close_look_at_phone(phone, code, error.fields["phone"])
        return (
            f"{or_null(email)}\t{or_null(norm)}"
            f"\t{escaped(e164) if phone else NULL}\t{or_null(phone)}"
        )

    def _close_look_at_email(self, raw: str, why: str) -> str:
        if not plain(raw):
            return ""
        found = addresses_in(raw)
        if not found:
            return self._cell_notes.leave_out("email", _code("email", why), raw)
        if len(found) > 1:
            self._cell_notes.note("email", "email_second", raw)
        return found[0]

    def _close_look_at_phone(self, raw: str, code: str, why: str) -> tuple[str, str]:
        if not plain(raw):
            return "", ""
        found = phones_in(raw)
        try:
            number = text.valid_phone(found[0] if found else raw, country=code)
        except InvalidValue:
            return "", self._cell_notes.leave_out("phone", _code("phone", why), raw)
        if len(found) > 1:
            self._cell_notes.note("phone", "phone_second", raw)
        return number


def _code(column: str, why: str) -> str:
    return why if why.startswith(column) else Refused(why).of(column)
