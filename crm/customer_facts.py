"""The facts of a customer that people, files and machines set: declared once.

The service, the form, the fact beside the timeline, the API, the admin and the import
read this list. A LINE (one line of text, in a column of the same name) needs no more
code than its row here, its column on the model and a migration. The other kinds have
more columns or rules of their own; each reader has one piece of code for each of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from django.utils.translation import gettext_lazy as _

from crm.rules import names
from web.rules import text

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


class Reader(Protocol):
    """Returns the text as it is kept; raises InvalidValue with a code."""

    def __call__(self, value: str, *, field: str, most: int) -> str: ...


class Kind(Enum):
    """How a fact is read, stored and typed."""

    LINE = auto()
    EMAIL = auto()
    PHONE = auto()
    OWNER = auto()
    LISTED = auto()  # a language, a zone or a country: one of a list
    DAY = auto()
    BIRTHDAY = auto()
    TAGS = auto()
    TEXT = auto()


@dataclass(frozen=True)
class CustomerFact:
    """One fact about a customer, declared once for service, form, file and API."""

    name: str
    label: "str | StrPromise"
    most: int = 0  # characters
    kind: Kind = Kind.LINE
    read: Reader = text.one_line
    help_text: "str | StrPromise" = ""
    # The column of a file that holds it; empty: no file sets it.
    import_column: str = ""
    in_form: bool = True
    # Stands beside the timeline, with this label where the form's is too long.
    is_shown: bool = True
    shown_label: "str | StrPromise" = ""
    is_latin: bool = False  # written from left to right everywhere
    api_reads: bool = True
    api_writes: bool = True
    # Searches of customers look into it.
    is_searchable: bool = False
    # Shown and edited in place with the other facts of this name, as one.
    part_of: str = ""
    # Erasure empties it. What is not personal stays for the sums: a country, a day.
    is_personal: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns on the model, but for tags, which have a table."""
        return _COLUMNS.get(self.kind, (self.name,))


# A postal address; the country has its own place, because more depends on it.
POSTAL_ADDRESS = "postal_address"
_COLUMNS = {
    Kind.EMAIL: ("email", "email_norm"),
    Kind.PHONE: ("phone_text", "phone_e164"),
    Kind.BIRTHDAY: ("birth_year", "birth_month", "birth_day", "birth_recorded_at"),
    Kind.TAGS: (),
}


# In the order of the form and of the page.
FACTS = (
    CustomerFact(
        "given_name",
        _("Given name"),
        most=120,
        read=names.name_line,
        import_column="given_name",
        is_shown=False,
        is_searchable=True,
    ),
    CustomerFact(
        "family_name",
        _("Family name"),
        most=120,
        read=names.name_line,
        import_column="family_name",
        is_shown=False,
        is_searchable=True,
    ),
    CustomerFact(
        "greeting_name",
        "",
        most=120,
        read=names.name_line,
        in_form=False,
        is_shown=False,
    ),
    CustomerFact(
        "email",
        _("Email"),
        most=254,
        kind=Kind.EMAIL,
        import_column="email",
        is_latin=True,
    ),
    CustomerFact(
        "phone",
        _("Phone"),
        most=60,
        kind=Kind.PHONE,
        import_column="phone",
        is_latin=True,
    ),
    CustomerFact(
        "organisation",
        _("Company"),
        most=200,
        read=names.name_line,
        import_column="company",
        is_searchable=True,
    ),
    CustomerFact(
        "owner",
        _("Owner"),
        kind=Kind.OWNER,
        help_text=_("Who looks after this customer."),
        is_personal=False,
        api_reads=False,
        api_writes=False,
    ),
    CustomerFact(
        "language",
        _("Language"),
        most=10,
        kind=Kind.LISTED,
        import_column="language",
        is_personal=False,
    ),
    CustomerFact(
        "time_zone",
        _("Time zone"),
        most=64,
        kind=Kind.LISTED,
        help_text=_("Mail goes out by the clock there."),
        import_column="time_zone",
        is_latin=True,
    ),
    CustomerFact(
        "country",
        _("Country"),
        most=2,
        kind=Kind.LISTED,
        import_column="country",
        is_personal=False,
    ),
    CustomerFact(
        "recipient",
        _("Recipient"),
        most=200,
        read=names.name_line,
        help_text=_("Whom letters and parcels are for, where it is not their name."),
        import_column="recipient",
        part_of=POSTAL_ADDRESS,
    ),
    CustomerFact(
        "street",
        _("Street"),
        most=200,
        help_text=_("With the number of the house."),
        import_column="street",
        part_of=POSTAL_ADDRESS,
    ),
    CustomerFact(
        "street_extra",
        _("Flat, floor, building"),
        most=200,
        import_column="street_extra",
        part_of=POSTAL_ADDRESS,
    ),
    CustomerFact(
        "postcode",
        _("Postcode"),
        most=20,
        import_column="postcode",
        part_of=POSTAL_ADDRESS,
        is_latin=True,
    ),
    CustomerFact(
        "city",
        _("Town or city"),
        most=120,
        import_column="city",
        part_of=POSTAL_ADDRESS,
    ),
    CustomerFact(
        "region",
        _("State, province or county"),
        most=120,
        import_column="region",
        part_of=POSTAL_ADDRESS,
    ),
    CustomerFact(
        "since_on",
        _("Customer since"),
        kind=Kind.DAY,
        help_text=_("Without it, the day of the first order counts."),
        import_column="customer_since",
        is_personal=False,
        shown_label=_("Since"),
    ),
    CustomerFact(
        "birthday",
        _("Birthday"),
        most=10,
        kind=Kind.BIRTHDAY,
        help_text=_("Month and day are enough: 05-12."),
        import_column="birthday",
    ),
    CustomerFact(
        "heard_from",
        _("Heard of us"),
        most=60,
        help_text=_("How."),
        import_column="heard_from",
    ),
    CustomerFact(
        "heard_text", _("Heard of us, in their words"), most=300, is_shown=False
    ),
    CustomerFact(
        "mail_ground",
        _("Ground for mail"),
        most=300,
        help_text=_(
            "Why people without an order may get surveys and reminders, in your own "
            "words: where they gave their address, and what they were told."
        ),
        import_column="mail_ground",
    ),
    CustomerFact(
        "tags",
        _("Tags"),
        most=1_000,
        kind=Kind.TAGS,
        help_text=_("With commas between them."),
        import_column="tags",
        api_reads=False,
        api_writes=False,
    ),
    CustomerFact("notes", _("Notes"), most=20_000, kind=Kind.TEXT, api_reads=False),
)
BY_NAME = {fact.name: fact for fact in FACTS}


def named(is_wanted: Callable[[CustomerFact], bool]) -> tuple[str, ...]:
    """The names of those facts, in the order of the declaration."""
    return tuple(fact.name for fact in FACTS if is_wanted(fact))


ADDRESS_PARTS = named(lambda fact: fact.part_of == POSTAL_ADDRESS)
# What search_text is made of, before the external id.
SEARCHABLE = named(lambda fact: fact.is_searchable)
# A file's names are split and checked together; all other lines stand for themselves.
IMPORTED_NAMES = ("given_name", "family_name")
IMPORTED_LINES = tuple(
    fact
    for fact in FACTS
    if fact.import_column and fact.kind is Kind.LINE and fact.name not in IMPORTED_NAMES
)
