"""What the cells of a file mean, one reader for each kind of column.

A reader takes the text of a cell and returns its value, or a `Refused` with a code.

cells     what all share: refusals, remembered answers, plain text, words for nothing
numbers   marks, signs and currencies around digits      (currency_signs: the table)
days      moments, days and birthdays       (date_forms: how they may be written)
people    ids, addresses, telephone numbers, tags
places    countries, languages, currencies
words     their words -> ours
"""

from crm.services.imports.values.cells import (
    REMEMBERED,
    Refused,
    folded,
    is_nothing,
    line_of,
    name_line,
    one_line,
    plain,
    remembering,
    visible,
)
from crm.services.imports.values.days import Moment, birthday, moments
from crm.services.imports.values.numbers import number
from crm.services.imports.values.people import identifier, tags
from crm.services.imports.values.places import countries, currency, languages

__all__ = [
    "REMEMBERED",
    "Moment",
    "Refused",
    "birthday",
    "countries",
    "currency",
    "folded",
    "identifier",
    "is_nothing",
    "languages",
    "line_of",
    "moments",
    "name_line",
    "number",
    "one_line",
    "plain",
    "remembering",
    "tags",
    "visible",
]
