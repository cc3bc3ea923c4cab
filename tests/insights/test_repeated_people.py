"""The doubt of a change where the same people stand on both sides of it."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.choices import Basis
from insights.comparison import compare
from insights.figures import Unit, figure
from insights.metrics import movement
from insights.metrics.difference import as_change, difference, of_repeated
from insights.metrics.measures import Measure
from insights.metrics.movement import Both, Share
from insights.metrics.periods import Period
from insights.models import Buyer, Spell
from insights.selectors import spans
from insights.selectors.rows import rows_of
from insights.sql import people
from tests.factories import CustomerFactory
from tests.insights.test_retention import spells_in_bulk
from web.rules.movement import Change, Moved, movements

# Of each person: None where they are not in a period, else whether they are counted.
EITHER = st.sampled_from([None, True, False])


def sides(people):
    was = [one for one, _other in people if one is not None]
    now = [other for _one, other in people if other is not None]
    both = [(a, b) for a, b in people if a is not None and b is not None]
    return (
        Share(sum(was), len(was)),
        Share(sum(now), len(now)),
        Both(
            len(both),
            sum(a and b for a, b in both),
            sum(a for a, _b in both),
            sum(b for _a, b in both),
        ),
    )


def by_person(people, was, now):
    """The sum of the squares of what each person pulls the difference by."""
    p, q = was.count / was.base, now.count / now.base
    pulls = [
        (0 if b is None else (b - q) / now.base)
        - (0 if a is None else (a - p) / was.base)
        for a, b in people
    ]
    return sum(pull * pull for pull in pulls)


@given(st.lists(st.tuples(EITHER, EITHER), min_size=2, max_size=120))
@settings(max_examples=100)
def test_the_variance_is_that_of_each_person_reckoned_alone(people):
    people += [(True, None), (None, False)]
    was, now, both = sides(people)

    found = movement.variance_of_change(was, now, both)

    plain = sum(
        one.count / one.base * (1 - one.count / one.base) / one.base
        for one in (was, now)
    )
    wider = movement.variance_of_change(was, now) - plain
    assert wider >= -1e-12  # none and all do not look certain
    assert found == pytest.approx(by_person(people, was, now) + wider, abs=1e-12)
    gone = [(None if a is None else not a, None if b is None else not b)
            for a, b in people]  # fmt: skip
    assert sides(gone)[2] == both.others
    assert movement.variance_of_change(*sides(gone)) == pytest.approx(found, abs=1e-12)


def test_worked_by_hand_all_in_both_is_the_test_of_mcnemar():
    """Of 1000, 600 were kept then and 630 now, 590 of them in both: 10 changed one way
    and 40 the other. McNemar: (50 - 30² ÷ 1000) ÷ 1000² = 0.0000491."""
    was, now = Share(600, 1000), Share(630, 1000)
    both = Both(1000, 590, 600, 630)

    found = movement.variance_of_change(was, now, both)

    assert found == pytest.approx(0.0000491, abs=2e-6)
    assert movement.change_of_shares(was, now, both).p < 0.001
    assert movement.change_of_shares(was, now).p > 0.1  # as if they were strangers
    apart = of_repeated(was, now, both)
    assert (apart.low, apart.high) == pytest.approx((0.0163, 0.0437), abs=5e-4)
    assert of_repeated(Share(3, 9), now, both) is None
    assert movement.change_of_shares(was, was, both).p == 1.0


def test_of_unknown_repetition_the_interval_is_as_wide_as_it_can_be():
    first, second = (
        Measure(0.5, base=99, low=0.4, high=0.6),
        Measure(0.65, base=99, low=0.55, high=0.75),
    )

    apart, widest = difference(first, second), difference(first, second, repeated=True)

    assert (widest.low, widest.high) == pytest.approx((-0.05, 0.35))
    assert widest.low < apart.low < apart.high < widest.high
    assert as_change(widest).p > 0.05 > as_change(apart).p


def test_who_is_in_both_is_counted_from_the_spells(db):
    """Kept in both, in neither that they were in, gone and back, and new between."""
    first, middle, last = date(2025, 1, 1), date(2025, 4, 1), date(2025, 7, 1)
    early, late = date(2024, 6, 1), date(2027, 1, 1)
    spells_in_bulk(
        "orders",
        (5, early, late, 1),
        (3, early, date(2025, 5, 5), 1),
        (2, early, date(2025, 2, 2), 1),
        (4, date(2025, 2, 3), late, 1),
    )
    [back] = CustomerFactory.create_batch(1)
    for at, days in enumerate(((early, date(2025, 2, 2)), (date(2025, 3, 3), late))):
        back_of(back, at + 1, *days)

    pair = Period(first, middle), Period(middle, last)
    [found] = spans.in_both(Basis.ORDERS, [pair])

    assert found == Both(base=9, in_both=5, in_earlier=8, in_later=6)
    assert found.others == Both(base=9, in_both=0, in_earlier=1, in_later=3)
    assert spans.in_both(Basis.CONTRACT, [pair, pair]) == [Both(), Both()]


def back_of(customer, number, starts_on, ends_on):
    Spell.objects.create(
        basis="orders",
        customer=customer,
        number=number,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def test_who_bought_in_both_is_counted_from_their_days(db):
    was, now = (
        (date(2024, 10, 1), date(2025, 1, 1)),
        (date(2025, 10, 1), date(2026, 1, 1)),
    )
    days = [
        [date(2024, 1, 1), date(2024, 10, 1), date(2025, 12, 31)],
        [date(2024, 10, 5), date(2025, 10, 1)],
        [date(2024, 12, 31), date(2026, 1, 1)],
        [date(2025, 10, 2)],
    ]
    people_of = CustomerFactory.create_batch(len(days))
    Buyer.objects.bulk_create(
        Buyer(customer=one, days=each)
        for one, each in zip(people_of, days, strict=True)
    )

    assert rows_of(people.bought_in_both(was, now)) == [(2, 1, 1, 2)]


def test_false_discoveries_are_counted_over_the_whole_page():
    """A figure that alone would have moved has not, beside nine that did not."""
    alone = {"figure": Change(0.1, 0.03)}
    same = [
        figure(f"f{at}", "F", Measure(0.5, low=0.4, high=0.6), Unit.PERCENT,
               sentence="", how="")
        for at in range(9)
    ]  # fmt: skip

    found = compare(("A", "B"), same, same, overlap=False, page=alone)

    assert movements(alone)["figure"] is Moved.UP
    assert found.moved == {"figure": Moved.BY_CHANCE}
    assert {row.verdict for row in found.rows} == {"Not beyond chance."}
