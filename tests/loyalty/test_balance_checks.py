"""A balance that is not what its entries add up to: said on Today, and mended."""

import io

import pytest
from django.core.management import call_command

from loyalty import tasks
from loyalty.models import BalanceCheck, Lot, Membership
from tests.desk.conftest import sign_up
from tests.factories import CustomerFactory
from tests.loyalty.programme_shop import (
    balance,
    bring_back,
    buy,
    entries,
    lots,
    open_shop,
    programme,
    work,
)

pytestmark = pytest.mark.django_db


def test_owners_and_managers_are_told_until_it_is_mended(client):
    open_shop()
    programme()
    dana = CustomerFactory()
    sale = buy(dana, ("TEA", 2, 20))
    work()
    bring_back(sale, ("TEA", 1, 20))
    work()
    before = balance(dana), lots(dana), entries(dana)
    Lot.objects.update(left=3)
    Membership.objects.update(balance=7, owed=4)
    assert tasks.check_balances() == 1

    team = {role: sign_up(role, role) for role in ("owner", "manager", "agent")}

    def today(role):
        client.force_login(team[role])
        return client.get("/").content.decode()

    shown = {role: today(role) for role in team}
    output = io.StringIO()
    call_command("balances", "--mend", stdout=output)

    words = "1 balance of a programme is wrong"
    assert [role for role, page in shown.items() if words in page] == [
        "owner", "manager",
    ]  # fmt: skip
    assert "manage.py balances --check" in shown["owner"]
    assert "1 set to the sums of their entries" in output.getvalue()
    assert (balance(dana), lots(dana), entries(dana)) == before
    assert (BalanceCheck.objects.get().wrong, words in today("owner")) == (0, False)
