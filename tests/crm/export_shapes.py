"""The headers of other programs' exports, as their documentation and users show them.

Several versions of each; the people in the rows of the tests are invented.
"""

_SHOPIFY_ORDERS = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,"
    "Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,"
    "Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem compare at price,Lineitem sku,"
    "Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,"
    "Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,"
    "Billing City,Billing Zip,Billing Province,Billing Country,Billing Phone,"
    "Shipping Name,Shipping Street,Shipping Address1,Shipping Address2,"
    "Shipping Company,Shipping City,Shipping Zip,Shipping Province,Shipping Country,"
    "Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,"
    "Payment Reference,Refunded Amount,Vendor"
)
_MAILCHIMP = (
    "OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,"
    "TIMEZONE,CC,REGION"
)

# Preset → headers.
HEADERS = {
    "shopify-orders": [
        f"{_SHOPIFY_ORDERS},Id,Tags,Risk Level,Source,Lineitem discount",
        f"{_SHOPIFY_ORDERS},Outstanding Balance,Employee,Location,Device ID,Id,Tags,"
        "Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,"
        "Tax 2 Value,Phone,Receipt Number,Duties,Billing Province Name,"
        "Shipping Province Name,Payment ID,Payment Terms Name,Next Payment Due At,"
        "Payment References",
    ],
    "shopify-customers": [
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,"
        "Default Address Company,Default Address Address1,Default Address Address2,"
        "Default Address City,Default Address Province Code,"
        "Default Address Country Code,Default Address Zip,Default Address Phone,"
        "Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags",
        "First Name,Last Name,Email,Accepts Email Marketing,Company,Address1,"
        "Address2,City,Province,Province Code,Country,Country Code,Zip,Phone,"
        "Accepts SMS Marketing,Total Spent,Total Orders,Tags,Note,Tax Exempt",
        "First Name,Last Name,Email,Company,Address1,Address2,City,Province,"
        "Province Code,Country,Country Code,Zip,Phone,Accepts Marketing,Total Spent,"
        "Total Orders,Tags,Note,Tax Exempt",
    ],
    "woocommerce-orders": [
        "Order Number,Order Status,Order Date,Customer Note,First Name (Billing),"
        "Last Name (Billing),Company (Billing),Address 1&2 (Billing),City (Billing),"
        "State Code (Billing),Postcode (Billing),Country Code (Billing),"
        "Email (Billing),Phone (Billing),First Name (Shipping),Last Name (Shipping),"
        "Address 1&2 (Shipping),City (Shipping),State Code (Shipping),"
        "Postcode (Shipping),Country Code (Shipping),Payment Method Title,"
        "Cart Discount Amount,Order Subtotal Amount,Shipping Method Title,"
        "Order Shipping Amount,Order Refund Amount,Order Total Amount,"
        "Order Total Tax Amount,SKU,Item #,Item Name,Quantity (- Refund),Item Cost,"
        "Coupon Code,Discount Amount,Discount Amount Tax",
        "Order Number,Order Status,Order Date,First Name (Billing),"
        "Last Name (Billing),Country Code (Billing),Email (Billing),"
        "Phone (Billing),Item #,SKU,Name,Quantity,Quantity (- Refund),Item Cost,"
        "Order Line Total,Order Total Amount",
    ],
    "woocommerce-items": [
        "order_id,order_number,order_number_formatted,date,status,shipping_total,"
        "shipping_tax_total,fee_total,fee_tax_total,tax_total,discount_total,"
        "order_total,refunded_total,order_currency,payment_method,shipping_method,"
        "customer_id,billing_first_name,billing_last_name,billing_company,"
        "billing_email,billing_phone,billing_country,item_id,item_product_id,"
        "item_name,item_sku,item_quantity,item_subtotal,item_total,item_refunded",
    ],
    "woocommerce-customers": [
        "Name,Username,Last Active,Sign Up,Email,Orders,Total Spend,AOV,"
        "Country / Region,City,Region,Postal Code",
        "Name,Username,Last active,Date registered,Email,Orders,Total spend,AOV,"
        "Country / Region,City,Region,Postal code",
    ],
    "woocommerce-users": [
        "customer_id,first_name,last_name,user_login,email,date_registered,"
        "billing_first_name,billing_last_name,billing_company,billing_email,"
        "billing_phone,billing_country,total_spent,order_count",
        "ID,user_login,user_email,user_registered,first_name,last_name,"
        "billing_phone,billing_company,billing_country",
    ],
    "hubspot-contacts": [
        "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,"
        "Primary company,Last Activity Date (GMT+0),Lead Status,"
        "Marketing contact status,Create Date (GMT+0)",
        "Record ID - Contact,First Name,Last Name,Email,Phone Number,Lead Status,"
        "Create Date,Associated Company,Country/Region,Contact owner",
        "Contact ID,First Name,Last Name,Email,Phone Number,Contact owner,"
        "Associated Company,Last Activity Date,Lead Status,Create Date",
    ],
    "mailchimp-audience": [
        "Email Address,First Name,Last Name,Address,Phone Number,Birthday,"
        f"MEMBER_RATING,{_MAILCHIMP},LAST_CHANGED,LEID,EUID,NOTES,TAGS",
        "Email Address,First Name,Last Name,Address,Phone Number,Birthday,"
        f"MEMBER_RATING,{_MAILCHIMP},UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,"
        "UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,LEID,EUID,NOTES,TAGS",
        "Email Address,First Name,Last Name,Address,Phone Number,Birthday,"
        f"MEMBER_RATING,{_MAILCHIMP},CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,"
        "CLEAN_CAMPAIGN_ID,LEID,EUID,NOTES,TAGS",
    ],
}
