"""The catalogue, a grant and the till, as staff use them."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from loyalty import reward_words
from loyalty.models import Grant, Reward
from loyalty.services import rewards
from messaging.models import Automation, AutomationStep, Forecast, ForecastMail
from tests.factories import (
    AutomationFactory,
    CustomerFactory,
    ProductFactory,
    UserFactory,
)
from tests.loyalty.reward_shop import code_for, give, make, open_shop
from tests.pages import read

FORM = {
    "name": "Tea", "kind": "discount", "fulfilment": "code", "percent": "12.5",
    "cost": "1.20", "stock": "40", "limit_per_customer": "1", "life_days": "30",
    "roles": ["owner"], "is_offer": "on", "name_he": "תה", "terms_he": "לא על ערכות",
}  # fmt: skip


@pytest.fixture
def owner(db):
    open_shop()
    return UserFactory(role="owner", name="Noa")


@pytest.fixture
def desk(client, owner):
    client.force_login(owner)
    return client


def given(reward, *people):
    return give(reward, *people, now=timezone.now())


def drawn_on(reward):
    """An automation that is on and gives it."""
    row = AutomationFactory(kind="anniversary")
    rows = Automation.objects.filter(pk=row.pk)
    rows.update(is_on=True, switched_on_at=timezone.now())
    AutomationStep.objects.filter(automation=row).update(gift=reward.pk)
    return row


def expected(row, *, ahead, step=1, decision="goes"):
    """Two mails so many days ahead in the forecast of everything."""
    now = timezone.now()
    at = now + timedelta(days=ahead)
    goes = {"goes_at": at, "goes_on": at.date()} if decision == "goes" else {}
    forecast = Forecast.objects.first() or Forecast.objects.create(
        made_at=now, seconds=0
    )
    ForecastMail.objects.create(
        forecast=forecast, automation=row, alike=ahead, people=2, step=step,
        category="marketing", day=at.date(), moment=at, expires_at=at,
        decision=decision, **goes,
    )  # fmt: skip


# --- The catalogue -------------------------------------------------------------------


def test_a_reward_is_made_and_changed(desk):
    made = desk.post("/rewards/new/", FORM)
    reward = Reward.objects.get()
    page = read(desk.get(made["Location"]), "12.5% off", "€1.20", "תה")
    change = FORM | {"percent": "", "amount": "5", "version": "1"}
    change |= {"name_he": "", "terms_he": ""}
    desk.post(f"/rewards/{reward.pk}/edit/", change)
    reward.refresh_from_db()

    assert "40" in page
    assert (reward.amount, reward.percent, reward.version) == (Decimal(5), None, 2)
    assert not reward.words.exists()
    read(desk.get("/rewards/"), "€5.00 off")


def test_terms_without_a_name_are_kept_and_read_with_our_own_name(desk):
    desk.post("/rewards/new/", FORM | {"name_he": ""})
    reward = Reward.objects.get()
    words = reward.words.get()

    assert (words.name, words.terms) == ("", "לא על ערכות")
    assert reward_words.called(reward, words) == "12.5% off"
    assert reward_words.conditions(reward, words).startswith("לא על ערכות")


def test_a_form_asks_only_what_goes_with_its_kind(desk):
    first = read(desk.get("/rewards/new/"), "A signed letter", "Go on")
    letter = read(desk.get("/rewards/new/?kind=letter&fulfilment=desk"))
    discount = read(desk.get("/rewards/new/?kind=discount&fulfilment=code"))

    def asks(page):
        names = ("percent", "minimum", "days_to_do")
        return [f'name="{name}"' in page for name in names]

    assert asks(first) == [False, False, False]
    assert asks(letter) == [False, False, True]
    assert asks(discount) == [True, True, False]
    read(desk.get("/rewards/new/?kind=moon&fulfilment=desk"), "Go on")


def test_what_a_form_does_not_ask_stays(desk):
    reward = make(fulfilment="desk", kind="letter", minimum=Decimal(20))
    reward.products.add(ProductFactory())

    changed = {"name": "Letter", "cost": "4", "days_to_do": "3", "version": "1"}
    desk.post(f"/rewards/{reward.pk}/edit/", changed)

    reward.refresh_from_db()
    assert (reward.name, reward.days_to_do) == ("Letter", 3)
    assert (reward.minimum, reward.products.count()) == (20, 1)


def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(desk):
    page = read(
        desk.post("/rewards/new/", FORM | {"amount": "5", "products": "NONE-1"}),
        "No product has the code NONE-1.", "לא על ערכות", status=422,
    )  # fmt: skip
    both = read(desk.post("/rewards/new/", FORM | {"amount": "5"}), status=422)

    assert "and not both" in both
    assert 'value="12.5"' in page
    assert not Reward.objects.exists()


def test_what_is_written_from_right_to_left_is_typed_so(desk):
    page = read(desk.get("/rewards/new/?kind=discount&fulfilment=code"))
    named = re.findall(
        r'<(?:input|textarea)[^>]*name="(?:name|terms|card)_he"[^>]*>', page
    )

    assert len(named) == 3
    assert all('dir="rtl"' in each for each in named)


def test_a_reward_is_given_for_a_reason(desk):
    customer, reward = CustomerFactory(), make(fulfilment="desk", kind="letter")
    typed = {"reward": reward.pk, "reason": "", "due_on": "2030-01-02", "tells": "on"}
    page = desk.post(f"/customers/{customer.pk}/rewards/", typed)

    read(page, "Say why", 'value="2030-01-02"', status=422)
    assert not Grant.objects.exists()


def test_a_second_offer_asks_first(desk):
    customer, tea, mug = CustomerFactory(), make(name="Tea"), make(name="Mug")
    url = f"/customers/{customer.pk}/rewards/"
    assert "beside the one they have" not in read(desk.get(url))
    desk.post(url, {"reward": tea.pk, "reason": "Ten years"})

    typed = {"reward": mug.pk, "reason": "Patience"}
    read(desk.get(url), "Give an offer beside the one they have", "Still good: Tea.")
    refused = desk.post(url, typed)
    read(refused, "an offer that is still good", "Patience", status=422)
    assert Grant.objects.count() == 1

    desk.post(url, typed | {"beside_offer": "on"})
    assert Grant.objects.count() == 2


def test_codes_are_added_to_a_pool_and_today_warns_while_it_is_low(desk):
    reward = make(fulfilment="pool")
    row = drawn_on(reward)
    expected(row, ahead=2)
    expected(row, ahead=30)
    expected(row, ahead=3, decision="refused")
    # Another step of it gives nothing.
    expected(row, ahead=4, step=2)

    url = f"/rewards/{reward.pk}/codes/"
    desk.post(url, {"codes": "TEA-0001\nTEA-0001\n??"})
    page = read(desk.get(f"/rewards/{reward.pk}/"), "1 line is no code")
    low = read(desk.get("/"), "1 code is left, and the next 14 days may need 2.")
    desk.post(url, {"codes": "TEA-0002"})

    assert "Add codes" in low
    assert "up to 2 mails" in page
    assert "Add codes" not in read(desk.get("/"))


def test_a_pool_given_by_hand_warns_by_what_was_given_lately(desk):
    reward = make(fulfilment="pool", limit_per_customer=None)
    assert "codes are left" not in read(desk.get("/"))
    rewards.add_codes(reward, ["TEA-0001", "TEA-0002", "TEA-0003"], now=timezone.now())
    given(reward, CustomerFactory(), CustomerFactory())

    read(desk.get("/"), "1 code is left, and the next 14 days may need 2.")
    Grant.objects.update(granted_at=timezone.now() - timedelta(days=15))
    assert "1 code is left" not in read(desk.get("/"))


def test_the_pools_of_one_query_and_of_the_pages_agree(desk):
    """What Today counts is what it lists."""
    reward = make(fulfilment="pool")
    drawn_on(reward)

    read(desk.get("/"), "0 codes are left")
    rewards.add_codes(reward, ["TEA-0001"], now=timezone.now())
    assert "codes are left" not in read(desk.get("/"))


# --- A grant -------------------------------------------------------------------------


def test_somebody_gives_a_letter_and_does_it(desk):
    reward = make("Letter", kind="letter", fulfilment="desk", days_to_do=6)
    dana = CustomerFactory()
    url = f"/customers/{dana.pk}/rewards/"
    read(desk.get(url), "Letter")
    form = {"reward": reward.pk, "reason": "Ten years", "once": "k"}

    answers = [desk.post(url, form)["Location"] for _ in range(2)]
    grant = Grant.objects.get()
    read(desk.get("/"), "Letter", "Ten years")
    read(desk.get(f"/customers/{dana.pk}/"), "Reward: Letter", "Ten years")
    desk.post(f"/grants/{grant.pk}/done/", {"note": "By hand, blue ink."})

    assert answers == [f"/grants/{grant.pk}/"] * 2
    read(desk.get(f"/grants/{grant.pk}/"), "By hand, blue ink.", "Done")
    desk.post(f"/grants/{grant.pk}/reopen/")
    desk.post(f"/grants/{grant.pk}/take-back/")
    grant.refresh_from_db()
    assert grant.state == "taken_back"


def test_a_reward_that_is_out_says_so(desk):
    reward, dana = make(stock=0), CustomerFactory()

    read(
        desk.post(
            f"/customers/{dana.pk}/rewards/",
            {"reward": reward.pk, "reason": "Ten years"},
        ),
        "None of it is left.", "Ten years", status=422,
    )  # fmt: skip


def test_only_who_gives_reads_a_code(client, owner):
    analyst_like = UserFactory(role="marketer")
    code = code_for(make(), now=timezone.now())
    url = f"/grants/{Grant.objects.get().pk}/"
    client.force_login(owner)
    read(client.get(url), code)

    client.force_login(analyst_like)
    read(client.get(url), code)
