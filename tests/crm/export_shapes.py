"""The headers of other programs' exports, as their documentation and users show them.

Several versions of each; the people in the rows of the tests are invented.
"""

import csv
import io

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

_SHOPIFY_PRODUCTS = (
    "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,"
    "Option1 Name,Option1 Value,Option2 Name,Option2 Value,Option3 Name,Option3 Value,"
    "Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,"
    "Variant Inventory Policy,Variant Fulfillment Service,Variant Price,"
    "Variant Compare At Price,Variant Requires Shipping,Variant Taxable,"
    "Variant Barcode,Image Src,Image Position,Image Alt Text,Gift Card,SEO Title,"
    "SEO Description,Variant Image,Variant Weight Unit,Variant Tax Code,"
    "Cost per item,Status"
)
_WOO_PRODUCTS = (
    "ID,Type,SKU,Name,Published,Is featured?,Visibility in catalog,Short description,"
    "Description,Date sale price starts,Date sale price ends,Tax status,Tax class,"
    "In stock?,Stock,Low stock amount,Backorders allowed?,Sold individually?,"
    "Weight (kg),Length (cm),Width (cm),Height (cm),Allow customer reviews?,"
    "Purchase note,Sale price,Regular price,Categories,Tags,Shipping class,Images,"
    "Download limit,Download expiry days,Parent,Grouped products,Upsells,Cross-sells,"
    "External URL,Button text,Position"
)

# Preset → headers.
HEADERS = {
    "shopify-products": [
        _SHOPIFY_PRODUCTS,
        "Title,URL handle,Description,Vendor,Product category,Type,Tags,"
        "Published on online store,Status,SKU,Barcode,Option1 name,Option1 value,"
        "Option1 Linked To,Option2 name,Option2 value,Option2 Linked To,Option3 name,"
        "Option3 value,Option3 Linked To,Price,Compare-at price,Cost per item,"
        "Charge tax,Tax code,Inventory tracker,Inventory quantity,"
        "Continue selling when out of stock,Weight value (grams),"
        "Weight unit for display,Requires shipping,Fulfillment service,"
        "Product image URL,Image position,Image alt text,Variant image URL,Gift card,"
        "SEO title,SEO description",
    ],
    "woocommerce-products": [
        _WOO_PRODUCTS,
        f"{_WOO_PRODUCTS},Attribute 1 name,Attribute 1 value(s),Attribute 1 visible,"
        "Attribute 1 global",
    ],
    "ibm-telco-churn": [
        "customerID,gender,SeniorCitizen,Partner,Dependents,tenure,PhoneService,"
        "MultipleLines,InternetService,Contract,PaperlessBilling,PaymentMethod,"
        "MonthlyCharges,TotalCharges,Churn",
    ],
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


def export(header, *rows):
    """A file of this shape; each row names the cells that are not empty."""
    names = header.split(",")
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


# Preset → a file of invented people, who is looked for, and words of their timeline.
STORIES = {
    "shopify-customers": (
        export(
            HEADERS["shopify-customers"][0],
            {
                "Customer ID": "'6990011220011",
                "First Name": "נועה",
                "Last Name": "לוי",
                "Email": "noa.levi@shop.example",
                "Accepts Email Marketing": "yes",
                "Default Address Country Code": "IL",
                "Phone": "'+972541230011",
                "Total Spent": "120.50",
                "Total Orders": "3",
                "Tags": "VIP, wholesale",
            },
        ),
        "נועה לוי",
        ("noa.levi@shop.example", "6990011220011", "wholesale"),
    ),
    "shopify-orders": (
        export(
            HEADERS["shopify-orders"][0],
            {
                "Name": "#2001",
                "Email": "rivka@shop.example",
                "Financial Status": "paid",
                "Currency": "USD",
                "Created at": "2026-09-03 10:14:00 -0400",
                "Lineitem quantity": "2",
                "Lineitem name": "Yirgacheffe 250g",
                "Lineitem price": "16.00",
                "Lineitem sku": "YIR-250",
                "Id": "5550000001",
            },
            {
                "Name": "#2001",
                "Email": "rivka@shop.example",
                "Created at": "2026-09-03 10:14:00 -0400",
                "Lineitem quantity": "1",
                "Lineitem name": "Filter papers",
                "Lineitem price": "4.00",
            },
        ),
        "rivka@shop.example",
        ("#2001", "Yirgacheffe 250g", "Filter papers"),
    ),
    "woocommerce-orders": (
        export(
            HEADERS["woocommerce-orders"][1],
            {
                "Order Number": "5001",
                "Order Status": "Completed",
                "Order Date": "2026-05-03 10:12",
                "Country Code (Billing)": "GB",
                "Email (Billing)": "ana64@shop.example",
                "Item #": "1",
                "SKU": "YIR-250",
                "Name": "Yirgacheffe 250g",
                "Quantity": "2",
                "Item Cost": "12.00",
            },
            {
                "Order Number": "5001",
                "Order Status": "Completed",
                "Order Date": "2026-05-03 10:12",
                "Country Code (Billing)": "GB",
                "Email (Billing)": "ana64@shop.example",
                "Item #": "2",
                "Name": "Gift card",
                "Quantity": "1",
                "Item Cost": "12.00",
            },
        ),
        "ana64@shop.example",
        ("5001", "Gift card"),
    ),
    "woocommerce-items": (
        export(
            HEADERS["woocommerce-items"][0],
            {
                "order_id": "7001",
                "order_number": "7001",
                "date": "2026-05-04 08:00:00",
                "status": "processing",
                "order_currency": "EUR",
                "customer_id": "0",
                "billing_email": "ben70@shop.example",
                "billing_country": "DE",
                "item_id": "1",
                "item_name": "House blend",
                "item_sku": "HB-1",
                "item_quantity": "3",
                "item_total": "36.00",
            },
        ),
        "ben70@shop.example",
        ("7001", "House blend"),
    ),
    "woocommerce-customers": (
        export(
            HEADERS["woocommerce-customers"][0],
            {
                "Name": "王小明",
                "Email": "xiaoming@shop.example",
                "Sign Up": "2021-03-04 09:00:00",
                "Orders": "2",
                "Total Spend": "88.00",
                "AOV": "44.00",
                "Country / Region": "CN",
            },
        ),
        "王小明",
        ("xiaoming@shop.example", "2021"),
    ),
    "woocommerce-users": (
        export(
            HEADERS["woocommerce-users"][0],
            {
                "customer_id": "31",
                "first_name": "Ola",
                "last_name": "Vik",
                "user_login": "ola",
                "email": "ola.vik@shop.example",
                "date_registered": "2020-01-05 10:00:00",
                "billing_country": "NO",
                "billing_phone": "+4722334455",
            },
        ),
        "Ola Vik",
        ("ola.vik@shop.example", "2020"),
    ),
    "hubspot-contacts": (
        export(
            HEADERS["hubspot-contacts"][1],
            {
                "Record ID - Contact": "101",
                "First Name": "Camille",
                "Last Name": "Durand",
                "Email": "camille.durand@shop.example",
                "Phone Number": "+33 6 12 34 56 78",
                "Lead Status": "NEW",
                "Create Date": "2024-03-12 09:14",
                "Associated Company": "Villa Rose",
                "Country/Region": "France",
            },
        ),
        "Camille Durand",
        ("camille.durand@shop.example", "Villa Rose"),
    ),
    "mailchimp-audience": (
        export(
            HEADERS["mailchimp-audience"][1],
            {
                "Email Address": "rae.holt@shop.example",
                "First Name": "Rae",
                "Last Name": "Holt",
                "Birthday": "05/12",
                "TIMEZONE": "America/Los_Angeles",
                "CC": "US",
                "UNSUB_TIME": "2024-06-25 17:38:27",
                "LEID": "44870001",
                "EUID": "c2cb000001",
                "TAGS": '"VIP","Blog"',
            },
        ),
        "Rae Holt",
        ("rae.holt@shop.example", "Blog"),
    ),
}
