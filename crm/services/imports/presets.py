"""Files of well-known programs, recognised by their header.

The shapes are those of each program's public documentation and of exports that people
publish; several versions of each, because old files are brought in, too. Pure: a header
in, what it means out. A preset names columns by what they are called there, best first;
which of them a file has is found when it is recognised.
"""

from collections.abc import Sequence

from crm.services.imports.column_names import CUSTOMERS, ORDERS
from crm.services.imports.preset import Preset as Preset
from crm.services.imports.product_presets import PRODUCT_PRESETS

_NAMES = {"given_name": ("First Name",), "family_name": ("Last Name",)}

_SHOPIFY_STATES = {
    **dict.fromkeys(("paid", "pending", "authorized", "unpaid"), "placed"),
    **dict.fromkeys(("partially_paid", "partially_refunded", "expired"), "placed"),
    **dict.fromkeys(("refunded", "voided"), "cancelled"),
}
_WOO_STATES = {
    "completed": "delivered",
    **dict.fromkeys(("processing", "pending", "on-hold"), "placed"),
    **dict.fromkeys(("pending payment", "on hold", "checkout-draft"), "placed"),
    **dict.fromkeys(("cancelled", "refunded", "failed", "trash"), "cancelled"),
}
_WOO_STATES |= {f"wc-{word}": state for word, state in _WOO_STATES.items()}

PRESETS: tuple[Preset, ...] = (
    Preset(
        name="shopify-orders",
        label="Shopify orders",
        kind=ORDERS,
        all_of=("Name", "Financial Status", "Created at", "Lineitem quantity"),
        one_of=(("Lineitem name", "Lineitem sku"),),
        columns={
            # Id stands in the first line of an order only.
            "order_id": ("Name",),
            "customer_id": ("Email",),
            "ordered_at": ("Created at",),
            "sku": ("Lineitem sku",),
            "product": ("Lineitem name",),
            "quantity": ("Lineitem quantity",),
            "unit_price": ("Lineitem price",),
            "currency": ("Currency",),
            "status": ("Financial Status",),
            "delivered_at": ("Fulfilled at",),
            "country": ("Shipping Country", "Billing Country"),
            # How much tax a line bears it does not say, only of which there is none.
            "line_tax": ("Lineitem taxable",),
        },
        options={
            "value_map": {
                "status": _SHOPIFY_STATES,
                "line_tax": {"true": "", "false": "0"},
            }
        },
    ),
    Preset(
        name="shopify-customers",
        label="Shopify customers",
        kind=CUSTOMERS,
        all_of=("First Name", "Last Name", "Email", "Total Spent", "Total Orders"),
        one_of=(("Accepts Email Marketing", "Accepts Marketing"),),
        columns={
            **_NAMES,
            "external_id": ("Customer ID",),
            "email": ("Email",),
            "phone": ("Phone", "Default Address Phone"),
            "company": ("Default Address Company", "Company"),
            "country": ("Default Address Country Code", "Country Code", "Country"),
            "street": ("Default Address Address1", "Address1"),
            "street_extra": ("Default Address Address2", "Address2"),
            "postcode": ("Default Address Zip", "Zip"),
            "city": ("Default Address City", "City"),
            "region": (
                *("Default Address Province Code", "Province Code"),
                *("Default Address Province", "Province"),
            ),
            "tags": ("Tags",),
        },
        # A box that was left empty there is no word about surveys and reminders.
        options={"opt_out_scope": "marketing"},
    ),
    Preset(
        # Advanced Order Export, one row for each line of an order.
        name="woocommerce-orders",
        label="WooCommerce orders",
        kind=ORDERS,
        all_of=("Order Number", "Order Status", "Order Date", "Email (Billing)"),
        one_of=(("Quantity", "Quantity (- Refund)"), ("SKU", "Item Name", "Name")),
        columns={
            "order_id": ("Order Number",),
            "customer_id": ("Email (Billing)",),
            "ordered_at": ("Order Date",),
            "sku": ("SKU",),
            "product": ("Item Name", "Product Name", "Name", "Product Name (main)"),
            "quantity": ("Quantity", "Quantity (- Refund)"),
            "unit_price": ("Item Cost", "Item Cost Before Discount"),
            "line_total": ("Order Line Total", "Order Line (w/o tax)"),
            # All its prices are without tax.
            "line_tax_added": ("Order Line Tax", "Order Line Subtotal Tax"),
            "currency": ("Order Currency", "Currency"),
            "status": ("Order Status",),
            "delivered_at": ("Completed Date",),
            "country": ("Country Code (Billing)", "Country Name (Billing)"),
            "category": ("Category",),
        },
        options={"value_map": {"status": _WOO_STATES}},
    ),
    Preset(
        # Customer/Order/Coupon Export, default format with one row per item.
        name="woocommerce-items",
        label="WooCommerce orders",
        kind=ORDERS,
        all_of=("order_id", "status", "billing_email", "item_quantity"),
        one_of=(("date", "order_date"), ("item_sku", "item_name")),
        columns={
            "order_id": ("order_number", "order_number_formatted", "order_id"),
            "customer_id": ("billing_email",),
            "ordered_at": ("date", "order_date"),
            "sku": ("item_sku",),
            "product": ("item_name",),
            "quantity": ("item_quantity",),
            "line_total": ("item_total", "item_subtotal"),
            "line_tax_added": ("item_total_tax", "item_tax", "item_subtotal_tax"),
            "unit_price": ("item_price",),
            "currency": ("order_currency",),
            "status": ("status",),
            "country": ("billing_country",),
            "line_id": ("item_id",),
        },
        options={"value_map": {"status": _WOO_STATES}},
    ),
    Preset(
        # Analytics, Customers, Download.
        name="woocommerce-customers",
        label="WooCommerce customers",
        kind=CUSTOMERS,
        all_of=("Name", "Email", "Orders", "AOV"),
        one_of=(("Sign Up", "Date registered"), ("Total Spend", "Total spent")),
        columns={
            "name": ("Name",),
            "email": ("Email",),
            "customer_since": ("Sign Up", "Date registered"),
            "country": ("Country / Region", "Country"),
            "postcode": ("Postal Code", "Postal code", "Postcode"),
            "city": ("City",),
            "region": ("Region",),
        },
    ),
    Preset(
        # Customer/Order/Coupon Export and its like: the users of the shop.
        name="woocommerce-users",
        label="WooCommerce customers",
        kind=CUSTOMERS,
        all_of=("first_name", "last_name", "billing_country"),
        one_of=(
            ("customer_id", "user_id", "ID"),
            ("email", "user_email", "billing_email"),
            ("user_login", "username", "date_registered", "user_registered"),
        ),
        columns={
            "external_id": ("customer_id", "user_id", "ID"),
            "given_name": ("first_name", "billing_first_name"),
            "family_name": ("last_name", "billing_last_name"),
            "email": ("email", "user_email", "billing_email"),
            "phone": ("billing_phone",),
            "company": ("billing_company",),
            "country": ("billing_country",),
            "street": ("billing_address_1",),
            "street_extra": ("billing_address_2",),
            "postcode": ("billing_postcode",),
            "city": ("billing_city",),
            "region": ("billing_state",),
            "customer_since": ("date_registered", "user_registered"),
        },
    ),
    Preset(
        name="hubspot-contacts",
        label="HubSpot contacts",
        kind=CUSTOMERS,
        all_of=("First Name", "Last Name", "Email"),
        one_of=(
            ("Record ID", "Record ID - Contact", "Contact ID"),
            ("Contact owner", "Lead Status", "Lifecycle Stage", "Create Date")
            + ("Marketing contact status", "Associated Company"),
        ),
        columns={
            **_NAMES,
            "external_id": ("Record ID", "Record ID - Contact", "Contact ID"),
            "email": ("Email",),
            "phone": ("Phone Number", "Mobile Phone Number"),
            "company": ("Company Name", "Associated Company", "Primary company"),
            "country": ("Country/Region", "Country"),
            "street": ("Street Address", "Street Address 1"),
            "street_extra": ("Street Address 2",),
            "postcode": ("Postal Code",),
            "city": ("City",),
            "region": ("State/Region", "State/Region Code"),
            "language": ("Preferred language",),
            "birthday": ("Date of birth",),
            # Create Date is when the row was made there, which is no relation yet.
            "customer_since": ("Became a Customer Date", "First Order Date"),
            "heard_from": ("Original Source", "Original Traffic Source"),
        },
    ),
    Preset(
        name="mailchimp-audience",
        label="Mailchimp audience",
        kind=CUSTOMERS,
        all_of=("Email Address", "LEID"),
        one_of=(
            ("EUID", "MEMBER_RATING", "OPTIN_TIME", "CONFIRM_TIME", "LAST_CHANGED"),
        ),
        columns={
            **_NAMES,
            "name": ("Name", "Full Name"),
            "email": ("Email Address",),
            "phone": ("Phone Number", "Phone"),
            "birthday": ("Birthday",),
            "time_zone": ("TIMEZONE",),
            "country": ("CC", "Country"),
            "company": ("Company",),
            "tags": ("TAGS",),
        },
        # It keeps birthdays as MM/DD, whatever its form of signing up shows.
        options={"date_order": "mdy"},
    ),
    *PRODUCT_PRESETS,
    Preset(
        name="ibm-telco-churn",
        label="IBM Telco customer churn",
        kind="subscriptions",
        all_of=("customerID", "tenure", "MonthlyCharges", "Contract"),
        columns={
            "customer_id": ("customerID",),
            "plan": ("Contract",),
            "value": ("MonthlyCharges",),
            "months": ("tenure",),
            "is_cancelled": ("Churn",),
        },
    ),
)
BY_NAME = {preset.name: preset for preset in PRESETS}


def recognised(header: Sequence[str]) -> Preset | None:
    """The program whose export has this header; the one that asks for most, of two."""
    found = [preset for preset in PRESETS if preset.fits(header)]
    return max(found, key=lambda one: len(one.all_of) + len(one.one_of), default=None)
