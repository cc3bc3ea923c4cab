"""What the operator says of the cells of a whole file."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from crm.errors import FileUnusable
from crm.services.imports.values.date_forms import ORDERS
from crm.services.imports.values.numbers import MARKS
from crm.services.imports.values.people import TAG_MARKS
from crm.services.imports.values.words import OURS, ValueMap, check_words

# What becomes of orders that name no customer.
GUESTS = {
    "": "refused",
    "people": "people by their address",
    "orders": "people by their address; without one, each order by itself",
}
DEFAULTS = ("currency", "country", "language")


@dataclass(frozen=True)
class CellRules:
    """Empty values say nothing: each cell must tell by itself."""

    # Field -> their word -> ours.
    value_map: ValueMap = field(default_factory=dict)
    # Field -> the value of rows whose own cell is empty; see DEFAULTS.
    defaults: Mapping[str, str] = field(default_factory=dict)
    date_order: str = ""
    numbers: str = ""
    tag_mark: str = ""
    guests: str = ""
    has_serial_dates: bool = False
    # Refuse a row for a cell that would be left out otherwise.
    is_strict: bool = False

    def words_of(self, field_name: str) -> Mapping[str, str]:
        """What words in the cells of a field mean, as staff chose."""
        return self.value_map.get(field_name, {})


def check_rules(
    rules: CellRules, languages: Collection[str], *, others: Collection[str] = ()
) -> None:
    """Refuse what nothing would come of; raises FileUnusable with one clear line.
    `others`: defaults of the kind's own, which it looks at itself."""
    choices = {
        "The order of dates": (rules.date_order, ORDERS),
        "The mark of numbers": (rules.numbers, MARKS),
        "The mark between tags": (rules.tag_mark, TAG_MARKS),
        "What becomes of guests": (rules.guests, GUESTS),
    }
    for what, (given, known) in choices.items():
        if given and given not in known:
            named = ", ".join(filter(None, known))
            raise FileUnusable(f"{what} is one of {named}, not {given!r}.")
    check_words(rules.value_map, languages)
    valid = {**OURS, "language": languages}
    for name, value in rules.defaults.items():
        if name in others:
            continue
        if name not in DEFAULTS:
            raise FileUnusable(f"There is no default for {name!r}.")
        if value and value not in valid[name]:
            raise FileUnusable(f"There is no {name} {value!r}.")
