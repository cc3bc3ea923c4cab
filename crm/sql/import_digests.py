"""By what an undo of an import knows that nobody changed a row since.

The columns are named and stand in an order that never changes: the digests of the last
week were made by it, and a column that the table gets later is no change of its rows. A
column that is added here, at the end, makes every row of the week before look changed,
so that an undo keeps it. `tests/crm/test_import_digests.py` asks about each new column.
"""

from collections.abc import Mapping
from typing import LiteralString

from psycopg.sql import SQL, Composed

from crm.customer_facts import FACTS, Kind
from crm.rules.choices import ImportedThing
from crm.sql.expressions import listed

CUSTOMER = """id source external_id given_name family_name greeting_name sort_name email
    email_norm phone_e164 phone_text language time_zone country recipient street
    street_extra postcode city region birth_month birth_day birth_year
    birth_recorded_at heard_from heard_text owner_id organisation mail_ground notes
    custom merged_into_id erased_at created_at""".split()
# Lines of text that were declared since.
CUSTOMER += [
    fact.name for fact in FACTS if fact.kind is Kind.LINE and fact.name not in CUSTOMER
]
ORDER = """id source external_id number customer_id nature state ordered_at ordered_on
    delivered_on cancelled_at currency total""".split()
LINE = """order_id line_key customer_id product_id ordered_on quantity unit_price amount
    nature returned_order returned_line""".split()
# Where its tax is known: what was noted of lines without one still holds.
LINE_WITH_TAX = [*LINE, "tax"]
PRODUCT = """id source sku name category nature price currency link picture
    is_available season_months days_of_supply tax_percent""".split()
INTERACTION = """id customer_id channel direction happened_at staff_id staff_name
    subject body outcome source_key created_at version""".split()
ADDRESS = "id customer_id kind value norm label created_at".split()
COMPANY = """id name domain parent_id address note tags search_text created_at
    updated_at version""".split()
COMPANY_LINK = "id company_id customer_id role created_at".split()
CONTRACT = """id source external_id customer_id plan currency value state started_on
    renewed_on cancelled_on reason created_at""".split()
CONTRACT_CHANGE = """id subscription_id customer_id kind happened_on happened_at plan
    value reason""".split()


def _hash(columns: list[str], alias: LiteralString = "c") -> Composed:
    """Of the columns of a row; as text they would take ten times as long."""
    return SQL("hash_record_extended(ROW({}), 0)").format(listed(columns, alias))


# The day since when they are a customer counts where it was given.
_CUSTOMER = SQL(
    """hash_record_extended(ROW({own},
        CASE WHEN c.since_from = 'given' THEN c.since_on END,
        (SELECT string_agg(m.tag_id::text, ',' ORDER BY m.tag_id)
            FROM crm_customer_tags m WHERE m.customer_id = c.id)), 0)"""
).format(own=_hash(CUSTOMER))
# Each line has a key of its own: no two of an order have one hash.
_ORDER = SQL(
    """hash_record_extended(ROW({own},
        (SELECT bit_xor(CASE WHEN l.tax IS NULL THEN {line} ELSE {taxed} END)
            FROM crm_orderline l WHERE l.order_id = c.id)), 0)"""
).format(own=_hash(ORDER), line=_hash(LINE, "l"), taxed=_hash(LINE_WITH_TAX, "l"))
_CONTRACT = SQL(
    """hash_record_extended(ROW({own}, (SELECT bit_xor({change})
        FROM crm_subscriptionchange h WHERE h.subscription_id = c.id)), 0)"""
).format(own=_hash(CONTRACT), change=_hash(CONTRACT_CHANGE, "h"))

# What an undo compares: table and hash.
HASHED: Mapping[ImportedThing, tuple[str, Composed]] = {
    ImportedThing.CUSTOMER: ("crm_customer", _CUSTOMER),
    ImportedThing.ORDER: ("crm_order", _ORDER),
    ImportedThing.PRODUCT: ("crm_product", _hash(PRODUCT)),
    ImportedThing.INTERACTION: ("crm_interaction", _hash(INTERACTION)),
    ImportedThing.ADDRESS: ("crm_customeraddress", _hash(ADDRESS)),
    ImportedThing.COMPANY: ("crm_company", _hash(COMPANY)),
    ImportedThing.COMPANY_LINK: ("crm_companyperson", _hash(COMPANY_LINK)),
    ImportedThing.CONTRACT: ("crm_subscription", _CONTRACT),
}
