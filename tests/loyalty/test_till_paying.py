"""Points pay a share of an order at the till; who may undo what was done there."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from crm.services import api_tokens, merging
from loyalty.choices import RedeemedBy
from loyalty.errors import NotYoursToUndo, ShareTooLarge
from loyalty.models import Entry, Membership, Redemption, Spending
from loyalty.selectors import programmes as selectors
from loyalty.services import codes, member_links
from loyalty.services.code_orders import Use
from loyalty.services.programmes import members, offers, orders, paying, spending
from loyalty.services.programmes.spending import Wanted
from tests.factories import NOW, CustomerFactory, UserFactory
from tests.loyalty import reward_shop
from tests.loyalty.programme_shop import at, balance, bring_back, buy, earn, open_shop
from tests.loyalty.test_till_booking import club
from tests.pages import read
from web.errors import InvalidValue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(time_machine):
    time_machine.move_to(NOW, tick=False)
    open_shop()


@pytest.fixture
def agent():
    return UserFactory(role="agent", name="Noa")


@pytest.fixture
def dana():
    return CustomerFactory()


def rich(person, units=1_000, **values):
    """A member of a club whose points pay a cent each, and half an order at most."""
    made = club(worth=Decimal("0.01"), share_percent=50, **values)
    earn(person, made, units, NOW)
    return members.member_of(made, person, now=NOW)


def paid(member, units, order="A-1", total="10", key="a"):
    wanted = Wanted(
        amount=Decimal(units), key=key, order=order, total=total and Decimal(total)
    )
    return spending.spend(member, wanted, now=NOW)


def test_the_till_tells_what_points_pay_takes_it_once_and_undoes_it(
    client, agent, dana
):
    member = rich(dana)
    client.force_login(agent)
    pay = reverse("loyalty:till-pay", args=[member.pk])
    typed = {"total": "9.99", "receipt": "R-7", "once": "k"}

    told = read(client.post(pay, typed))
    assert "499 points pay €4.99. €5.00 is left to pay." in told
    assert 'value="499"' in told
    assert not Spending.objects.exists()
    refused = read(client.post(pay, {**typed, "units": "500"}), status=422)
    assert "So much of this order cannot be paid like this." in refused
    assert 'value="500"' in refused
    for _twice in range(2):
        page = read(client.post(pay, {**typed, "units": "499"}, follow=True))
    assert "499 points paid €4.99." in page
    assert balance(dana) == 501
    spent = Spending.objects.get()
    assert (spent.order_key, spent.pays, spent.user) == ("R-7", Decimal("4.99"), agent)
    assert "Undo 499 points for €4.99" in page

    client.post(reverse("loyalty:till-take-undo", args=[spent.pk]))
    assert balance(dana) == 1_000
    read(client.post(pay, {"total": "x"}), 'value="x"', status=422)


def test_the_share_holds_over_all_that_pays_one_order(dana):
    member = rich(dana)

    paid(member, 300, key="a")
    with pytest.raises(ShareTooLarge) as refused:
        paid(member, 201, key="b")
    assert refused.value.most == 2
    assert paying.most(member, Decimal(10), order="A-1", spendable=Decimal(700)) == (
        paying.Share(Decimal(200), Decimal(2), Decimal(5))
    )
    paid(member, 200, key="b")
    # What the order comes to has to be known; of another order it is another share.
    with pytest.raises(InvalidValue):
        paid(member, 1, order="A-2", total=None, key="c")
    paid(member, 1, order="", total=None, key="c")
    assert balance(dana) == 499


def test_all_programmes_together_pay_no_more_than_the_order(dana):
    first = rich(dana, name="One")
    other = rich(dana, name="Two")
    whole = club(worth=Decimal("0.01"), name="Three")
    earn(dana, whole, 900, NOW)
    third = members.member_of(whole, dana, now=NOW)

    paid(first, 500)
    paid(other, 300)
    most = paying.most(third, Decimal(10), order="A-1", spendable=Decimal(900))
    assert (most.units, most.left) == (200, 0)
    with pytest.raises(ShareTooLarge):
        paid(third, 201)
    paid(third, 200)


def test_what_points_paid_at_the_till_earns_nothing_and_comes_back(client, agent, dana):
    member = rich(dana)
    client.force_login(agent)
    typed = {"total": "20", "receipt": "A-9", "units": "1000", "once": "k"}
    client.post(reverse("loyalty:till-pay", args=[member.pk]), typed)
    assert balance(dana) == 0

    sale = buy(dana, ("TEA", 1, 20), order="A-9", on=NOW.date().isoformat())
    orders.process_pending(now=NOW + timedelta(hours=3))
    assert balance(dana) == 10  # 20.00 less the 10.00 that points paid
    later = (NOW + timedelta(days=2)).date().isoformat()
    bring_back(sale, ("TEA", 1, 20), on=later)
    orders.process_pending(now=at(later, 20))
    assert balance(dana) == 1_000


def test_a_colleague_undoes_only_what_they_did_and_a_manager_everything(
    client, agent, dana
):
    other, manager = UserFactory(role="agent"), UserFactory(role="manager")
    member = rich(dana)
    reward = reward_shop.make(name="A cup")
    code = reward_shop.code_for(reward, dana, now=NOW)
    used = codes.redeem(code, Use("R-1", via=RedeemedBy.TILL, user=agent), now=NOW)
    spent = paid_by(agent, member)
    undo = reverse("loyalty:till-take-undo", args=[spent.pk])
    undo_code = reverse("loyalty:till-undo", args=[used.pk])

    client.force_login(other)
    page = read(client.post(undo, follow=True))
    assert "they or a manager can undo it" in page
    assert "Undo 100" not in page
    assert "they or a manager" in read(client.post(undo_code, follow=True))
    with pytest.raises(NotYoursToUndo):
        spending.undo(spent, user=other, now=NOW)
    assert balance(dana) == 900
    client.force_login(manager)
    here = reverse("loyalty:till-member", args=[dana.pk])
    read(client.get(here), "Undo 100 points for €1.00", "Noa")
    client.post(undo)
    client.post(undo_code)
    assert balance(dana) == 1_000
    assert Redemption.objects.get().state == "released"


def paid_by(user, member):
    wanted = Wanted(
        amount=Decimal(100), key="till:a", order="R-1", total=Decimal(9), user=user
    )
    return spending.spend(member, wanted, now=NOW)


def test_what_a_colleague_added_is_undone_by_them_or_a_manager(client, agent, dana):
    member = rich(dana)
    owner, manager = UserFactory(role="owner"), UserFactory(role="manager")
    client.force_login(owner)
    give = reverse("loyalty:till-give", args=[member.pk])
    client.post(give, {"amount": "10", "once": "g"})
    undo = reverse("loyalty:till-give-undo", args=[Entry.objects.latest("pk").pk])

    client.force_login(agent)
    assert client.post(undo).status_code == 404
    client.force_login(manager)
    client.post(undo)
    assert balance(dana) == 1_000


# What is pressed at the till, and by how much it changes the balance.
PRESSED = {
    "give": ("till-give", {"amount": "10"}, 10),
    "book": ("till-give", {"paid": "10"}, 10),
    "take": ("till-take", {}, -100),
    "pay": ("till-pay", {"total": "10", "units": "100"}, -100),
}


@pytest.mark.parametrize("name", PRESSED)
def test_the_same_page_after_an_undo_is_a_new_wish(client, dana, name):
    """Press, undo, Back, press: it must not say that it is done, and do nothing."""
    page, typed, moved = PRESSED[name]
    member = rich(dana)
    bag = reward_shop.make("bag")
    offers.offer(member.programme, bag, price=Decimal(100), now=NOW)
    offer = member.programme.offers.get()
    client.force_login(UserFactory(role="owner"))
    sent = {**typed, "offer": offer.pk, "once": "k"}

    for _turn in range(3):
        for _press in range(2):
            answer = client.post(reverse(f"loyalty:{page}", args=[member.pk]), sent)
            assert answer.status_code == 303
        assert balance(dana) == 1_000 + moved
        if moved > 0:
            row, undo = Entry.objects.filter(undoes=None).latest("pk"), "give"
        else:
            row, undo = Spending.objects.latest("pk"), "take"
        client.post(reverse(f"loyalty:till-{undo}-undo", args=[row.pk]))
        assert balance(dana) == 1_000


def test_what_was_given_back_before_a_merge_is_a_new_wish_after_it(dana):
    member, kept = rich(dana), CustomerFactory()
    paid(member, 100)
    spending.release(member, "a", now=NOW)
    merging.merge(kept, dana, now=NOW)

    for pk in (member.pk, Membership.objects.get(customer=kept).pk):
        row = Membership.objects.get(pk=pk)
        assert selectors.spending_key(row, "a") == "a:2"
        assert selectors.spending_key(row, "b") == "b"


def test_over_the_api_a_share_needs_the_total(dana):
    member = rich(dana)
    _row, key = api_tokens.issue(name="shop", scopes=["balances:write"], now=NOW)
    sent = {
        "customer": dana.pk, "programme": member.programme_id, "key": "a",
        "order": "A-1", "amount": "600",
    }  # fmt: skip

    def reserve(**more):
        return Client(headers={"Authorization": f"Bearer {key}"}).post(
            "/api/v1/balances/reserve/", sent | more, content_type="application/json"
        )

    assert "total" in str(reserve().json())
    assert "share_too_large" in str(reserve(total="10").json())
    assert reserve(total="12").json()["pays"] == "6.00"
    assert Membership.objects.get().balance == 400


def test_members_read_which_share_it_pays(client, dana):
    rich(dana)
    url = f"/m/{member_links.token_of(dana.pk)}/"
    read(client.get(f"{url}?lang=en"), "Up to 50% of an order can be paid with it.")
    read(client.get(f"{url}?lang=he"), "אפשר לשלם כך עד 50% מהזמנה.")
