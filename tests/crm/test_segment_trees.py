"""Trees of conditions about fields of staff, companies, second addresses and other
segments, against plain Python: each condition comes with the function that it means."""

import random
from datetime import date

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import segment_people
from crm.rules.choices import AddressKind
from crm.services import addresses, companies, custom_fields, customers, segments
from tests.factories import NOW as MADE_AT
from tests.factories import CustomerFactory, UserFactory

pytestmark = pytest.mark.django_db
# A month before it ends on a day that February does not have.
TODAY = date(2028, 3, 31)
DAYS = (
    TODAY,
    date(2028, 2, 29),
    date(2028, 2, 28),
    date(2027, 2, 28),
    date(2020, 1, 1),
    None,
)
NAMES = ("Acme", "Borg", "Holding")
SECOND = ("second@x.example", "other@y.example", "")
PEOPLE = 12


def month_before(count):
    """Written out: 31 March is a month after the last day of February."""
    return {1: date(2028, 2, 29), 13: date(2027, 2, 28)}[count]


class Shop:
    """Twelve people made by lot; what is known of each stands beside the record."""

    def __init__(self, lot):
        by = UserFactory(role="owner")
        self.fields = {
            kind: custom_fields.create(
                label=kind, kind=kind, by=by, now=MADE_AT,
                choices=["a", "b"] if kind == "choices" else (),
            )
            for kind in ("choices", "number", "date")
        }  # fmt: skip
        holding = companies.create_company(name="Holding", now=MADE_AT)
        self.companies = {"Holding": holding} | {
            name: companies.create_company(
                name=name, parent=holding if name == "Acme" else None, now=MADE_AT
            )
            for name in ("Acme", "Borg")
        }
        self.known = {}
        for _ in range(PEOPLE):
            facts = {
                "country": lot.choice(["DE", "AT", ""]),
                "choices": lot.choice([["a"], ["b"], ["a", "b"], []]),
                "number": lot.choice(["-2", "0.5", "3", ""]),
                "date": lot.choice(DAYS),
                "companies": lot.sample(NAMES, lot.randint(0, 2)),
                "second": lot.choice(SECOND),
            }
            self.known[self.make(facts).pk] = facts
        self.german = self.segment("German", asks("country", "any_of", "DE"))
        inner = asks("segment", "none_of", str(self.german.pk))
        self.others = self.segment("Others", inner)

    def make(self, facts):
        customer = CustomerFactory(country=facts["country"])
        changes = {f"custom.{kind}": facts[kind] for kind in self.fields}
        customers.update_customer(customer, changes=changes, now=MADE_AT)
        for name in facts["companies"]:
            companies.link(self.companies[name], customer, role="", now=MADE_AT)
        if facts["second"]:
            addresses.add(
                customer, kind=AddressKind.EMAIL, value=facts["second"], now=MADE_AT
            )
        return customer

    def segment(self, name, part):
        conditions = {"match": "all", "parts": [part]}
        return segments.create(name=name, conditions=conditions, by=None, now=MADE_AT)


def asks(field, is_, *values, **more):
    written = {"field": field, "is": is_, **more}
    return {**written, "values": list(values)} if values else written


def leaves(shop):
    """(condition, what it means of the facts)."""
    own = {kind: f"custom.{field.pk}" for kind, field in shop.fields.items()}
    german, others = str(shop.german.pk), str(shop.others.pk)
    acme, borg = (str(shop.companies[name].pk) for name in ("Acme", "Borg"))

    def within(count):
        return {"period": {"count": count, "unit": "months"}}

    def day(function):
        return lambda f: f["date"] is not None and function(f["date"])

    found = [
        (asks(own["choices"], "any_of", "a"), lambda f: "a" in f["choices"]),
        (asks(own["choices"], "none_of", "a", "b"), lambda f: not f["choices"]),
        (asks(own["choices"], "known"), lambda f: bool(f["choices"])),
        (asks(own["number"], "at_least", "0.5"), lambda f: f["number"] in ("0.5", "3")),
        (asks(own["number"], "at_most", "0"), lambda f: f["number"] == "-2"),
        (asks(own["number"], "unknown"), lambda f: f["number"] == ""),
        (asks(own["date"], "before", "2028-02-29"),
         day(lambda d: d < date(2028, 2, 29))),
        (asks("company.one", "any_of", acme, borg),
         lambda f: bool({"Acme", "Borg"} & set(f["companies"]))),
        (asks("company.one", "none_of", acme), lambda f: "Acme" not in f["companies"]),
        (asks("company.name", "contains", "OR"), lambda f: "Borg" in f["companies"]),
        (asks("company.parent", "contains", "hold"),
         lambda f: "Acme" in f["companies"]),
        (asks("company.parent", "unknown"), lambda f: "Acme" not in f["companies"]),
        (asks("search", "contains", "second@x.example"),
         lambda f: f["second"] == "second@x.example"),
        (asks("segment", "any_of", german), lambda f: f["country"] == "DE"),
        (asks("segment", "any_of", others), lambda f: f["country"] != "DE"),
        (asks("segment", "none_of", german, others),
         lambda f: False),
    ]  # fmt: skip
    for count in (1, 13):
        first = month_before(count)
        found += [
            (asks(own["date"], "in_last", **within(count)),
             day(lambda d, first=first: first <= d <= TODAY)),
            (asks(own["date"], "not_in_last", **within(count)),
             day(lambda d, first=first: d < first)),
        ]  # fmt: skip
    return found


def group(parts):
    """A group of such pairs is such a pair."""
    return st.builds(
        lambda match, inner: (
            {"match": match, "parts": [one for one, _ in inner]},
            lambda f: {
                "all": all(means(f) for _, means in inner),
                "any": any(means(f) for _, means in inner),
                "none": not any(means(f) for _, means in inner),
            }[match],
        ),
        st.sampled_from(["all", "any", "none"]),
        st.lists(parts, min_size=1, max_size=3),
    )


@pytest.mark.parametrize("seed", [6, pytest.param(13, marks=pytest.mark.slow)])
def test_trees_choose_whom_python_chooses(seed):
    shop = Shop(random.Random(seed))
    leaf = st.sampled_from(leaves(shop))
    trees = group(st.one_of(leaf, group(st.one_of(leaf, group(leaf)))))

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(tree=trees)
    def holds(tree):
        conditions, means = tree
        query = segment_people.select_of(segments.checked(conditions), today=TODAY)
        with connection.cursor() as cursor:
            cursor.execute(query)
            found = sorted(row[0] for row in cursor.fetchall())
        assert found == sorted(pk for pk, f in shop.known.items() if means(f))

    holds()


def test_each_of_the_conditions_chooses_somebody_and_not_everybody():
    shop = Shop(random.Random(6))
    for conditions, means in leaves(shop):
        group_of_one = {"match": "all", "parts": [conditions]}
        chosen = segment_people.count_of(segments.checked(group_of_one), today=TODAY)
        meant = sum(means(facts) for facts in shop.known.values())
        assert chosen == meant, conditions
        is_nobody = conditions["field"] == "segment" and len(conditions["values"]) > 1
        assert 0 < meant < PEOPLE or is_nobody, conditions
