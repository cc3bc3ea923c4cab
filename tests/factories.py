"""Rows for the tests, one factory per table. Add yours at the end, under a heading."""

from datetime import UTC, date, datetime, timedelta

import factory

from crm.models import Customer, Order, User
from crm.rules import names
from messaging.models import Automation, Message

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

# --- crm -----------------------------------------------------------------------------


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda number: f"staff{number}@shop.example")
    name = factory.Sequence(lambda number: f"Noa {number}")
    role = "agent"


class CustomerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Customer

    external_id = factory.Sequence(lambda number: f"C-{number}")
    given_name = "Dana"
    family_name = "Levi"
    greeting_name = "Dana"
    email = factory.Sequence(lambda number: f"dana{number}@example.org")
    email_norm = factory.LazyAttribute(lambda row: names.normalise_email(row.email))
    sort_name = factory.LazyAttribute(
        lambda row: names.sort_name(row.given_name, row.family_name)
    )
    search_text = factory.LazyAttribute(
        lambda row: names.search_text(row.given_name, row.family_name)
    )
    language = "en"
    time_zone = "UTC"
    since_on = date(2019, 5, 12)
    created_at = NOW
    updated_at = NOW


class OrderFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Order

    customer = factory.SubFactory(CustomerFactory)
    external_id = factory.Sequence(lambda number: f"O-{number}")
    number = factory.SelfAttribute("external_id")
    nature = "sale"
    state = "placed"
    ordered_at = NOW
    ordered_on = factory.LazyAttribute(lambda row: row.ordered_at.date())
    currency = "EUR"
    total = 24


# --- messaging -----------------------------------------------------------------------


class AutomationFactory(factory.django.DjangoModelFactory):
    """Switched on long ago; its kind is a word of the test's own choice."""

    class Meta:
        model = Automation
        django_get_or_create = ("kind",)

    kind = "test_kind"
    name = factory.SelfAttribute("kind")
    is_on = True
    switched_on_at = NOW - timedelta(days=365)


class MessageFactory(factory.django.DjangoModelFactory):
    """A survey that is planned for now."""

    class Meta:
        model = Message

    customer = factory.SubFactory(CustomerFactory)
    kind = "test_kind"
    category = "survey"
    occurrence = factory.Sequence(lambda number: f"occurrence-{number}")
    language = "en"
    due_on = factory.LazyAttribute(lambda row: row.not_before.date())
    not_before = NOW
    expires_at = factory.LazyAttribute(lambda row: row.not_before + timedelta(days=7))
    planned_at = factory.LazyAttribute(lambda row: row.not_before - timedelta(days=1))
