"""Rewards that are given: once, within stock, budget and limit, and given back."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from crm.services import merging, personal_data
from loyalty.errors import (
    GrantInUse,
    GrantOver,
    RewardInUse,
    RewardNameTaken,
    RewardNotYours,
    RewardRefused,
)
from loyalty.models import Code, Grant, Reward
from loyalty.rules.allotment import NoShare
from loyalty.services import codes, fulfilment, grants, rewards
from messaging.models import AutomationStep
from tests.factories import AutomationFactory, CustomerFactory, UserFactory
from tests.loyalty.reward_shop import (
    NOW,
    code_for,
    give,
    make,
    open_shop,
    standing,
    use,
)
from web.errors import InvalidValue, StaleVersion

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _shop(db):
    open_shop()


def by_hand(person, reward, role="owner", once="1", **more):
    staff = UserFactory(role=role)
    return grants.give_by_hand(
        person, reward, staff=staff, reason="Patience", once=once, now=NOW, **more
    )


# --- Given ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fulfilment", "state"),
    [("code", "code_issued"), ("desk", "to_do"), ("ask", "offered")],
)
def test_how_it_reaches_people_says_how_it_begins(fulfilment, state):
    (grant,) = give(make(kind="letter", fulfilment=fulfilment))

    assert grant.state == state
    assert Code.objects.filter(grant=grant).count() == (fulfilment == "code")


def test_the_same_source_again_is_the_same_grant():
    reward, dana = make(limit_per_customer=None), CustomerFactory()

    first, again = give(reward, dana), give(reward, dana, now=NOW + DAY)
    (other,) = give(reward, dana, key="anniversary:2027:1")

    assert first == again
    assert other not in first
    assert standing(reward) == (2, 2, 4)


def test_twice_in_one_list_is_once():
    reward, dana = make(), CustomerFactory()

    first, second = give(reward, dana, dana)

    assert first == second
    assert standing(reward) == (1, 1, 2)


@pytest.mark.parametrize(
    ("bound", "why"),
    [({"stock": 2}, NoShare.OUT_OF_STOCK),
     ({"yearly_budget": Decimal(5)}, NoShare.OVER_BUDGET)],
)  # fmt: skip
def test_whoever_comes_too_late_is_told_why_and_what_comes_back_is_for_the_next(
    bound, why
):
    reward, people = make(**bound), [CustomerFactory() for _ in range(3)]

    first, second, third = give(reward, *people)
    assert third == why
    grants.take_back(first, by=None, now=NOW)

    assert standing(reward)[0] == 1
    (again,) = give(reward, people[2])
    assert isinstance(again, Grant)
    assert second.state == "code_issued"


def test_a_budget_is_of_one_year_of_the_shop():
    open_shop("Pacific/Auckland")
    reward = make(yearly_budget=Decimal(2), limit_per_customer=None)
    # New Year has come in Auckland.
    late = datetime(2026, 12, 31, 12, tzinfo=UTC)

    (before,) = give(reward, now=NOW)
    (after,) = give(reward, now=late)
    (none,) = give(reward, now=late)

    assert (before.year, after.year, none) == (2026, 2027, NoShare.OVER_BUDGET)


def test_a_reward_runs_out_at_the_end_of_a_day_and_is_free_for_the_next():
    open_shop("Asia/Jerusalem")
    reward = make(stock=1, life_days=1)
    (grant,) = give(reward)
    end = datetime(2026, 11, 30, 22, tzinfo=UTC)

    assert (grant.expires_on, grant.expires_at) == (date(2026, 11, 30), end)
    assert grants.expire(now=end - timedelta(seconds=1)) == 0
    assert (grants.expire(now=end), grants.expire(now=end)) == (1, 0)
    grant.refresh_from_db()
    assert (grant.state, standing(reward)[0]) == ("expired", 0)


def test_the_database_refuses_more_than_there_are():
    reward = make(stock=1)
    give(reward)

    with pytest.raises(IntegrityError), transaction.atomic():
        Reward.objects.filter(pk=reward.pk).update(taken=2)


# --- By hand -------------------------------------------------------------------------


def test_a_hand_gives_what_names_its_role_once_and_can_take_it_back():
    reward, dana = make(), CustomerFactory()

    grant = by_hand(dana, reward)
    assert by_hand(dana, reward) == grant
    with pytest.raises(RewardNotYours):
        by_hand(dana, reward, role="agent")
    with pytest.raises(RewardRefused) as refused:
        by_hand(dana, reward, once="2")
    with pytest.raises(InvalidValue):
        grants.give_by_hand(
            dana, reward, staff=UserFactory(role="owner"), reason=" ", once="3", now=NOW
        )
    back = grants.take_back(grant, by=None, now=NOW)

    assert refused.value.code == "reward_limit"
    assert (back.state, standing(reward)[0]) == ("taken_back", 0)
    assert by_hand(dana, reward) != grant


def test_what_was_used_or_is_kept_for_an_order_is_not_taken_back():
    reward = make()
    used, kept = (give(reward)[0] for _ in range(2))
    codes.redeem(used.code.text, use(), now=NOW)
    codes.reserve(kept.code.text, use("R-2"), now=NOW)

    with pytest.raises(GrantOver):
        grants.take_back(used, by=None, now=NOW)
    with pytest.raises(GrantInUse):
        grants.take_back(kept, by=None, now=NOW)


def test_a_visit_is_offered_accepted_done_and_reopened():
    reward = make(kind="visit", fulfilment="ask", life_days=10)
    (grant,) = give(reward)
    noa = UserFactory()

    with pytest.raises(GrantOver):
        fulfilment.done(grant, note="", by=noa, now=NOW)
    fulfilment.accept(grant, due_on=date(2026, 12, 9), by=noa, now=NOW)
    assert grants.expire(now=NOW + 400 * DAY) == 0
    done = fulfilment.done(grant, note="They loved the roaster.", by=noa, now=NOW)
    assert (done.state, done.ended_by) == ("done", noa)
    assert fulfilment.reopen(grant, now=NOW).state == "to_do"


# --- The catalogue -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("discount", {"percent": Decimal(5), "amount": Decimal(5)}, "percent"),
        ("letter", {"percent": Decimal(5)}, "percent"),
        ("letter", {"name": ""}, "name"),
    ],
)
def test_a_reward_that_means_nothing_is_refused_at_its_field(kind, values, field):
    with pytest.raises(InvalidValue) as refused:
        make(kind=kind, **values)

    assert list(refused.value.fields) == [field]


def change(reward, version=None, **values):
    return rewards.update(
        reward, version=version or reward.version, values=values, words={}, now=NOW
    )


def test_a_change_is_of_what_was_seen_and_not_below_what_was_given():
    reward = make(stock=5)
    make(name="Other")
    give(reward)

    with pytest.raises(InvalidValue):
        change(reward, stock=0)
    with pytest.raises(RewardNameTaken):
        change(reward, name="Other")
    changed = change(reward, stock=1)
    with pytest.raises(StaleVersion):
        change(reward, version=1, stock=7)
    assert (changed.left, changed.version) == (0, 2)


def test_what_a_step_gives_is_not_put_away_and_stays_what_it_is():
    reward = make(kind="letter", fulfilment="desk")
    step = AutomationFactory().steps.get(position=1)
    AutomationStep.objects.filter(pk=step.pk).update(gift=reward.pk)

    with pytest.raises(RewardInUse):
        rewards.archive(reward, is_archived=True, now=NOW)
    with pytest.raises(RewardInUse):
        change(reward, is_offer=True)


def test_codes_of_the_shop_are_added_once_however_they_are_written():
    reward = make(fulfilment="pool")

    added = rewards.add_codes(
        reward, ["TEA-0001", "tea ooo1", "", "קוד", "TEA-0002"], now=NOW
    )
    again = rewards.add_codes(reward, ["tea0002", "TEA-0003"], now=NOW)

    assert (added.new, added.known, added.unreadable) == (2, 1, ["קוד"])
    assert (again.new, again.known) == (1, 1)
    assert code_for(reward) == "tea ooo1"


# --- Of a person ---------------------------------------------------------------------


def test_an_erased_person_holds_nothing_and_their_code_is_none():
    reward, dana = make(stock=1), CustomerFactory()
    code = code_for(reward, dana)

    personal_data.erase(dana, now=NOW)

    assert standing(reward)[0] == 0
    with pytest.raises(codes.CodeUnknown):
        codes.redeem(code, use(), now=NOW)


def test_a_merged_record_brings_its_rewards_and_two_of_one_source_both_stay():
    reward, dana, twin = make(), CustomerFactory(), CustomerFactory()
    theirs, code = code_for(reward, dana), code_for(reward, twin)

    merging.merge(kept=dana, dropped=twin, now=NOW)

    assert Grant.objects.filter(customer=dana).count() == 2
    codes.redeem(code, use("R-1", customer=dana.pk), now=NOW)
    codes.redeem(theirs, use("R-2", customer=dana.pk), now=NOW)


def test_a_limit_is_of_the_calendar_year_or_of_twelve_months():
    dana, noa = CustomerFactory(), CustomerFactory()
    calendar, rolling = make("A"), make("B", limit_span="rolling")
    days = [
        datetime(*day, 12, tzinfo=UTC)
        for day in ((2026, 12, 30), (2027, 1, 1), (2027, 12, 29), (2027, 12, 30))
    ]

    def had(reward, person):
        answers = [
            give(reward, person, key=str(number), now=day)[0]
            for number, day in enumerate(days)
        ]
        return [isinstance(one, Grant) for one in answers]

    assert had(calendar, dana) == [True, True, False, False]
    assert had(rolling, noa) == [True, False, False, True]
