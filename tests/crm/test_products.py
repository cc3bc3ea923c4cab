"""Facts of products by the API: once is enough, what is wrong is refused."""

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from crm.access import SCOPES
from crm.models import AuditEntry, Product
from crm.services import api_tokens, products
from tests.factories import ProductFactory
from web.errors import InvalidValue

pytestmark = pytest.mark.django_db
PATH = "/api/v1/products/"
FACTS = {
    "sku": "ETH-1",
    "name": "Ethiopia 1 kg",
    "category": "Coffee",
    "price": "24.50",
    "currency": "eur",
    "link": "https://shop.example/ethiopia",
    "season_months": [12, 11, 12],
    "days_of_supply": 30,
}


@pytest.fixture
def api():
    _, key = api_tokens.issue(name="shop", scopes=list(SCOPES), now=timezone.now())
    return Client(headers={"authorization": f"Bearer {key}"})


def send(api, **values):
    return api.post(PATH, values, content_type="application/json")


def test_a_product_is_recorded_once_whatever_comes_again(api):
    first, again = send(api, **FACTS), send(api, **FACTS)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    product = Product.objects.get()
    assert (product.price, product.currency) == (Decimal("24.50"), "EUR")
    assert product.season_months == [11, 12]
    assert first.json()["price"] == "24.50"
    ours = AuditEntry.objects.filter(subject=f"product:{product.pk}")
    actions = ours.values_list("action", flat=True)
    assert sorted(actions) == ["product.changed", "product.created"]


def test_only_what_is_given_changes(api):
    send(api, **FACTS)

    answer = send(api, sku="ETH-1", is_available=False, price=None)

    product = Product.objects.get()
    assert answer.json()["version"] == product.version == 3
    assert (product.price, product.is_available) == (None, False)
    assert (product.name, product.days_of_supply) == ("Ethiopia 1 kg", 30)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", "-1"),
        ("price", "1.005"),
        ("currency", "EURO"),
        ("currency", "XXX"),
        ("currency", ""),
        ("link", "javascript:alert(1)"),
        ("link", "https://"),
        ("picture", "file:///etc/passwd"),
        ("season_months", [13]),
        ("days_of_supply", 0),
        ("name", "a\nb"),
        ("colour", "red"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_kept(api, field, value):
    answer = send(api, **{**FACTS, field: value})

    assert answer.status_code == 400
    assert list(answer.json()["fields"])[0].split(".")[0] == field
    assert not Product.objects.exists()


def test_products_are_read_by_code_and_by_id(api):
    ProductFactory()
    product = ProductFactory(sku="ETH-1", name="Ethiopia")

    (found,) = api.get(PATH, {"sku": "ETH-1"}).json()["results"]

    assert found == api.get(f"{PATH}{product.pk}/").json()
    assert found["name"] == "Ethiopia"
    assert api.get(f"{PATH}{product.pk + 99}/").status_code == 404


def test_a_key_without_the_scope_reads_and_writes_nothing():
    _, key = api_tokens.issue(name="x", scopes=["orders:write"], now=timezone.now())
    api = Client(headers={"authorization": f"Bearer {key}"})

    assert api.get(PATH).status_code == 403
    assert send(api, **FACTS).status_code == 403
    assert not Product.objects.exists()


def test_a_price_needs_a_currency_also_where_only_that_is_taken_away():
    product = ProductFactory(price=Decimal(9), currency="EUR")

    with pytest.raises(InvalidValue) as refused:
        products.update_product(product, changes={"currency": ""}, now=timezone.now())

    assert refused.value.fields == {"currency": "required"}
