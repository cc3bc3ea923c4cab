"""Where mails lead: the basket of the shop, the page of the product, or a reply."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from crm.models import AuditEntry
from loyalty.models import OrderLink
from loyalty.rules.order_links import address, checked
from loyalty.services import order_links
from tests.factories import ProductFactory, UserFactory
from tests.pages import read
from web.errors import InvalidValue

ONE = "https://shop.example/cart/{sku}:{quantity}"
SEVERAL = "https://shop.example/cart/{lines}?from=mail"


@pytest.mark.parametrize(
    ("template", "lines", "found"),
    [
        (ONE, [("ETH-1", "2")], "https://shop.example/cart/ETH-1:2"),
        (ONE, [("ETH-1", "2"), ("B", "1")], "https://shop.example/cart/ETH-1:2"),
        (ONE, [("a/b?c&d#e", "1.000")], "https://shop.example/cart/a%2Fb%3Fc%26d%23e:1"),
        (ONE, [("{quantity}", "0.500")], "https://shop.example/cart/%7Bquantity%7D:0.5"),
        (ONE, [("茶", "100")], "https://shop.example/cart/%E8%8C%B6:100"),
        (SEVERAL, [("A", "2"), ("B,C:9", "1")],
         "https://shop.example/cart/A:2,B%2CC%3A9:1?from=mail"),
    ],
)  # fmt: skip
def test_codes_are_quoted_and_cannot_leave_their_place(template, lines, found):
    assert address(template, [(sku, Decimal(n)) for sku, n in lines]) == found


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("javascript:alert({sku})", "link_invalid"),
        ("ftp://shop.example/{sku}", "link_invalid"),
        ("https:///{sku}", "link_invalid"),
        ("https://{sku}.example/", "link_invalid"),
        ("https://me@shop.example/{sku}", "link_invalid"),
        ("https://shop.example/{sku} x", "link_invalid"),
        ("https://[shop/{sku}", "link_invalid"),
        ("https://shop.example/cart", "place_missing"),
        ("https://shop.example/{quantity}", "place_missing"),
        ("https://shop.example/{sku}/{email}", "place_unknown"),
        ("https://shop.example/{sku}/{", "place_unknown"),
        ("https://shop.example/{sku}/{lines}", "place_both"),
        ("https://shop.example/{sku}" + "x" * 500, "too_long"),
    ],
)
def test_what_is_no_address_of_a_basket_is_refused(template, code):
    with pytest.raises(InvalidValue) as refused:
        checked(template)

    assert refused.value.fields == {"template": code}


def test_the_basket_comes_before_the_page_of_the_product(db):
    product = ProductFactory(sku="A", link="https://shop.example/a")
    other = ProductFactory(sku="B")
    two = [(product, Decimal(2)), (other, Decimal(1))]

    assert order_links.link_of("", product, Decimal(2)) == "https://shop.example/a"
    assert order_links.link_of("", other, Decimal(1)) == ""
    assert order_links.link_of(ONE, other, Decimal(1)).endswith("/B:1")
    assert order_links.basket_of(SEVERAL, two).endswith("/A:2,B:1?from=mail")
    assert order_links.basket_of(SEVERAL, two[:1]) == ""
    assert order_links.basket_of(ONE, two) == ""


def test_set_twice_is_once(db):
    for _ in range(2):
        order_links.set_template(ONE, now=timezone.now())

    assert order_links.template() == ONE
    assert AuditEntry.objects.filter(action="order_link.set").count() == 1
    order_links.set_template("", now=timezone.now())
    assert order_links.template() == ""


def test_the_database_keeps_no_other_scheme(db):
    with pytest.raises(IntegrityError, match="is_page"), transaction.atomic():
        OrderLink.objects.create(
            pk=1, template="javascript:1", updated_at=timezone.now()
        )


@pytest.fixture
def owner_page(client, db):
    client.force_login(UserFactory(role="owner"))
    return client


def test_the_page_shows_the_links_before_it_keeps_them(owner_page):
    ProductFactory(sku="ETH 1")
    page = "/settings/order-link/"

    shown = read(owner_page.post(page, {"template": ONE, "preview": "1"}))

    assert "https://shop.example/cart/ETH%201:1" in shown
    assert not OrderLink.objects.exists()
    assert owner_page.post(page, {"template": ONE}).status_code == 303
    assert order_links.template() == ONE
    refused = owner_page.post(page, {"template": "https://shop.example/{who}"})
    assert "{who}" in read(refused, status=422)
    assert order_links.template() == ONE
