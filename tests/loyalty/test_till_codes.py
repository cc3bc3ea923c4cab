"""The till: a code is looked up, redeemed and refused; and the file of a shop."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from loyalty.models import Redemption
from loyalty.services import grants
from loyalty.services.rewards import Words
from tests.factories import CustomerFactory, UserFactory
from tests.loyalty.reward_shop import code_for, make, open_shop, standing
from tests.pages import read


@pytest.fixture
def desk(client, db):
    open_shop()
    client.force_login(UserFactory(role="owner", name="Noa"))
    return client


def hidden(page, name):
    return re.search(rf'name="{name}"\s+value="([^"]*)"', page)[1]


def redeem(desk, code):
    page = read(desk.post("/till/", {"code": code}))
    form = {"code": hidden(page, "code"), "once": hidden(page, "once")}
    return page, form


def test_the_till_says_what_a_code_is_worth_redeems_it_and_refuses_it_then(desk):
    words = {"fr": Words("", terms="Not on tea sets")}
    reward = make(words=words, minimum=Decimal(30), life_days=30)
    dana = CustomerFactory(given_name="Dana", family_name="Levi")
    code = code_for(reward, dana, now=timezone.now())

    page, form = redeem(desk, code.lower().replace("-", " "))
    assert "10% off" in page
    assert "for Dana" in page
    assert "Not on tea sets" in page
    assert "Levi" not in page
    assert "For orders from €30.00." in page
    assert Redemption.objects.count() == 0

    read(desk.post("/till/redeem/", form), "Enter what the order comes to", status=422)
    little = form | {"total": "29.99", "receipt": "R-7"}
    read(
        desk.post("/till/redeem/", little),
        "below what this code asks for", 'value="29.99"', 'value="R-7"',
        "Amount of the order (EUR)", status=422,
    )  # fmt: skip
    assert Redemption.objects.count() == 0
    form["total"] = "30"
    done = [desk.post("/till/redeem/", form)["Location"] for _ in range(2)]
    read(desk.get(done[0]), "Redeemed", "10% off", "Undo")
    again = read(desk.post("/till/", {"code": code}), status=422)
    assert done[0] == done[1]
    assert "at the till by Noa" in again
    read(desk.post("/till/redeem/", form | {"once": "other"}), "used", status=422)

    desk.post(f"/till/redemptions/{Redemption.objects.get().pk}/undo/")
    read(desk.post("/till/", {"code": code}), "This code is good")


def test_wrong_codes_are_slowed_down_at_the_till(desk):
    make()
    for _ in range(10):
        read(desk.post("/till/", {"code": "2222-2222-2222"}), "no such", status=422)

    assert desk.post("/till/", {"code": "2222-2222-2222"}).status_code == 429


def test_two_codes_of_one_receipt_do_not_add_up(desk):
    codes = [code_for(make(name), now=timezone.now()) for name in ("A", "B")]

    first = desk.post("/till/redeem/", {"code": codes[0], "receipt": "77", "once": "a"})
    other = desk.post("/till/redeem/", {"code": codes[1], "receipt": "77", "once": "b"})

    assert first.status_code == 303
    read(other, "do not add up", status=422)


def test_without_a_receipt_two_offers_of_one_person_are_of_one_order(desk):
    dana = CustomerFactory()
    first, other = (
        code_for(make(name), dana, now=timezone.now(), key=name) for name in "AB"
    )
    someone = code_for(make("C"), now=timezone.now())

    assert desk.post("/till/redeem/", {"code": first, "once": "a"}).status_code == 303
    read(
        desk.post("/till/redeem/", {"code": other, "once": "b"}),
        "type its receipt number", status=422,
    )  # fmt: skip
    assert desk.post("/till/redeem/", {"code": someone, "once": "c"}).status_code == 303
    named = {"code": other, "once": "b", "receipt": "R-2"}
    assert desk.post("/till/redeem/", named).status_code == 303


def test_a_file_of_the_shop_redeems_line_by_line_and_twice_is_once(desk):
    now = timezone.now()
    good, other = code_for(make("A"), now=now), code_for(make("B"), now=now)
    text = f"Order;Code\n1001;{good}\n1002;2222-2222-2222\n1003;{other}\n1004;{good}\n"

    def send(content):
        file = SimpleUploadedFile("used.csv", content, content_type="text/csv")
        return desk.post("/till/file/", {"file": file})

    first = read(send(text.encode()), "2 codes are used now.", "2222-2222-2222")
    again = read(send(text.encode()), "2 were used for these orders already.")
    read(send(b"a,b\n1,2\n"), "must name the columns", status=422)
    read(send("code,order\n\xff".encode("latin-1")), "UTF-8", status=422)

    assert "There is no such code." in first
    assert "1004" in again
    assert Redemption.objects.filter(state="redeemed", via="file").count() == 2


def test_a_file_says_when_a_code_was_used_and_what_the_order_came_to(
    desk, time_machine
):
    began = timezone.now().replace(hour=9)
    reward = make(life_days=2, minimum=Decimal(30), limit_per_customer=None, stock=3)
    in_time, late, little = (code_for(reward, now=began, key=n) for n in "abc")
    day, after = (began + timedelta(days=days) for days in (2, 3))
    grants.expire(now=after + timedelta(days=5))
    time_machine.move_to(after + timedelta(days=5))
    desk.force_login(UserFactory(role="owner"))
    text = (
        "order,code,day,amount\n"
        f"1,{in_time},{day:%Y-%m-%d},30\n2,{late},{after:%Y-%m-%d},30\n"
        f"3,{little},{day:%Y-%m-%d},29.99\n4,{late},1.12.2026,30\n"
        f"5,{late},{began - timedelta(days=1):%Y-%m-%d},30\n6,{late},,\n"
    )

    def send():
        file = SimpleUploadedFile("used.csv", text.encode(), content_type="text/csv")
        return read(desk.post("/till/file/", {"file": file}))

    page, again = send(), send()

    used = Redemption.objects.get()
    assert (used.order_key, used.redeemed_at.date()) == ("1", day.date())
    assert (used.order_total, used.currency) == (30, "EUR")
    assert standing(reward, year=began.year)[0] == 1
    assert "1 code is used now." in page
    assert "1 was used for this order already." in again
    for words in (
        "This code has run out.", "below what this code asks for",
        "The day is not written as", "it was not given yet",
    ):  # fmt: skip
        assert words in page
