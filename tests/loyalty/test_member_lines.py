"""What a member reads of each change, all of them page by page, and the mails that lead
there."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client

from crm.services import segments
from loyalty import member_lines
from loyalty.choices import EarnEvent
from loyalty.models import Membership
from loyalty.services import member_links
from loyalty.services.programmes import (
    joining,
    manual_entries,
    offers,
    orders,
    programmes,
    rules,
    spending,
)
from loyalty.services.programmes.spending import Wanted
from loyalty.services.rewards import Words
from messaging.models import Automation, Body
from messaging.services import automations
from tests.factories import NOW, CustomerFactory
from tests.loyalty import reward_shop
from tests.loyalty import test_mail_gifts as mails
from tests.loyalty.programme_shop import at, bring_back, buy, earn, programme
from tests.pages import read

pytestmark = pytest.mark.django_db
_shop = mails._shop
EVE, DAY = mails.EVE, timedelta(days=1)


def page_of(person):
    return f"/m/{member_links.token_of(person.pk)}/"


def test_each_line_names_its_order_or_its_reward():
    dana = CustomerFactory()
    made = programme(worth=Decimal("0.1"))
    sale = buy(dana, ("TEA", 2, 20), ("CUP", 1, 10), order="A-17", on="2026-03-01")
    orders.process_pending(now=at("2026-03-02"))
    words = {"he": Words("ספל מתנה"), "en": Words("A free cup")}
    offers.offer(made, reward_shop.make("cup", words=words), price=Decimal(20), now=NOW)
    member = Membership.objects.get()
    spending.take_reward(member, made.offers.get(), key="a", now=at("2026-03-03"))
    for key, order in {"b": "B-3", "till:c": "till:c"}.items():
        wanted = Wanted(amount=Decimal(5), key=key, order=order)
        spending.spend(member, wanted, now=at("2026-03-04"))
    bring_back(sale, ("CUP", 1, 10), on="2026-03-10")
    orders.process_pending(now=at("2026-03-12"))

    page = read(Client().get(f"{page_of(dana)}?lang=en"))
    lines = [
        unescape(re.sub(r"<[^>]+>|\s+", " ", line)).strip()
        for line in re.findall(r"<li>(.*?)</li>", page, re.DOTALL)
    ]
    said = [re.sub(r"\s+", " ", line).split(" · ", 1)[1] for line in lines]
    order = "Order \u2068A-17\u2069, 2 products"
    assert said == [
        f"Taken back or given back after a return · {order} · \u221210 points",
        "Used · \u22125 points",
        "Used · Order \u2068B-3\u2069 · \u22125 points",
        "Used · A free cup · \u221220 points",
        f"Earned · {order} · +50 points",
    ]
    in_hebrew = read(Client().get(f"{page_of(dana)}?lang=he"))
    assert "הזמנה \u2068A-17\u2069, 2 מוצרים" in in_hebrew
    assert "ספל מתנה" in in_hebrew


def test_every_line_can_be_reached_on_pages_that_are_light(time_machine):
    time_machine.move_to(NOW, tick=False)
    dana, noor = CustomerFactory(), CustomerFactory()
    made = programme()
    number = 2 * member_lines.MOST_OLDER + member_lines.MOST_LINES
    for units in range(1, number + 1):
        earn(dana, made, units, NOW)
    earn(noor, made, 9_999, NOW)
    url = page_of(dana)

    first = read(Client().get(f"{url}?lang=he"))
    (address,) = re.findall(r'href="(\?lines=[^"]+)"', first)
    seen, pages = [], []
    while address:
        pages.append(address)
        answer = Client().get(url + unescape(address))
        page = read(answer)
        assert len(answer.content) < 40_000
        assert "<script" not in page
        # The footer leads to the same page in other languages.
        main = page.partition("<footer>")[0]
        fresh = [int(units) for units in re.findall(r"\+(\d+)", main)]
        assert fresh
        assert fresh[0] not in seen
        seen += fresh
        older = re.findall(r'href="([^"]+)">ישנות יותר</a>', main)
        address = older[0] if older else ""

    assert seen == list(range(number, 0, -1))
    # And back, page by page, to the newest.
    back = [pages[-1]]
    while newer := re.findall(r'href="([^"]+)">\s*חדשות יותר</a>', read(
        Client().get(url + unescape(back[-1]))
    )):  # fmt: skip
        back.append(newer[0])
    assert [unescape(one).split("&lang")[0] for one in back[::-1]] == [
        unescape(one).split("&lang")[0] for one in pages
    ]
    # Of a programme that is not theirs, and of a place that is none: their own page.
    other = programme(name="Other")
    for strange in (f"?lines={other.pk}", "?lines=x", f"?lines={10**30}"):
        assert "Your points and cards" in read(Client().get(f"{url}{strange}&lang=en"))


def test_mails_lead_members_to_their_page_while_the_programme_is_on():
    automations.switch_on(Automation.objects.get(kind="anniversary"), now=EVE - DAY)
    made = programme(takes_part="joining")
    paused = programme(takes_part="joining", name="Paused")
    ahead = programme(takes_part="joining", name="Ahead", on=False)
    programmes.switch_on(ahead, since=date(2027, 1, 1), now=EVE)
    people = {
        name: mails.somebody(given_name=name, language="he" if name == "In" else "en")
        for name in ("In", "Out", "Left", "Paused", "Early")
    }
    for name, of in (
        ("In", made), ("Left", made), ("Paused", paused), ("Early", ahead)
    ):  # fmt: skip
        joining.join(of, people[name], now=EVE)
    joining.leave(made.memberships.get(customer=people["Left"]), now=EVE)
    programmes.switch_off(paused, now=EVE)

    mails.send()

    bodies = {
        one.message.customer.given_name: one
        for one in Body.objects.select_related("message__customer")
    }
    theirs = page_of(people["In"])
    assert bodies.keys() == people.keys()
    assert theirs in bodies["In"].html
    assert "הנקודות והכרטיסיות שלכם: " in bodies["In"].text
    assert theirs in bodies["In"].text
    assert [name for name, one in bodies.items() if "/m/" in one.html] == ["In"]


def test_whoever_has_earned_nothing_yet_has_a_page_that_says_so_and_a_way_to_it():
    automations.switch_on(Automation.objects.get(kind="anniversary"), now=EVE - DAY)
    made = programme(name="For all", worth=Decimal("0.1"))
    few = segments.create(
        name="Israel",
        conditions={"match": "all", "parts": [
            {"field": "country", "is": "any_of", "values": ["IL"]}]},
        by=None, now=EVE,
    )  # fmt: skip
    programme(name="For few", takes_part="segment", segment=few)
    programme(name="Not for few", left_out=few)
    step = rules.add(
        made, event=EarnEvent.STEP, key="profile", name="Your profile",
        values={"units": 5}, now=EVE,
    )  # fmt: skip
    dana, noa = (
        mails.somebody(given_name=name, country=country)
        for name, country in (("Dana", "IL"), ("Noa", "DE"))
    )

    mails.send()

    for person in (dana, noa):
        assert page_of(person) in Body.objects.get(message__customer=person).html
    hers = read(Client().get(f"{page_of(dana)}?lang=en"))
    others = read(Client().get(f"{page_of(noa)}?lang=en"))
    assert [name in hers for name in ("For all", "For few", "Not for few")] == [
        True, True, False,
    ]  # fmt: skip
    assert [name in others for name in ("For all", "For few", "Not for few")] == [
        True, False, True,
    ]  # fmt: skip
    assert "0 points" in hers
    assert "Your profile" in hers
    assert not Membership.objects.exists()
    manual_entries.tick(step, dana, now=NOW)
    assert "5 points" in read(Client().get(f"{page_of(dana)}?lang=en"))
    programmes.switch_off(made, now=NOW)
    assert "For all" not in read(Client().get(f"{page_of(noa)}?lang=en"))
