"""Codes, stock and budgets under many at once: exact, and every loser is told why."""

import fcntl
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connection

from loyalty.choices import GrantSource
from loyalty.errors import CodeKept, CodeUsed
from loyalty.models import Code, Grant, Redemption
from loyalty.rules.allotment import NoShare
from loyalty.services import codes, grants, rewards
from loyalty.services.grants import Wish
from tests.factories import CustomerFactory
from tests.faults.mails import LONG
from tests.loyalty.reward_shop import NOW, code_for, make, open_shop, standing, use
from web.errors import Busy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TILLS, ROUNDS = 50, 200 if LONG else 4
SOME = 73 if LONG else 17
# Connections that the tests' server has to spare: the others take their turn.
AT_ONCE = 50
# How often somebody is told that many are at it, before that is a fault.
MOST_PRESSES = 20


@contextmanager
def only_race():
    """The one of all processes that test on this server: it has no connections for
    two."""
    with (Path(connection.settings_dict["HOST"]) / "races.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def at_once(work, number):
    """What `work(n)` answered for each n, by threads that begin together, each with a
    connection of its own until its end."""
    answers, errors = [None] * number, []
    count = min(AT_ONCE, number)
    gate = Barrier(count)

    def loop(first):
        try:
            # Each has its connection before the first begins.
            connection.ensure_connection()
            gate.wait()
            for each in range(first, number, count):
                answers[each] = work(each)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=loop, args=[first]) for first in range(count)]
    with only_race():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert errors == []
    return answers


def pressed(act, *args, **kwargs):
    """Its answer; who is told that many are at it presses again, as people would.
    Anything else that a lock may end in is an error."""
    for _ in range(MOST_PRESSES):
        try:
            return act(*args, **kwargs)
        except Busy:
            print("told that many are at it; pressed again")  # noqa: T201
    return act(*args, **kwargs)


def redeemed(code, order):
    try:
        return pressed(codes.redeem, code, use(order), now=NOW)
    except (CodeUsed, CodeKept) as error:
        return error


def test_of_a_hundred_tills_at_once_one_redeems_and_99_are_told():
    open_shop()
    code = code_for(make())

    answers = at_once(lambda n: redeemed(code, f"R-{n}"), 100)

    won = [one for one in answers if isinstance(one, Redemption)]
    assert len(won) == 1
    assert {one.redemption.pk for one in answers if isinstance(one, CodeUsed)} == {
        won[0].pk
    }
    assert sum(isinstance(one, CodeUsed) for one in answers) == 99
    assert Redemption.objects.filter(state="redeemed").count() == 1


def test_fifty_tills_that_try_each_code_use_each_once():
    """Each with orders of its own; two hundred codes in the long run."""
    open_shop()
    reward = make(limit_per_customer=None)
    people = [CustomerFactory() for _ in range(20)]
    wishes = [
        Wish(people[n % 20].pk, f"race:{n}") for n in range(ROUNDS)
    ]  # fmt: skip
    given = grants.give(reward.pk, wishes, source=GrantSource.PROGRAMME, now=NOW)
    texts = [one.text for one in Code.objects.filter(grant__in=given).order_by("id")]

    def till(number):
        order = texts[number % ROUNDS :] + texts[: number % ROUNDS]
        return [redeemed(text, f"R-{number}-{text}") for text in order]

    answers = [one for found in at_once(till, TILLS) for one in found]

    kinds = Counter(type(one) for one in answers)
    assert kinds == {Redemption: ROUNDS, CodeUsed: TILLS * ROUNDS - ROUNDS}
    assert Redemption.objects.filter(state="redeemed").count() == ROUNDS
    assert standing(reward) == (ROUNDS, ROUNDS, 2 * ROUNDS)


@pytest.mark.parametrize(
    ("bound", "why"),
    [({"stock": SOME}, NoShare.OUT_OF_STOCK),
     ({"yearly_budget": Decimal(2 * SOME + 1)}, NoShare.OVER_BUDGET)],
)  # fmt: skip
def test_fifty_givers_in_many_rounds_give_what_there_is_and_no_more(bound, why):
    """Some of what is given is taken back beside it, and is for whoever comes then."""
    open_shop()
    reward = make(limit_per_customer=None, **bound)
    dana = CustomerFactory()

    def giver(number):
        answers = []
        for turn in range(ROUNDS):
            wish = Wish(dana.pk, f"race:{number}:{turn}")
            found = pressed(
                grants.give, reward.pk, [wish], source=GrantSource.PROGRAMME, now=NOW
            )
            answers += found
            if isinstance(found[0], Grant) and turn % 2:
                pressed(grants.take_back, found[0], by=None, now=NOW)
        return answers

    answers = [one for found in at_once(giver, TILLS) for one in found]

    refused = [one for one in answers if not isinstance(one, Grant)]
    assert set(refused) == {why}
    assert len(answers) == TILLS * ROUNDS
    # Never more; what the last one took back may be left, and no more than that.
    left = SOME - standing(reward)[0]
    more = [Wish(dana.pk, f"after:{n}") for n in range(left + 1)]
    last = grants.give(reward.pk, more, source=GrantSource.PROGRAMME, now=NOW)
    assert [isinstance(one, Grant) for one in last] == [True] * left + [False]
    assert standing(reward)[0] == SOME


def test_a_pool_gives_each_of_its_codes_to_one():
    open_shop()
    reward = make(fulfilment="pool", limit_per_customer=None)
    rewards.add_codes(reward, [f"TEA-{n:05}" for n in range(60)], now=NOW)
    people = [CustomerFactory() for _ in range(100)]

    def giver(number):
        wish = Wish(people[number].pk, "race")
        found = pressed(
            grants.give, reward.pk, [wish], source=GrantSource.HAND, now=NOW
        )
        return found[0]

    answers = at_once(giver, 100)

    assert Counter(map(type, answers)) == {Grant: 60, NoShare: 40}
    assert not Code.objects.filter(grant=None).exists()


def test_what_runs_out_while_it_is_redeemed_is_either():
    open_shop()
    reward = make(life_days=1, limit_per_customer=None)
    texts = [code_for(reward, key=f"k{n}") for n in range(40)]
    end = Grant.objects.first().expires_at
    soon = end - timedelta(seconds=1)

    def work(number):
        if number % 4 == 0:
            return grants.expire(now=end)
        try:
            return pressed(codes.redeem, texts[number], use(f"R-{number}"), now=soon)
        except codes.CodeExpired as error:
            return error

    at_once(work, 40)
    grants.expire(now=end)

    used = Redemption.objects.filter(state="redeemed").count()
    states = Counter(Grant.objects.values_list("state", flat=True))
    assert states == Counter({"done": used, "expired": 40 - used})
    assert standing(reward)[0] == used
