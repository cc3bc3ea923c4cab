"""A punch card from the ready-made list over the till to the member's own page."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from crm import qr
from loyalty import member_lines, member_page, member_words
from loyalty.models import Code, Entry, Grant, Membership, Programme, Spending
from loyalty.services import member_links
from loyalty.services.programmes import (
    manual_entries,
    members,
    orders,
    programmes,
    ready_made,
)
from tests.factories import NOW, CustomerFactory, UserFactory
from tests.loyalty import reward_shop
from tests.loyalty.programme_shop import at, buy, open_shop, programme
from tests.pages import read

pytestmark = pytest.mark.django_db
# Of the member's page with one card, whatever happened on it.
QUERIES = 11


@pytest.fixture
def owner():
    return UserFactory(role="owner")


@pytest.fixture
def desk(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def dana():
    return CustomerFactory(language="he", phone_e164="+972541234567")


def running(name, owner):
    open_shop()
    made = ready_made.make(
        ready_made.READY_MADE[name],
        name=name,
        reward_name="A free bag",
        by=owner,
        now=NOW,
    )
    return programmes.switch_on(made, now=NOW)


def given(card, person, stamps, owner):
    member = members.member_of(card, person, now=NOW)
    manual_entries.adjust(
        member, Decimal(stamps), reason="Paper card", once="1", staff=owner, now=NOW
    )
    return member


def page_of(person):
    return f"/m/{member_links.token_of(person.pk)}/"


@pytest.mark.parametrize("name", list(ready_made.READY_MADE))
def test_a_ready_made_programme_is_off_until_its_forecast_was_seen(
    desk, dana, name, time_machine
):
    time_machine.move_to(NOW, tick=False)
    open_shop()
    for number in range(12):
        buy(dana, ("TEA", 1, 5), order=f"A-{number}", on=f"2026-03-{number + 1:02}")

    page = read(
        desk.post(reverse("loyalty:programme-ready"), {"ready_made": name}, follow=True)
    )

    made = Programme.objects.get()
    assert not made.periods.exists()
    assert "to 1 of 1 customers who bought, for 12 orders" in page
    desk.post(reverse("loyalty:programme-switch", args=[made.pk, "on"]))
    assert made.periods.filter(until_on=None).exists()
    desk.post(reverse("loyalty:programme-switch", args=[made.pk, "off"]))
    assert not made.periods.filter(until_on=None).exists()


def test_the_till_finds_a_member_by_number_and_by_square(desk, dana):
    CustomerFactory()
    url = reverse("loyalty:till-find")
    there = reverse("loyalty:till-member", args=[dana.pk])

    for typed in (member_links.token_of(dana.pk), page_of(dana), "+972541234567"):
        assert desk.post(url, {"q": typed})["Location"] == there, typed
    read(desk.post(url, {"q": "nobody at all"}), status=422)


def test_the_till_stamps_redeems_and_undoes(desk, owner, dana, time_machine):
    time_machine.move_to(NOW, tick=False)
    card = running("visit_card", owner)
    member = given(card, dana, 9, owner)
    here = reverse("loyalty:till-member", args=[dana.pk])
    give = reverse("loyalty:till-give", args=[member.pk])

    assert "Redeem:" not in read(desk.get(here))
    for _press in range(2):  # the same form sent twice
        page = read(desk.post(give, {"amount": "1", "once": "x"}, follow=True))
    assert Membership.objects.get().balance == 10
    assert "Redeem: A free bag" not in page  # the customer's word for it
    take = reverse("loyalty:till-take", args=[member.pk])
    offer = card.offers.get()
    desk.post(take, {"offer": offer.pk, "once": "y"})
    assert Membership.objects.get().balance == 0
    assert Grant.objects.get().state == "code_issued"

    spent = Spending.objects.get()
    desk.post(reverse("loyalty:till-take-undo", args=[spent.pk]))
    assert Membership.objects.get().balance == 10
    assert Grant.objects.get().state == "taken_back"

    entry = Entry.objects.get(source_key="hand:till:x")
    undo = reverse("loyalty:till-give-undo", args=[entry.pk])
    assert undo in read(desk.get(here))
    for _press in range(2):
        desk.post(undo)
    assert Membership.objects.get().balance == 9

    time_machine.move_to(NOW + timedelta(minutes=16), tick=False)
    assert desk.post(undo).status_code == 404


def test_a_balance_too_low_is_refused_in_words(desk, owner, dana, time_machine):
    time_machine.move_to(NOW, tick=False)
    card = running("visit_card", owner)
    member = given(card, dana, 9, owner)

    page = read(
        desk.post(
            reverse("loyalty:till-take", args=[member.pk]),
            {"offer": card.offers.get().pk},
            follow=True,
        )
    )

    assert "There is not enough to spend at this moment." in page
    assert not Spending.objects.exists()


def test_staff_put_a_balance_right_with_a_reason(desk, owner, dana, time_machine):
    time_machine.move_to(NOW, tick=False)
    member = given(running("points", owner), dana, 100, owner)
    url = reverse("loyalty:membership-adjust", args=[member.pk])

    refused = read(desk.post(url, {"amount": "5", "reason": ""}), status=422)
    assert "5" in refused
    sent = {"amount": "-20", "reason": "Counted twice", "once": "a"}
    page = read(desk.post(url, sent, follow=True))

    assert Membership.objects.get().balance == 80
    assert "Counted twice" in page
    listed = read(desk.get("/members/"))
    assert "80 points" in listed
    assert "80 points" in read(desk.get(dana.get_absolute_url()))


def test_the_list_says_what_runs_out_next_and_when(desk, dana, time_machine):
    time_machine.move_to(at("2026-03-20"), tick=False)
    open_shop()
    made = programme(expiry="days", expires_after=30)
    silent = programme(name="Quiet", expiry="inactivity", expires_after=365)
    buy(dana, ("TEA", 1, 40), on="2026-03-01")
    buy(dana, ("TEA", 1, 25), order="A-2", on="2026-03-15")
    buy(CustomerFactory(), ("TEA", 1, 7), order="B-1", on="2026-02-01")
    orders.process_pending(now=at("2026-03-20"))

    rows = {
        one: desk.get(f"/members/?programme={one.pk}").context["rows"]
        for one in (made, silent)
    }

    # The second member's ran out: the tick has not come yet.
    assert [row[1:] for row in rows[made]] == [
        ("65 points", date(2026, 3, 31), "40 points"),
        ("7 points", None, ""),
    ]
    # A year after they became a member, which was today.
    assert rows[silent][0][2:] == (date(2027, 3, 20), "65 points")


@pytest.mark.parametrize(
    ("language", "words"),
    [("he", "חותמות"), ("en", "9 stamps"), ("zh-hans", "枚"), ("zh-hant", "枚")],
)
def test_a_member_reads_their_card_in_their_language(
    owner, dana, time_machine, language, words
):
    time_machine.move_to(NOW, tick=False)
    given(running("visit_card", owner), dana, 9, owner)

    answer = Client().get(f"{page_of(dana)}?lang={language}")

    page = read(answer)
    assert words in page
    assert page.count('fill="currentColor"') == 9
    assert qr.square(member_links.token_of(dana.pk)).path in page
    assert "<script" not in page
    assert len(answer.content) < 40_000
    assert answer["Cache-Control"] == "no-store"


def test_a_member_takes_a_reward_once_and_gets_its_code(owner, dana, time_machine):
    time_machine.move_to(NOW, tick=False)
    card = running("visit_card", owner)
    given(card, dana, 12, owner)
    url = page_of(dana)
    press = {"action": "take", "about": card.offers.get().pk, "once": "k"}

    for _press in range(2):
        assert Client().post(url, press).status_code == 302

    grant = Grant.objects.get()
    assert Membership.objects.get().balance == 2
    page = read(Client().get(url))
    assert grant.code.text in page
    assert qr.square(grant.code.text).path in page
    read(Client().post(url, {**press, "once": "another"}), status=409)
    assert Grant.objects.count() == 1


def test_with_the_most_codes_the_page_is_still_light(owner, dana, time_machine):
    time_machine.move_to(NOW, tick=False)
    made = programme(name="Leaves")
    for number in range(member_lines.MOST_LINES):
        buy(dana, ("TEA", 1, 9), order=f"B-{number}", on="2026-11-21")
    orders.process_pending(now=NOW)
    given(running("visit_card", owner), dana, 9, owner)
    for number in range(member_page.MOST_CODES + 1):
        reward = reward_shop.make(f"Gift {number}")
        (grant,) = reward_shop.give(reward, dana, key=f"gift:{number}")
        # As long as codes with bars are.
        text = f"TEA{number:02}".ljust(member_page.MOST_BARS, "X")
        Code.objects.filter(grant=grant).update(text=text, key=text)

    page = Client().get(f"{page_of(dana)}?lang=he")

    assert read(page).count('class="bars"') == member_page.MOST_CODES + 1
    # Three of codes, and the member's own.
    assert read(page).count('class="qr"') == 3 + 1
    assert made.name in read(page)
    assert len(page.content) < 40_000


def test_a_member_joins_leaves_and_comes_back(desk, owner, dana, time_machine):
    time_machine.move_to(NOW, tick=False)
    card = running("visit_card", owner)
    programmes.change(
        card, version=card.version, values={"takes_part": "joining"}, now=NOW
    )
    url, about = page_of(dana), {"about": card.pk}

    Client().get(url)
    assert not Membership.objects.exists()
    Client().post(url, {"action": "join", **about})
    assert Membership.objects.get().left_at is None
    given(card, dana, 3, owner)
    Client().post(url, {"action": "leave", **about})
    assert Membership.objects.get().left_at is not None
    panel = read(desk.get(dana.get_absolute_url()))
    assert "3 stamps" in panel
    assert "· left" in panel
    Client().post(url, {"action": "join", **about})
    assert Membership.objects.get().left_at is None


def test_a_forged_and_an_erased_link_open_nothing(dana):
    token = member_links.token_of(dana.pk)
    read(Client().get(f"/m/{token}/"), "</h1>")
    forged = Client().get(f"/m/{token[:-2]}xx/")
    dana.erased_at = NOW
    dana.save()
    gone = Client().get(f"/m/{token}/")

    assert forged.status_code == gone.status_code
    assert forged.status_code in {404, 410}


def test_the_page_asks_as_often_whatever_happened(
    owner, dana, time_machine, django_assert_num_queries
):
    time_machine.move_to(NOW, tick=False)
    card = running("visit_card", owner)
    member = given(card, dana, 1, owner)
    client, url = Client(), page_of(dana)
    client.get(url)
    with django_assert_num_queries(QUERIES):
        client.get(url)
    running("points", owner)
    for number in range(8):
        manual_entries.adjust(
            member, Decimal(1), reason="More", once=f"m{number}", staff=owner, now=NOW
        )
        buy(dana, ("TEA", 1, 5), order=f"B-{number}", on="2026-11-21")
    orders.process_pending(now=NOW)
    with django_assert_num_queries(QUERIES):
        page = client.get(url)

    read(page, "</h1>")


def test_the_till_begins_a_card_for_somebody_without_an_order(
    desk, owner, dana, time_machine
):
    time_machine.move_to(NOW, tick=False)
    card = running("visit_card", owner)
    here = reverse("loyalty:till-member", args=[dana.pk])

    assert "Begin: visit_card" in read(desk.get(here))
    assert not Membership.objects.exists()
    for _press in range(2):  # the second finds nothing more to begin
        answer = desk.post(here, {"programme": card.pk})
    assert answer.status_code == 404
    assert "0 stamps" in read(desk.get(here))


def test_what_was_undone_at_the_till_counts_for_no_limit(desk, dana, time_machine):
    time_machine.move_to(NOW, tick=False)
    card = running("visit_card", UserFactory(role="owner"))
    agent = UserFactory(role="agent")
    desk.force_login(agent)
    member = members.member_of(card, dana, now=NOW)
    give = reverse("loyalty:till-give", args=[member.pk])

    for number in range(4):  # 8 stamps, where an agent may add 4 a day
        desk.post(give, {"amount": "2", "once": f"g{number}"})
        entry = Entry.objects.get(source_key=f"hand:till:g{number}")
        desk.post(reverse("loyalty:till-give-undo", args=[entry.pk]))
        assert Membership.objects.get().balance == 0
    for number in range(3):
        desk.post(give, {"amount": "2", "once": f"h{number}"})
    assert Membership.objects.get().balance == 4


def test_the_till_adds_what_the_money_paid_earns_once(desk, owner, dana, time_machine):
    time_machine.move_to(NOW, tick=False)
    member = members.member_of(running("points", owner), dana, now=NOW)
    give = reverse("loyalty:till-give", args=[member.pk])

    assert 'value="abc"' in read(desk.post(give, {"paid": "abc"}), status=422)
    read(desk.post(give, {"paid": "0.80"}), "So little earns nothing", status=422)
    for _press in range(2):
        page = read(desk.post(give, {"paid": "12.80", "once": "k"}, follow=True))
    assert Membership.objects.get().balance == 12
    assert "Undo +12 points" in page
    assert Entry.objects.get().note.text == "Paid €12.80"
    desk.post(reverse("loyalty:till-give-undo", args=[Entry.objects.get().pk]))
    assert Membership.objects.get().balance == 0


def test_a_code_that_they_have_is_used_at_the_till(desk, owner, dana, time_machine):
    time_machine.move_to(NOW, tick=False)
    card = running("visit_card", owner)
    member = given(card, dana, 10, owner)
    take = reverse("loyalty:till-take", args=[member.pk])

    page = read(desk.post(take, {"offer": card.offers.get().pk}, follow=True))

    code = Grant.objects.get().code.text
    assert code in page
    assert "They have it now" in page
    desk.post(reverse("loyalty:till-redeem"), {"code": code, "once": "c"})
    assert Grant.objects.get().state == "done"
    here = reverse("loyalty:till-member", args=[dana.pk])
    assert "They have it now" not in read(desk.get(here))


def test_members_are_found_by_name_address_and_phone(desk, owner, dana, time_machine):
    time_machine.move_to(NOW, tick=False)
    member = given(running("points", owner), dana, 5, owner)
    given(member.programme, CustomerFactory(), 7, owner)
    CustomerFactory(given_name=dana.given_name, family_name=dana.family_name)

    for typed in (dana.family_name, dana.email, "+972541234567"):
        page = read(desk.get("/members/", {"find": typed}))
        assert reverse("loyalty:membership", args=[member.pk]) in page, typed
    alone = read(desk.get("/members/", {"find": dana.email}))
    assert "7 points" not in alone
    page = read(desk.get("/members/", {"find": "nobody at all"}))
    assert "Nobody of this programme was found." in page
    assert 'value="nobody at all"' in page


def test_in_hebrew_a_sign_stands_before_its_number():
    club = Programme(unit="money", currency="EUR", places=2)

    with override("he"):
        given, taken = (member_words.change(club, Decimal(n)) for n in ("4.5", "-4.5"))

    assert given == "\u200f\u200e+4.50\xa0\u200f€"
    assert taken == "\u200f\u200e\u22124.50\xa0\u200f€"
