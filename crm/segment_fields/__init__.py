"""What crm lets lists and segments ask of a customer."""

from crm import condition_fields, segments
from crm.segment_fields import (
    companies,
    contracts,
    custom,
    facts,
    lists,
    orders,
    picked,
    records,
)
from crm.segment_fields.lists import NOBODY, owner_name

__all__ = ["NOBODY", "owner_name"]

segments.register(*lists.FIELDS, *picked.FIELDS, *custom.FILTERS)
condition_fields.register_source(custom.SOURCE)
condition_fields.register(
    *facts.FIELDS, *companies.FIELDS, *orders.FIELDS, *contracts.FIELDS, *records.FIELDS
)
