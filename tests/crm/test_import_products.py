"""Products by file: in words of shops, twice is once, and taken back within a week."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command

from crm.models import AuditEntry, ImportRun, Product
from crm.rules.choices import ProductNature
from crm.services import product_rules, products
from crm.services.imports import drafts, uploads
from crm.services.imports.product_kind import PRODUCTS
from crm.services.imports.reasons import in_words, note_in_words
from crm.services.imports.runner import import_products
from crm.services.imports.running import Options
from crm.services.imports.values import goods
from loyalty.models import StaleProduct
from tests.crm.export_shapes import HEADERS, export
from tests.crm.importing import NOW, counts, file_of, refusals
from tests.crm.test_import_undo import undo
from tests.factories import ProductFactory, UserFactory

pytestmark = pytest.mark.django_db

HEAD = "sku,name,category,price,currency,link,picture,available,season,days of supply\n"
BEANS = (
    "B1,Beans 1 kg,Coffee,14.50,EUR,https://shop.example/b1,"
    "https://shop.example/b1.jpg,yes,11-2,30\n"
)


def take(folder, text, **options):
    return import_products(
        file_of(folder, text),
        Options(**options),
        now=NOW,
        progress=lambda done, total: None,
    )


def by_sku():
    return {one.sku: one for one in Product.objects.all()}


def stored():
    return list(Product.objects.order_by("pk").values())


def test_it_brings_every_fact(tmp_path):
    report = take(tmp_path, HEAD + BEANS + "B2,Boots,Shoes,,,,,no,,\n")

    assert counts(report) == (2, 0, 0)
    beans, boots = by_sku()["B1"], by_sku()["B2"]
    assert (beans.name, beans.category) == ("Beans 1 kg", "Coffee")
    assert (beans.price, beans.currency) == (Decimal("14.50"), "EUR")
    assert beans.link == "https://shop.example/b1"
    assert beans.picture == "https://shop.example/b1.jpg"
    assert (beans.season_months, beans.days_of_supply) == ([1, 2, 11, 12], 30)
    assert (beans.is_available, boots.is_available) == (True, False)
    assert (boots.price, boots.currency, boots.season_months) == (None, "", [])
    logged = AuditEntry.objects.filter(action="product.created")
    assert {entry.subject for entry in logged} == {
        f"product:{beans.pk}",
        f"product:{boots.pk}",
    }


def test_twice_is_once_and_an_empty_cell_says_nothing(tmp_path):
    take(tmp_path, HEAD + BEANS)
    before = stored()

    again = take(tmp_path, HEAD + BEANS)
    empty = take(tmp_path, HEAD + "B1,,,,,,,,,\n")

    assert (again.unchanged, empty.unchanged) == (1, 1)
    assert stored() == before


def test_a_changed_fact_marks_those_whose_days_it_moves(tmp_path):
    take(tmp_path, HEAD + BEANS)
    StaleProduct.objects.all().delete()

    take(tmp_path, "sku,price,currency\nB1,15.00,EUR\n")
    assert by_sku()["B1"].price == 15
    assert not StaleProduct.objects.exists()

    report = take(tmp_path, "sku,days_of_supply\nB1,60\n")
    assert counts(report) == (0, 1, 0)
    assert StaleProduct.objects.get().product.days_of_supply == 60
    assert by_sku()["B1"].version == 3


def test_a_bad_cell_is_left_out_and_named(tmp_path):
    report = take(
        tmp_path,
        HEAD
        + "B1,Beans,Coffee,1.299,EUR,javascript:alert(1),no picture,perhaps,13,0\n"
        + "B2,Tea,Tea,€5,USD,,,,,\n"
        + "B3,Mug,Mugs,12.40,JPY,,,,,\n",
    )

    assert counts(report) == (3, 0, 0)
    beans, tea, mug = (by_sku()[sku] for sku in ("B1", "B2", "B3"))
    assert (beans.price, beans.link, beans.picture) == (None, "", "")
    assert (beans.season_months, beans.days_of_supply) == ([], None)
    assert beans.is_available
    # Another currency than its sign; and rounded once, to what a yen has.
    assert (tea.price, mug.price) == (None, 12)
    told = {note_in_words(code) for code in report.notes}
    assert (
        "left empty: The season names no months: write 11-2, Nov-Feb or 11, 12, 1."
        in told
    )
    assert "left empty: The page in the shop is no address of a page." in told
    assert all(" " in words for words in told)


def test_what_has_no_code_goes_by_its_name_and_no_code_stands_twice(tmp_path):
    report = take(tmp_path, "sku,name,price\n,Gift box,5\n,,7\nA,Ay,1\nA,Bee,2\n")

    assert refusals(report) == {"sku_missing": 1, "sku_twice": 1}
    assert set(by_sku()) == {"Gift box", "A"}
    assert by_sku()["A"].name == "Ay"
    assert in_words("sku_twice", "A").startswith("The same product code")


def test_prices_without_a_currency_are_in_the_one_that_was_said(tmp_path):
    take(tmp_path, "sku,price\nA,5\nB,€6\nC,$7\n", defaults={"currency": "CHF"})

    # A sign that several currencies have is none of the francs.
    found = {sku: (one.price, one.currency) for sku, one in by_sku().items()}
    assert found == {"A": (5, "CHF"), "B": (6, "EUR"), "C": (None, "")}


def test_what_a_rule_says_of_a_code_counts_for_new_products(tmp_path):
    rule = product_rules.checked("POST*", ProductNature.POSTAGE)
    product_rules.switch_on("main", [rule], now=NOW)

    take(tmp_path, "sku,name,price\nPOST1,Postage,3\n")

    assert by_sku()["POST1"].nature == "postage"


def test_a_dry_run_counts_and_writes_nothing(tmp_path):
    report = take(tmp_path, HEAD + BEANS, dry_run=True)

    assert counts(report) == (1, 0, 0)
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("cell", "months"),
    [
        ("11-2", [1, 2, 11, 12]),
        ("Nov–Feb", [1, 2, 11, 12]),
        ("3, 4", [3, 4]),
        ("June", [6]),
        ("12", [12]),
        ("", []),
        ("1-12", list(range(1, 13))),
    ],
)
def test_months_as_people_write_them(cell, months):
    assert goods.months(cell) == months


# --- Exports of shops ----------------------------------------------------------------


def shop_file(folder, name, *rows, shape=0):
    path = file_of(folder, export(HEADERS[name][shape], *rows))
    call_command(
        "import_products",
        str(path),
        "--preset",
        name,
        "--currency",
        "EUR",
        stderr=StringIO(),
    )


# What its columns were called until 2025, and since.
SHOPIFY = (
    {
        "family": "Handle",
        "option": "Option1 Value",
        "sku": "Variant SKU",
        "price": "Variant Price",
        "picture": "Image Src",
        "mine": "Variant Image",
        "stock": "Variant Inventory Qty",
        "counted": "Variant Inventory Tracker",
        "oversold": "Variant Inventory Policy",
    },
    {
        "family": "URL handle",
        "option": "Option1 value",
        "sku": "SKU",
        "price": "Price",
        "picture": "Product image URL",
        "mine": "Variant image URL",
        "stock": "Inventory quantity",
        "counted": "Inventory tracker",
        "oversold": "Continue selling when out of stock",
    },
)


@pytest.mark.parametrize("shape", [0, 1])
def test_variants_of_shopify_are_products_named_as_in_its_orders(tmp_path, shape):
    at = SHOPIFY[shape]
    pictures = "https://cdn.example/{}.jpg".format
    shop_file(
        tmp_path,
        "shopify-products",
        {
            at["family"]: "shirt",
            "Title": "Shirt",
            "Type": "Shirts",
            "Status": "active",
            at["option"]: "Red",
            at["sku"]: "S-R",
            at["price"]: "20.00",
            at["stock"]: "0",
            at["counted"]: "shopify",
            at["oversold"]: "deny",
            at["picture"]: pictures("front"),
        },
        {
            at["family"]: "shirt",
            at["option"]: "Blue",
            at["price"]: "22.00",
            at["stock"]: "0",
            at["counted"]: "",
            at["picture"]: pictures("back"),
            at["mine"]: pictures("blue"),
        },
        {at["family"]: "shirt", at["picture"]: pictures("side")},
        {
            at["family"]: "mug",
            "Title": "Mug",
            "Status": "draft",
            at["option"]: "Default Title",
            at["sku"]: "M1",
            at["price"]: "9.00",
        },
        shape=shape,
    )

    found = by_sku()
    assert set(found) == {"S-R", "Shirt - Blue", "M1"}
    red, blue, mug = found["S-R"], found["Shirt - Blue"], found["M1"]
    assert (red.name, red.category, red.price) == ("Shirt - Red", "Shirts", 20)
    assert (blue.name, blue.category, blue.currency) == (
        "Shirt - Blue",
        "Shirts",
        "EUR",
    )
    assert (red.picture, blue.picture) == (pictures("front"), pictures("blue"))
    # Sold out; not counted; not shown.
    assert [one.is_available for one in (red, blue, mug)] == [False, True, False]
    assert mug.name == "Mug"


def test_variations_of_woocommerce_have_what_their_parent_says(tmp_path):
    shop_file(
        tmp_path,
        "woocommerce-products",
        {
            "ID": "7",
            "Type": "variable",
            "SKU": "TEE",
            "Name": "Tee",
            "Published": "1",
            "In stock?": "1",
            "Categories": "Clothes > Tees\\, long, Sale",
            "Images": "https://x.example/a.jpg, https://x.example/b.jpg",
        },
        {
            "ID": "8",
            "Type": "variation",
            "SKU": "TEE-L",
            "Name": "Tee - L",
            "Published": "1",
            "In stock?": "0",
            "Regular price": "15",
            "Parent": "TEE",
        },
        {
            "ID": "9",
            "Type": "variation",
            "Name": "Tee - M",
            "Published": "1",
            "In stock?": "backorder",
            "Regular price": "14",
            "Parent": "id:7",
        },
    )

    large, medium = by_sku()["TEE-L"], by_sku()["Tee - M"]
    assert large.category == medium.category == "Clothes > Tees, long"
    assert large.picture == "https://x.example/a.jpg"
    assert (large.is_available, medium.is_available) == (False, True)
    assert (large.price, medium.price) == (15, 14)


# --- In the browser, and taken back --------------------------------------------------


@pytest.fixture
def owner():
    return UserFactory(role="owner")


def uploaded(text, owner):
    file = uploads.take(ContentFile(text.encode()), name="goods.csv", by=owner, now=NOW)
    return drafts.begin(file, by=owner, now=NOW)


def test_a_file_is_taken_for_what_is_in_it(owner):
    assert uploaded(HEAD + BEANS, owner).kind == "products"
    assert uploaded("sku,name,email\n1,Dana,dana@x.org\n", owner).kind == "customers"


@pytest.mark.parametrize("name", ["shopify-products", "woocommerce-products"])
def test_an_export_of_a_shop_is_known_when_it_is_uploaded(owner, name):
    for header in HEADERS[name]:
        draft = uploaded(export(header, {}), owner)

        assert (draft.kind, draft.preset) == ("products", name)
        assert set(draft.options["mapping"]) <= set(PRODUCTS.fields().known)


def test_it_asks_for_the_currency_and_needs_a_code_or_a_name(client, owner):
    client.force_login(owner)
    draft = uploaded("code,what,price\n7,Mug,3\n", owner)
    drafts.take_for_kind(draft, "products", now=NOW)

    page = client.get(f"/imports/{draft.pk}/").content.decode()

    assert "Currency, where a row says none" in page
    assert "Months in which it is wanted" in page


def test_an_undo_takes_new_ones_back_and_restores_the_others(tmp_path, owner):
    known = ProductFactory(sku="B1", name="Old name", price=None, days_of_supply=None)
    mended = ProductFactory(sku="B2", name="Before", price=None)
    take(tmp_path, HEAD + BEANS + "B2,After,,5,EUR,,,,,\nB3,New,,,,,,,,\n")
    products.update_product(mended, changes={"name": "By hand"}, now=NOW)
    StaleProduct.objects.all().delete()

    run = undo(ImportRun.objects.get(), owner, now=NOW + timedelta(days=1))

    found = by_sku()
    assert set(found) == {"B1", "B2"}
    known.refresh_from_db()
    assert (known.name, known.price, known.currency, known.link) == (
        "Old name",
        None,
        "",
        "",
    )
    assert (known.season_months, known.days_of_supply) == ([], None)
    # What somebody changed since stays; what nobody touched goes back.
    assert (found["B2"].name, found["B2"].price) == ("By hand", None)
    assert run.undo_counts == {"removed": 1, "restored": 1, "kept": 1}
    assert set(StaleProduct.objects.values_list("product", flat=True)) == {known.pk}


def test_it_says_the_tax_in_a_price_and_what_is_a_gift_card(tmp_path):
    ProductFactory(sku="OLD", nature="postage")
    report = take(
        tmp_path,
        "SKU,Title,VAT rate,Gift card\nTEA,Tea,7 %,no\nCARD,Card,0,TRUE\nOLD,Old,,\n"
        "ODD,Odd,130,\n",
    )

    found = by_sku()
    assert counts(report) == (3, 1, 0)
    assert (found["TEA"].tax_percent, found["TEA"].nature) == (7, "product")
    assert (found["CARD"].tax_percent, found["CARD"].nature) == (0, "gift_card")
    assert (found["OLD"].tax_percent, found["OLD"].nature) == (None, "postage")
    assert found["ODD"].tax_percent is None
    # An empty cell says nothing.
    take(tmp_path, "sku,gift_card\nCARD,\n")
    assert by_sku()["CARD"].nature == "gift_card"
