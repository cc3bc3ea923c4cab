"""The editor of programmes: made, changed, told in sentences, tried out and ended."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.utils import IntegrityError
from django.urls import reverse
from django.utils.translation import override

from crm.models import Product
from crm.services import segments
from loyalty import member_words
from loyalty.choices import EarnEvent
from loyalty.models import (
    Entry,
    Membership,
    Programme,
    ProgrammeVersion,
    Reward,
    Rule,
)
from loyalty.services.programmes import offers, orders, programmes, rules
from tests.factories import NOW, CustomerFactory, UserFactory
from tests.loyalty import reward_shop
from tests.loyalty.programme_shop import (
    START,
    at,
    balance,
    buy,
    open_shop,
    programme,
    work,
)
from tests.pages import read

pytestmark = pytest.mark.django_db
POINTS = {
    "name": "Leaves", "counts": "points", "currency": "eur", "places": "0",
    "worth": "1", "takes_part": "all", "expiry": "never", "returns_days": "14",
}  # fmt: skip


@pytest.fixture
def desk(client, time_machine):
    time_machine.move_to(NOW, tick=False)
    open_shop()
    client.force_login(UserFactory(role="owner"))
    return client


@pytest.fixture
def dana():
    return CustomerFactory(given_name="Dana", language="he")


def segment(name, country):
    conditions = {
        "match": "all",
        "parts": [{"field": "country", "is": "any_of", "values": [country]}],
    }
    return segments.create(name=name, conditions=conditions, by=None, now=NOW)


def made(desk, **typed):
    sent = {**POINTS, **typed}
    answer = desk.post(reverse("loyalty:programme-create"), sent)
    assert answer.status_code == 303, answer.content.decode()
    return Programme.objects.latest("pk")


def change(desk, row, **typed):
    sent = {**POINTS, "version": row.version, **typed}
    url = reverse("loyalty:programme-edit", args=[row.pk])
    return desk.post(url, sent, follow=True)


def add_rule(desk, row, event="order", **typed):
    usual = {"units": "1", "measure": "money", "per": "1", "currency": "EUR",
             "rounding": "down"}  # fmt: skip
    sent = {**usual, **typed} if event == "order" else {"units": "5", **typed}
    url = f"{reverse('loyalty:rule-create', args=[row.pk])}?event={event}"
    return desk.post(url, sent, follow=True)


def test_a_programme_is_made_with_its_own_word_for_a_point(desk, dana):
    row = made(
        desk, name_en="Leaves", unit_one_en="leaf", unit_many_en="leaves",
        name_he="עלים", unit_one_he="עלה", unit_many_he="עלים", limit_agent="20",
    )  # fmt: skip

    assert (row.kind, row.unit, row.currency) == ("points", "points", "EUR")
    assert row.worth == Decimal("0.01")
    assert not row.periods.exists()
    assert dict(row.hand_limits.values_list("role", "most")) == {"agent": 20}
    said = {}
    for language in ("en", "he", "zh-hans"):
        with override(language):
            said[language] = [member_words.units(row, Decimal(n)) for n in (1, 3)]
    assert said["en"] == ["1 leaf", "3 leaves"]
    assert said["he"] == ["1 עלה", "3 עלים"]
    assert "leaf" not in said["zh-hans"][0]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"currency": "XXZ"}, "currency"),
        ({"takes_part": "segment"}, "segment"),
        ({"expiry": "days"}, "expires_after"),
        ({"worth": "0"}, "worth"),
        ({"unit_one_he": "עלה"}, "name_he"),
        ({"name_he": "עלים", "unit_one_he": "עלה"}, "unit_many_he"),
        ({"returns_days": "400"}, "returns_days"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_lost(
    desk, typed, field
):
    sent = {**POINTS, "name_en": "Leaves", "terms_en": "Kept as typed", **typed}

    answer = desk.post(reverse("loyalty:programme-create"), sent)

    assert field in answer.context["form"].errors
    assert "Kept as typed" in read(answer, status=422)
    assert not Programme.objects.exists()


def test_a_change_says_who_changed_what_and_leaves_what_was_earned(desk, dana):
    row = made(desk)
    add_rule(desk, row)
    programmes.switch_on(row, since=date(2026, 1, 1), now=NOW)
    buy(dana, ("TEA", 1, 30), on="2026-02-01")
    work()
    row.refresh_from_db()

    page = read(change(desk, row, expiry="days", expires_after="30"))

    assert balance(dana) == 30
    assert "So many days after it can be spent" in page
    last = ProgrammeVersion.objects.latest("pk")
    assert (last.fields, last.made_by.role) == (["expires_after", "expiry"], "owner")
    stale = change(desk, row, name="Other")
    assert "Somebody else changed this" in read(stale, status=422)
    row.refresh_from_db()
    fixed = change(desk, row, currency="USD")
    assert "currency" in fixed.context["form"].errors
    row.refresh_from_db()
    assert row.currency == "EUR"


def test_versions_cannot_be_rewritten(desk):
    made(desk)

    with pytest.raises(IntegrityError), transaction.atomic():
        ProgrammeVersion.objects.update(number=7)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgrammeVersion.objects.all().delete()


def test_a_rule_is_tried_on_past_orders_before_it_is_saved(desk, dana):
    row = made(desk)
    buy(dana, ("TEA", 2, 30), on="2026-03-01")

    page = read(add_rule(desk, row, units="3", **{"try": "1"}))

    assert "180 points to 1 of 1 customers" in page
    assert "3 points for each full €1.00" in page
    assert 'value="3"' in page
    assert not Rule.objects.exists()


def test_a_changed_rule_counts_from_then_on(desk, dana):
    row = made(desk)
    add_rule(desk, row)
    programmes.switch_on(row, since=date(2026, 1, 1), now=START)
    buy(dana, ("TEA", 1, 30), order="A-1", on="2026-03-01")
    work()
    rule = Rule.objects.get()
    url = reverse("loyalty:rule", args=[rule.pk])
    typed = {"units": "2", "measure": "money", "per": "1", "currency": "EUR",
             "rounding": "down", "version": "1"}  # fmt: skip

    for _twice in range(2):
        desk.post(url, typed)

    assert list(rule.versions.values_list("number", flat=True)) == [1, 2]
    later = (NOW + timedelta(days=1)).date().isoformat()
    buy(dana, ("TEA", 1, 10), order="A-2", on=later)
    buy(dana, ("TEA", 1, 40), order="A-1", on="2026-03-01")  # the first one changed
    orders.process_pending(now=at(later, 20))
    assert balance(dana) == 40 + 2 * 10
    page = read(desk.get(url))
    assert "Version 1" in page
    assert "Version 2" in page


def test_a_rule_added_to_a_running_programme_counts_from_then_on(desk, dana):
    row = made(desk)
    programmes.switch_on(row, since=date(2026, 1, 1), now=START)
    add_rule(desk, row)
    buy(dana, ("TEA", 1, 30), order="A-1", on="2026-03-01")

    work()
    assert balance(dana) == 0
    later = (NOW + timedelta(days=1)).date().isoformat()
    buy(dana, ("TEA", 1, 10), order="A-2", on=later)
    orders.process_pending(now=at(later, 20))
    assert balance(dana) == 10


def test_a_rule_is_for_some_products_and_some_customers(desk, dana):
    dana.country = "IL"
    dana.save()
    row = made(desk)
    noa = CustomerFactory(country="DE")
    buy(dana, ("TEA", 1, 30), ("CUP", 1, 5), order="A-1", on="2026-03-01")
    buy(noa, ("TEA", 1, 30), order="B-1", on="2026-03-01")
    Product.objects.filter(sku="TEA").update(category="Tea")
    from_israel = segment("From Israel", "IL")

    page = read(add_rule(desk, row, categories="Tee"), status=422)
    assert "No product is of the category Tee." in page
    page = read(add_rule(desk, row, categories="Tea", only_for=from_israel.pk))
    assert "only of: Tea" in page
    assert "only for members in “From Israel”" in page
    programmes.switch_on(row, since=date(2026, 1, 1), now=START)
    work()

    assert (balance(dana), balance(noa)) == (30, 0)
    assert [use.label for use in segments.uses_of(from_israel)] == ["Leaves"]


def test_a_rule_ends_and_earns_again(desk):
    row = made(desk)
    add_rule(desk, row)
    rule = Rule.objects.get()
    url = reverse("loyalty:rule-end", args=[rule.pk])

    page = read(desk.post(url, {"to": "end"}, follow=True))
    assert "It earns on nothing yet." in page
    assert "Let it earn again" in page
    desk.post(url, {"to": "back"})
    rule.refresh_from_db()
    assert rule.ended_at is None


def test_a_step_gets_a_name_for_machines_and_one_for_members(desk):
    row = made(desk)

    add_rule(desk, row, event="step", name="Fill in the profile", name_he="פרופיל")
    add_rule(desk, row, event="step", name="ספרו לנו")
    page = read(add_rule(desk, row, event="occasion", key="birthday"))
    again = add_rule(desk, row, event="occasion", key="birthday")

    steps = Rule.objects.filter(event=EarnEvent.STEP.value).order_by("pk")
    assert [one.key for one in steps] == ["fill-in-the-profile", "step"]
    assert steps[0].words.get().name == "פרופיל"
    assert "5 points, once, for: Fill in the profile" in page
    assert "5 points on the occasion: Their birthday" in page
    assert "already" in read(again, status=422)


def test_the_first_time_it_is_switched_on_past_orders_may_be_credited(desk, dana):
    row = made(desk)
    add_rule(desk, row)
    buy(dana, ("TEA", 1, 30), on="2026-03-01")
    url = reverse("loyalty:programme-switch", args=[row.pk, "on"])

    typed = {"since": "2026-02-01", "seen": "2025-11-29"}
    asked = read(desk.post(url, typed), status=422)
    assert "30 points to 1 of 1 customers" in asked
    assert 'name="seen" value="2026-02-01"' in asked
    assert not row.periods.exists()
    desk.post(url, {**typed, "seen": "2026-02-01"})
    work()

    assert balance(dana) == 30
    desk.post(reverse("loyalty:programme-switch", args=[row.pk, "off"]))
    refused = desk.post(url, {**typed, "seen": "2026-02-01"})
    read(refused, "Past orders are credited once", status=422)


def test_a_forecast_says_what_it_cannot_say(desk, dana):
    row = made(desk, takes_part="joining", worth="")
    # The shop has counted in another currency since.
    cup = reward_shop.make(name="A cup")
    Reward.objects.update(currency="USD")
    offers.offer(row, cup, price=Decimal(10), now=NOW)
    buy(dana, ("TEA", 1, 30), order="A-1", on="2026-03-01", currency="USD")
    buy(dana, ("TEA", 1, 30), order="A-2", on="2026-03-01")
    add_rule(desk, row, currency="USD")

    page = read(desk.get(f"/programmes/{row.pk}/?forecast=1"))

    assert "30 points to 1 of 1 customers" in page
    assert "if all of them joined" in page
    assert "1 order in EUR earns nothing" in page
    assert "in USD earn" not in page
    assert "costs USD, another currency" in page


def test_members_may_take_a_reward_for_so_many(desk):
    row, cup = made(desk), reward_shop.make(name="A cup")
    url = reverse("loyalty:programme-offer", args=[row.pk])

    read(desk.post(url, {"reward": cup.pk, "price": "2.5"}), status=422)
    page = read(desk.post(url, {"reward": cup.pk, "price": "20"}, follow=True))
    assert "A cup</bdi></a>: 20 points" in page
    desk.post(url, {"drop": row.offers.get().pk})
    assert not row.offers.exists()


def test_a_programme_is_put_away_and_taken_back(desk):
    row = made(desk)
    url = reverse("loyalty:programme-archive", args=[row.pk])

    desk.post(url, {"to": "away"})
    assert "Leaves" in read(desk.get("/programmes/?show=archived"))
    assert "Leaves" not in read(desk.get("/programmes/"))
    desk.post(url, {"to": "back"})
    assert "Leaves" in read(desk.get("/programmes/"))


def test_other_days_to_delivery_move_what_has_arrived(desk, dana):
    row = programme(assumed_delivery_days=90)
    buy(dana, ("TEA", 1, 30), delivered=False, on="2026-10-01")
    orders.process_pending(now=NOW)
    assert not Entry.objects.exists()

    programmes.change(
        row, version=row.version, values={"assumed_delivery_days": 2}, now=NOW
    )
    orders.process_pending(now=NOW)

    assert balance(dana) == 30
    assert Membership.objects.get().programme == row


def test_a_ready_made_one_speaks_each_language(desk):
    desk.post(reverse("loyalty:programme-ready"), {"ready_made": "item_card"})

    row = Programme.objects.get()
    names = {code: words.name for code, words in row.wording.items()}
    assert names.keys() == {"en", "he", "zh-hans", "zh-hant"}
    assert names["en"] == "The tenth free"
    assert len(set(names.values())) >= 3
    reward = row.offers.get().reward
    assert set(reward.words.values_list("language", flat=True)) == names.keys()


def test_a_version_may_not_be_worth_nothing(desk):
    row = made(desk)

    for field, wrong in (("units", "0"), ("cap_day", "0"), ("tax_percent", "120"),
                         ("currency", "XXZ"), ("per", "")):  # fmt: skip
        answer = add_rule(desk, row, **{field: wrong})
        assert field in answer.context["form"].errors, field
    assert not Rule.objects.exists()
    assert rules.MOST_FACTOR == 100
