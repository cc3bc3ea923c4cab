"""The file of redemptions: every use of a code, and never the code itself."""

from datetime import timedelta
from decimal import Decimal

import pytest

from loyalty.exports.codes import _cells, _redemptions
from loyalty.models import Redemption
from loyalty.services import codes
from tests.crm.exporting import content, exported, lines_of
from tests.factories import CustomerFactory
from tests.loyalty.reward_shop import NOW, code_for, make, open_shop, use

pytestmark = pytest.mark.django_db


def test_every_use_is_a_line_without_its_code():
    open_shop()
    reward = make(limit_per_customer=None)
    dana = CustomerFactory(external_id="C-7")
    first, second = (code_for(reward, dana, key=f"k{n}") for n in range(2))
    codes.redeem(first, use("R-1", total=Decimal(40), currency="EUR"), now=NOW)
    codes.reserve(second, use("R-2"), now=NOW)
    codes.release(second, use("R-2"), now=NOW + timedelta(minutes=1))

    file = content(exported("redemptions"))

    found = [
        (one["customer_id"], one["reward"], one["order_id"], one["state"], one["via"])
        for one in lines_of(file)
    ]
    assert found == [
        ("C-7", "Ten off", "R-1", "redeemed", "api"),
        ("C-7", "Ten off", "R-2", "released", "api"),
    ]
    assert Decimal(lines_of(file)[0]["order_total"]) == 40
    text = file.decode("utf-8-sig")
    assert first not in text
    assert second not in text


def test_it_narrows_to_a_state_and_asks_no_query_for_each_line(
    django_assert_num_queries,
):
    open_shop()
    reward = make(limit_per_customer=None)
    for number in range(3):
        codes.redeem(code_for(reward, key=f"k{number}"), use(f"R-{number}"), now=NOW)
    codes.reserve(code_for(reward, key="kept"), use("R-9"), now=NOW)

    with django_assert_num_queries(1):
        lines = list(_cells(list(_redemptions({"state": "redeemed"}))))

    assert len(lines) == 3
    assert Redemption.objects.count() == 4
