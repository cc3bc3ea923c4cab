"""First steps: named by the owner, ticked off by staff, seen by the member; and the
bars that a till reads."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from crm.services import merging
from loyalty.choices import EarnEvent
from loyalty.errors import BalanceTooLow
from loyalty.models import Entry, Membership
from loyalty.rules import code128
from loyalty.services import member_links
from loyalty.services.programmes import manual_entries, members, rules, spending, steps
from loyalty.services.programmes.spending import Wanted
from messaging.errors import LinkGone
from tests.factories import NOW, CustomerFactory, UserFactory
from tests.loyalty.programme_shop import START, balance, open_shop, programme
from tests.pages import read


@pytest.fixture
def owner():
    return UserFactory(role="owner")


@pytest.fixture
def dana():
    return CustomerFactory(language="he")


@pytest.fixture
def step(time_machine):
    time_machine.move_to(NOW, tick=False)
    open_shop()
    return rules.add(
        programme(), event=EarnEvent.STEP, values={"units": 50}, name="The profile",
        names={"he": "למלא את הפרופיל"}, now=START,
    )  # fmt: skip


@pytest.mark.django_db
def test_staff_tick_a_step_and_take_it_back(client, owner, dana, step):
    client.force_login(owner)
    member = members.member_of(step.programme, dana, now=NOW)
    here = reverse("loyalty:membership", args=[member.pk])
    url = reverse("loyalty:membership-step", args=[member.pk])
    assert "The profile" in read(client.get(here))
    assert "1 first step to do" in read(client.get(dana.get_absolute_url()))

    for to, has in (("done", 50), ("done", 50), ("undone", 0), ("undone", 0),
                    ("done", 50)):  # fmt: skip
        client.post(url, {"rule": step.pk, "to": to})
        assert balance(dana) == has, to

    kinds = list(Entry.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["earned", "reversed", "earned"]
    page = read(client.get(here))
    assert owner.name in page
    assert "first step to do" not in read(client.get(dana.get_absolute_url()))


@pytest.mark.django_db
def test_a_step_whose_points_were_spent_is_not_undone(owner, dana, step):
    manual_entries.tick(step, dana, by=owner, now=NOW)
    member = Membership.objects.get()
    spending.spend(member, Wanted(amount=Decimal(10), key="a"), now=NOW)

    with pytest.raises(BalanceTooLow):
        steps.undo(step, dana, staff=owner, now=NOW)

    assert balance(dana) == 40


@pytest.mark.django_db
def test_a_step_of_a_merged_record_is_done_once_and_undone_where_it_went(
    owner, dana, step
):
    other = CustomerFactory()
    manual_entries.tick(step, other, by=owner, now=NOW)
    merging.merge(dana, other, now=NOW)

    manual_entries.tick(step, dana, by=owner, now=NOW)
    assert balance(dana) == 50
    steps.undo(step, dana, staff=owner, now=NOW)
    assert (balance(dana), balance(other)) == (0, 0)


@pytest.mark.django_db
def test_the_member_sees_what_is_done_and_what_the_rest_brings(owner, dana, step):
    rules.add(
        step.programme, event=EarnEvent.STEP, values={"units": 5}, name="Tell us more",
        now=START,
    )  # fmt: skip
    manual_entries.tick(step, dana, by=owner, now=NOW)
    url = f"/m/{member_links.token_of(dana.pk)}/"

    hebrew, english = (read(Client().get(f"{url}?lang={one}")) for one in ("he", "en"))

    assert "למלא את הפרופיל" in hebrew
    assert "done, 50 points" in english
    assert "brings 5 points" in english


@pytest.mark.django_db
def test_the_page_has_bars_that_the_till_understands(client, owner, dana, step):
    members.member_of(step.programme, dana, now=NOW)
    code = member_links.till_code(dana.pk)
    client.force_login(owner)

    page = read(Client().get(f"/m/{member_links.token_of(dana.pk)}/"))

    assert code in page
    first, _width = code128.bars(code)[0][0]
    assert f'd="M{first} 0h2v1h-2z' in page  # a start is two modules wide
    there = reverse("loyalty:till-member", args=[dana.pk])
    for typed in (code, code.lower(), f" {code} "):
        answer = client.post(reverse("loyalty:till-find"), {"q": typed})
        assert answer["Location"] == there, typed


@pytest.mark.django_db
def test_another_number_with_these_letters_is_nobody(dana):
    code = member_links.till_code(dana.pk)

    with pytest.raises(LinkGone):
        member_links.customer_of(f"M{dana.pk + 1}-{code[-6:]}")
    assert member_links.customer_of(code) == dana


def test_each_symbol_is_as_wide_as_the_standard_says():
    """Eleven modules, an even number of them dark; the stop thirteen; none twice."""
    *symbols, stop = [list(map(int, one)) for one in code128.WIDTHS]

    assert (len(symbols), sum(stop)) == (106, 13)
    assert {sum(one) for one in symbols} == {11}
    assert {sum(one[::2]) % 2 for one in symbols} == {0}
    assert len(set(code128.WIDTHS)) == 107


@pytest.mark.parametrize(
    ("text", "checksum"),
    [
        # (104 + 1*48 + 2*42 + 3*42 + 4*17 + 5*18 + 6*19 + 7*35) mod 103 = 879 mod 103
        ("PJJ123C", 55),
        # 104 + 1*33 = 137, and 137 mod 103
        ("A", 34),
    ],
)
def test_the_checksum_is_the_weighted_sum(text, checksum):
    assert code128.symbols(text)[-2] == checksum


@pytest.mark.parametrize("text", ["", "שלום", "a\n"])
def test_what_bars_cannot_say_is_refused(text):
    with pytest.raises(ValueError, match=text or "^$"):
        code128.bars(text)
