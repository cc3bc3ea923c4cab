"""Balances of a file: see crm/services/imports/importer.py."""

from crm.import_columns import ImportGroup, register
from crm.services.imports import kinds
from loyalty.services.programmes.balance_columns import WORDS
from loyalty.services.programmes.balance_import import BALANCES

# No column of a file of customers: only the words of what is refused and noted.
register(ImportGroup(name="balances", fields=(), apply=lambda _: (), words=WORDS))
kinds.register(BALANCES)
