"""What counts of an order: tax by product, no gift cards; programmes that begin on a
later day; and what the shop takes back over the API."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.test import Client
from django.urls import reverse

from crm.services import api_tokens, products
from loyalty.choices import EarnEvent
from loyalty.models import Entry, Programme
from loyalty.services import codes, member_links
from loyalty.services.programmes import (
    manual_entries,
    members,
    programmes,
    rules,
    spending,
)
from loyalty.services.programmes.spending import Wanted
from tests.factories import NOW, CustomerFactory, UserFactory
from tests.loyalty import reward_shop
from tests.loyalty.programme_shop import (
    at,
    balance,
    bring_back,
    buy,
    entries,
    member,
    open_shop,
    programme,
    work,
)
from tests.pages import read

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(db):
    open_shop()


def fact(sku, **changes):
    products.record_product(now=NOW, sku=sku, **changes)


def test_each_line_is_without_the_tax_that_its_product_says():
    """119 at 19 % are 100; 107 at 7 % are 100; a book at 0 % is its 10; what says none
    is taken at the 25 % of the rule: 25 are 20. Together 230, half of them with a
    voucher of 130.50 off the 261: 115. One line of 107 brought back: 100 less by half,
    65 in all."""
    programme({"units": 1, "measure": "money", "per": 1, "tax_percent": D(25)})
    dana = CustomerFactory()
    fact("TEA", tax_percent=D(19))
    fact("CAKE", tax_percent=D(7))
    fact("BOOK", tax_percent=D(0))
    sale = buy(
        dana, ("TEA", 1, 119), ("CAKE", 1, 107), ("BOOK", 1, 10), ("TOY", 1, 25),
        ("VOUCHER", 1, D("-130.50")), on="2026-03-01",
    )  # fmt: skip
    work("2026-03-02")
    assert balance(dana) == 115

    bring_back(sale, ("CAKE", 1, 107), on="2026-03-10")
    work("2026-03-12")
    assert balance(dana) == 65


def test_what_a_line_says_of_its_tax_comes_before_its_product_and_the_rule():
    """119 of which 19 are tax, and 100 on which it comes on top: 200 of 219, whatever
    tea and cake say. 100 of which nobody knows at the 25 % of the rule: 80. Half of
    the order off with a voucher: 140. A third of three at 119 brought back: two thirds
    of 300 are 200."""
    programme({"units": 1, "measure": "money", "per": 1, "tax_percent": D(25)})
    dana, noa = CustomerFactory(), CustomerFactory()
    fact("TEA", tax_percent=D(7))
    fact("CAKE", tax_percent=D(7))
    buy(
        dana, ("TEA", 1, 119, {"tax": D(19)}), ("CAKE", 1, 100, {"tax": D(0)}),
        ("TOY", 1, 100), ("VOUCHER", 1, D("-159.5")), on="2026-03-01",
    )  # fmt: skip
    three = ("TEA", 3, 119, {"tax": D(57)})
    sale = buy(noa, three, order="A-2", on="2026-03-01")
    work("2026-03-02")
    assert (balance(dana), balance(noa)) == (140, 300)

    bring_back(sale, ("TEA", 1, 119), on="2026-03-10")
    work("2026-03-12")
    assert balance(noa) == 200


def test_tax_is_added_up_before_it_is_taken_out():
    """40 + 40 + 39 at 19 % are 119 and so 100, not 99 of three thirds."""
    programme({"units": 1, "measure": "money", "per": 1, "tax_percent": D(7)})
    dana = CustomerFactory()
    for sku in "ABC":
        fact(sku, tax_percent=D(19))
    buy(dana, ("A", 1, 40), ("B", 1, 40), ("C", 1, 39), on="2026-03-01")
    work("2026-03-02")
    assert balance(dana) == 100


def test_an_offer_that_is_told_of_an_order_later_takes_back_what_it_earned():
    """Of a rule that leaves discounted orders out: the file of the shop tells of the
    code after the order has earned; then it was a mistake."""
    programme({"units": 1, "measure": "money", "per": 1, "not_discounted": True})
    dana = CustomerFactory()
    code = reward_shop.code_for(reward_shop.make(), dana)
    sale = buy(dana, ("TEA", 1, 40), on="2026-09-01")
    work("2026-09-03")
    codes.redeem(code, reward_shop.use(sale.external_id), now=at("2026-09-03"))
    work("2026-09-04")
    told = entries(dana)
    codes.release(code, reward_shop.use(sale.external_id), now=at("2026-09-05"))
    work("2026-09-06")

    assert told == [("earned", 40), ("reversed", -40)]
    assert entries(dana) == [*told, ("earned", 40)]


def test_gift_cards_earn_nothing_and_paying_with_one_is_no_discount():
    """30 of tea and a card of 50: 30. The tea is paid with a card of 20: still 30."""
    programme({"units": 1, "measure": "money", "per": 1, "not_discounted": True})
    dana, noa = CustomerFactory(), CustomerFactory()
    fact("CARD", nature="gift_card")
    buy(dana, ("TEA", 1, 30), ("CARD", 1, 50), order="A-1", on="2026-03-01")
    buy(noa, ("TEA", 1, 30), ("CARD", -1, 20), order="A-2", on="2026-03-01")
    work("2026-03-02")
    assert (balance(dana), balance(noa)) == (30, 30)


@pytest.mark.parametrize("is_kept_first", [False, True])
def test_what_points_pay_of_an_order_that_has_earned_already_earns_no_more(
    is_kept_first,
):
    """100 and 20 earned; 50 units pay 5.00 of the 20.00, of which 15 are left."""
    programme(worth=D("0.10"))
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 100), order="A-1", on="2026-03-01")
    buy(dana, ("CUP", 1, 20), order="A-2", on="2026-03-01")
    # Long after it arrived: nobody looks at it again for that.
    work("2026-03-20")
    wanted = Wanted(amount=D(50), key="a", order="A-2")
    if is_kept_first:
        spending.reserve(member(dana), wanted, now=at("2026-03-20"))
    spending.spend(member(dana), wanted, now=at("2026-03-20"))
    work("2026-03-20")

    assert entries(dana)[2:] == [("spent", -50), ("reversed", -5)]
    assert balance(dana) == 65


def test_a_card_that_is_known_as_one_later_counts_no_more():
    programme()
    dana = CustomerFactory()
    buy(dana, ("TEA", 1, 30), ("CARD", 1, 50), order="A-1", on="2026-03-01")
    work("2026-03-02")
    assert balance(dana) == 80

    fact("CARD", nature="gift_card")
    buy(dana, ("TEA", 1, 1), order="A-2", on="2026-03-03")
    work("2026-03-04")
    assert balance(dana) == 31


def test_a_programme_that_begins_later_earns_nothing_before(client, time_machine):
    time_machine.move_to(at("2026-06-01"), tick=False)
    client.force_login(UserFactory(role="owner"))
    made = programme(on=False, start=at("2026-01-01"), takes_part="joining")
    dana = CustomerFactory(language="he")
    page = reverse("loyalty:programme", args=[made.pk])
    switch = reverse("loyalty:programme-switch", args=[made.pk, "on"])

    answer = client.post(switch, {"since": "2026-07-01"}, follow=True)
    assert "It begins on 1 July 2026." in read(answer)
    own = f"/m/{member_links.token_of(dana.pk)}/"
    Client().post(own, {"action": "join", "about": made.pk})
    assert "Orders count from 1 July 2026 on." in read(Client().get(f"{own}?lang=en"))
    assert "הזמנות נחשבות החל מ־1 ביולי 2026." in read(Client().get(own))
    told = read(client.get(f"{page}?forecast=1"))
    assert "None of these orders earns: it begins later." in told
    assert "Orders earn from" in told

    buy(dana, ("TEA", 1, 30), order="A-1", on="2026-06-30")
    buy(dana, ("TEA", 1, 20), order="A-2", on="2026-07-01")
    work("2026-07-02")
    assert balance(dana) == 20


def test_what_has_yet_to_begin_is_switched_off_as_if_it_never_was(db):
    made = programme(on=False, start=at("2026-01-01"))
    now = at("2026-06-01")
    programmes.switch_on(made, since=date(2026, 7, 1), now=now)
    programmes.switch_on(made, since=date(2026, 8, 1), now=now)
    assert [one.from_on for one in made.periods.all()] == [date(2026, 7, 1)]

    programmes.switch_off(made, now=now)
    assert not Programme.objects.get().periods.exists()
    # So that past orders may still be credited, once.
    programmes.switch_on(made, since=date(2026, 1, 1), now=now)
    assert made.periods.get().from_on == date(2026, 1, 1)


def test_the_api_takes_back_a_step_and_what_was_given_by_hand_once():
    made = programme()
    dana, owner = CustomerFactory(), UserFactory(role="owner")
    now, five = at("2026-03-01"), {"units": 5}
    step = rules.add(made, event=EarnEvent.STEP, values=five, name="News", now=now)
    buy(dana, ("TEA", 1, 30), on="2026-02-01")
    work("2026-02-03")
    _row, key = api_tokens.issue(name="shop", scopes=["balances:write"], now=now)
    api = Client(headers={"Authorization": f"Bearer {key}"})
    ticked = manual_entries.tick(step, dana, now=now)
    member = members.member_of(made, dana, now=now)
    made.hand_limits.create(role=owner.role, most=D(100))
    added = manual_entries.adjust(
        member, D(7), reason="Sorry", once="a", staff=owner, now=now
    )

    def reverse_it(entry, customer=dana):
        return api.post(
            "/api/v1/balances/reverse/",
            {"customer": customer.pk, "programme": made.pk, "entry": entry.pk},
            content_type="application/json",
        )

    assert balance(dana) == 42
    for _twice in range(2):
        for entry, amount in ((ticked, "-5"), (added, "-7")):
            assert reverse_it(entry).json()["amount"].startswith(amount)
    assert balance(dana) == 30
    # It can be done again; what an order earned follows the order.
    assert manual_entries.tick(step, dana, now=now).pk != ticked.pk
    order = Entry.objects.get(order_id__isnull=False)
    refused = reverse_it(order)
    assert (refused.status_code, "entry_stays" in str(refused.json())) == (409, True)
    assert reverse_it(ticked, customer=CustomerFactory()).status_code == 404
    wanted = Wanted(amount=D(35), key="all")
    spending.spend(member, wanted, now=now)
    again = Entry.objects.get(source_key=f"step:{step.pk}#2")
    assert reverse_it(again).status_code == 409
    assert balance(dana) == 0
    assert entries(dana)[-1] == ("spent", -35)
