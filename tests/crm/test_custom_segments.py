"""What segments choose by fields that staff made, against plain Python."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import audiences, condition_fields, segment_people
from crm.models import Customer, CustomField
from crm.rules import segment_tree
from crm.services import custom_fields, customers, segments
from tests.factories import NOW, CustomerFactory, UserFactory, text_fields
from web.errors import InvalidValue

pytestmark = pytest.mark.django_db
TODAY = date(2028, 2, 29)
KINDS = (*("text", "number", "money", "date", "choice", "choices", "yes_no", "link"),)


def make(kind, **more):
    if kind in ("choice", "choices"):
        more.setdefault("choices", ["a", "b", "c"])
    by = UserFactory(role="owner")
    return custom_fields.create(label=kind, kind=kind, by=by, now=NOW, **more)


def condition(field, is_, *values, **more):
    written = {"field": f"custom.{field.pk}", "is": is_, **more}
    if values:
        written["values"] = [str(value) for value in values]
    return written


def ids(*parts, match="all"):
    group = segments.checked({"match": match, "parts": list(parts)})
    return set(segment_people.some(group, today=TODAY, most=1000))


# --- Against Python ------------------------------------------------------------------


AMOUNTS = st.decimals(-50, 50, places=2)
VALUES = {
    "text": st.sampled_from(["Tea", "green TEA", "x%y_z", "תה"]),
    "number": st.one_of(st.integers(-3, 3), st.decimals(-9, 9, places=6)),
    "money": st.builds(
        lambda amount, currency: {"amount": str(amount), "currency": currency},
        AMOUNTS,
        st.sampled_from(["EUR", "USD"]),
    ),
    "date": st.one_of(
        st.dates(date(2026, 1, 1), date(2030, 1, 1)),
        st.integers(-40, 40).map(lambda days: TODAY + timedelta(days=days)),
        st.just(date(2027, 2, 28)),
    ),
    "choice": st.sampled_from(["a", "b", "c"]),
    "choices": st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, unique=True),
    "yes_no": st.booleans(),
    "link": st.sampled_from(["https://a.example", "https://b.example/Tea"]),
}
PERIODS = st.builds(
    lambda count, unit: {"count": count, "unit": unit},
    st.integers(1, 14),
    st.sampled_from(["days", "weeks", "months", "years"]),
)


def asked(kind):
    """(operator, values, more) that fit the kind."""
    knowing = st.sampled_from([("known", (), {}), ("unknown", (), {})])
    some = {
        "text": st.tuples(st.just("contains"), st.sampled_from(["tea", "%", "תה"])),
        "link": st.tuples(st.just("contains"), st.sampled_from(["TEA", "b.ex"])),
        "number": st.tuples(
            st.sampled_from(["at_least", "at_most"]), st.decimals(-9, 9, places=6)
        ),
        "money": st.tuples(st.sampled_from(["at_least", "at_most"]), AMOUNTS),
        "date": st.tuples(st.sampled_from(["on_or_after", "before"]), VALUES["date"]),
        "choice": st.tuples(st.sampled_from(["any_of", "none_of"]), VALUES["choices"]),
        "choices": st.tuples(st.sampled_from(["any_of", "none_of"]), VALUES["choices"]),
        "yes_no": st.sampled_from([("yes", ()), ("no", ())]),
    }[kind].map(
        lambda pair: (
            pair[0],
            tuple(pair[1]) if isinstance(pair[1], list | tuple) else (pair[1],),
            {"currency": "EUR"} if kind == "money" else {},
        )
    )
    if kind != "date":
        return st.one_of(some, knowing)
    lengths = st.tuples(
        st.sampled_from(["in_last", "not_in_last", "in_next"]),
        st.just(()),
        PERIODS.map(lambda period: {"period": period}),
    )
    return st.one_of(some, lengths, knowing)


def is_meant(kind, value, is_, values, more):
    """The same condition, asked of one value in plain Python."""
    if is_ in ("known", "unknown"):
        return (value is not None) == (is_ == "known")
    if is_ == "none_of":
        return not is_meant(kind, value, "any_of", values, more)
    if value is None:
        return False
    if is_ == "contains":
        return values[0].lower() in value.lower()
    if is_ == "any_of":
        have = set(value) if kind == "choices" else {value}
        return bool(have & set(values))
    if is_ in ("yes", "no"):
        return value is (is_ == "yes")
    if kind == "date":
        return is_day_meant(value, is_, values, more)
    if kind == "money" and value["currency"] != "EUR":
        return False
    number = Decimal(value["amount"]) if kind == "money" else Decimal(value)
    return number >= values[0] if is_ == "at_least" else number <= values[0]


def is_day_meant(value, is_, values, more):
    if is_ == "on_or_after":
        return value >= values[0]
    if is_ == "before":
        return value < values[0]
    period = segment_tree.Period(
        more["period"]["count"], segment_tree.Unit(more["period"]["unit"])
    )
    if is_ == "in_last":
        return period.before(TODAY) <= value <= TODAY
    if is_ == "in_next":
        return TODAY <= value <= period.after(TODAY)
    return value < period.before(TODAY)


@pytest.mark.parametrize("kind", KINDS)
def test_a_segment_chooses_whom_python_chooses(kind):
    field = make(kind)
    people = [CustomerFactory() for _ in range(4)]

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        values=st.lists(st.one_of(st.none(), VALUES[kind]), min_size=4, max_size=4),
        asked_of=asked(kind),
    )
    def holds(values, asked_of):
        is_, wanted, more = asked_of
        for customer, value in zip(people, values, strict=True):
            customers.update_customer(
                customer, changes={f"custom.{kind}": value}, now=NOW
            )
        meant = {
            customer.pk
            for customer, value in zip(people, values, strict=True)
            if is_meant(kind, value, is_, wanted, more)
        }
        assert ids(condition(field, is_, *wanted, **more)) == meant

    holds()


# --- What may be asked ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "is_", "values", "more"),
    [
        ("text", "any_of", ("x",), {}),
        ("number", "contains", ("1",), {}),
        ("number", "at_least", ("many",), {}),
        ("money", "at_least", ("1",), {}),
        ("money", "known", (), {"currency": "EUR"}),
        ("choice", "any_of", ("d",), {}),
        ("date", "before", ("yesterday",), {}),
        ("yes_no", "yes", ("1",), {}),
    ],
)
def test_what_the_kind_cannot_answer_is_refused(kind, is_, values, more):
    field = make(kind)

    with pytest.raises(InvalidValue):
        ids(condition(field, is_, *values, **more))


def test_conditions_are_told_in_words():
    number = make("number")
    choice = make("choice")
    group = segments.checked({"match": "all", "parts": [
        condition(number, "at_least", "-2.5"), condition(choice, "any_of", "a", "b"),
    ]})  # fmt: skip

    assert segment_people.in_words(group) == (
        "number: at least -2.5 and choice: a or b"
    )


def test_a_renamed_field_and_an_archived_one_go_on_choosing():
    field = make("text")
    dana = CustomerFactory()
    customers.update_customer(dana, changes={"custom.text": "Tea"}, now=NOW)
    row = segments.create(
        name="Tea", by=None, now=NOW,
        conditions={"match": "all", "parts": [condition(field, "contains", "tea")]},
    )  # fmt: skip

    custom_fields.archive(field, by=field.created_by, now=NOW)

    assert segment_people.count(row, today=TODAY) == 1
    names = [one.name for one in condition_fields.all_fields()]
    assert f"custom.{field.pk}" not in names


def test_a_key_with_quotes_is_only_a_key():
    key = 'it\'s "100%" ; {}'
    text_fields(key)
    dana = CustomerFactory(custom={key: "50 % off"})

    found = ids(condition(CustomField.objects.get(), "contains", "% off"))

    assert found == {dana.pk}


# --- The filter of the list ----------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "asked_for"),
    [("choice", "a", "a"), ("choices", ["b", "a"], "a"), ("yes_no", False, "no")],
)
def test_the_list_and_audiences_are_filtered_by_a_value(kind, value, asked_for):
    field = make(kind)
    dana, other = CustomerFactory(), CustomerFactory()
    customers.update_customer(dana, changes={f"custom.{kind}": value}, now=NOW)

    query = audiences.checked(f"field={field.pk}:{asked_for}")

    found = Customer.objects.filter(pk__in=audience_ids(query))
    assert list(found) == [dana]
    assert other.pk not in audience_ids(f"q=dana&{query}")
    assert dana.pk in audience_ids(f"q=dana&{query}")


@pytest.mark.parametrize(
    ("kind", "value", "other", "asked_for"),
    [
        ("choice", "a", "b", "a"),
        ("choices", ["b", "a"], ["b"], "a"),
        ("yes_no", True, False, "yes"),
        ("yes_no", False, True, "no"),
    ],
)
def test_the_filtered_list_is_the_same_segment(kind, value, other, asked_for):
    field = make(kind)
    people = [CustomerFactory() for _ in range(3)]
    for customer, one in zip(people, (value, other), strict=False):
        customers.update_customer(customer, changes={f"custom.{kind}": one}, now=NOW)
    query = audiences.checked(f"field={field.pk}:{asked_for}")

    conditions = audiences.as_conditions(query)

    group = segments.checked(conditions)
    assert set(segment_people.some(group, today=TODAY, most=9)) == {people[0].pk}
    assert audience_ids(query) == {people[0].pk}
    custom_fields.archive(field, by=field.created_by, now=NOW)
    assert audiences.as_conditions(query) is None


def audience_ids(query):
    compiled = audiences.compiled(query, country="", today=TODAY)
    with connection.cursor() as cursor:
        cursor.execute(compiled)
        return {row[0] for row in cursor.fetchall()}


def test_a_filter_that_names_no_value_is_refused():
    field = make("choice")

    for wrong in (f"{field.pk}:d", "0:a", "x:a"):
        with pytest.raises(InvalidValue):
            audiences.checked(f"field={wrong}")
