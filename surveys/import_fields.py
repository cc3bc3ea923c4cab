"""Past answers of a file: see crm/services/imports/importer.py."""

from crm.import_columns import ImportGroup, register
from crm.services.imports import kinds
from surveys.services.answer_columns import WORDS
from surveys.services.answer_import import PAST_ANSWERS

# No column of a file of customers: only the words of what is refused and noted.
register(ImportGroup(name="past_answers", fields=(), apply=lambda _: (), words=WORDS))
kinds.register(PAST_ANSWERS)
