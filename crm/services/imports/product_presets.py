"""Lists of products of well-known programs; see presets.py."""

from crm.services.imports.preset import Preset

PRODUCTS = "products"

PRODUCT_PRESETS: tuple[Preset, ...] = (
    Preset(
        # One row for each variant or picture; of 2025 with new names of columns.
        name="shopify-products",
        label="Shopify products",
        kind=PRODUCTS,
        all_of=("Title", "Option1 Value"),
        one_of=(
            ("Handle", "URL handle"),
            ("Variant Price", "Price"),
            ("Variant SKU", "SKU"),
        ),
        columns={
            "family": ("URL handle", "Handle"),
            "name": ("Title",),
            "option_1": ("Option1 Value",),
            "option_2": ("Option2 Value",),
            "option_3": ("Option3 Value",),
            "sku": ("Variant SKU", "SKU"),
            "price": ("Variant Price", "Price"),
            "category": ("Type", "Product Category", "Standard Product Type"),
            "picture": ("Variant Image", "Variant image URL"),
            "pictures": ("Image Src", "Product image URL"),
            "listed": ("Status",),
            "available": ("Published on online store", "Published"),
            "stock": ("Variant Inventory Qty", "Inventory quantity"),
            "stock_counted": ("Variant Inventory Tracker", "Inventory tracker"),
            "sells_without_stock": (
                *("Variant Inventory Policy", "Continue selling when out of stock"),
            ),
        },
    ),
    Preset(
        # Products, Export. What an offer of some days costs is left aside.
        name="woocommerce-products",
        label="WooCommerce products",
        kind=PRODUCTS,
        all_of=("Type", "SKU", "Name", "Published", "Regular price"),
        one_of=(("In stock?", "Stock"), ("Categories", "Images")),
        columns={
            "row_id": ("ID",),
            "parent": ("Parent",),
            "sku": ("SKU",),
            "name": ("Name",),
            "price": ("Regular price",),
            "categories": ("Categories",),
            "pictures": ("Images",),
            "listed": ("Published",),
            "available": ("In stock?",),
            "stock": ("Stock",),
            "sells_without_stock": ("Backorders allowed?",),
        },
    ),
)
