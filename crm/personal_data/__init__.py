"""The rows of crm that belong to a customer: exported, erased and merged."""

from crm.personal_data.people import PEOPLE
from crm.personal_data.records import RECORDS
from crm.personal_data.steps import STEPS
from crm.personal_data.trade import TRADE
from crm.personal_rows import register

register(*STEPS, *PEOPLE, *TRADE, *RECORDS)
