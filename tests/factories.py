"""Rows for the tests, one factory per table. Add yours at the end, under a heading."""

from datetime import UTC, date, datetime, timedelta

import factory

from crm.models import Customer, Order, OrderLine, Product, User
from crm.rules import names, search
from crm.services import custom_fields
from feedback.models import Review, ReviewRequest
from messaging.models import Automation, AutomationStep, Message
from messaging.services import versions
from surveys.models import Asking, Invitation, Response, Survey, SurveyVersion
from surveys.rules.questionnaire import NPS, to_json

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
        lambda row: search.search_text(row.given_name, row.family_name)
    )
    language = "en"
    time_zone = "UTC"
    since_on = date(2019, 5, 12)
    # As of everybody whom the shop already knew; "" is somebody new without an order.
    mail_ground = "A customer from before grounds were recorded"
    created_at = NOW
    updated_at = NOW

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        """With a field of text for each value that staff's fields hold."""
        text_fields(*kwargs.get("custom", ()))
        return super()._create(model_class, *args, **kwargs)


def text_fields(*keys):
    """Fields of text that an import has made."""
    custom_fields.make_of_columns(set(keys), now=NOW)


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
    """Switched on a month ago; its kind is a word of the test's own choice."""

    class Meta:
        model = Automation
        django_get_or_create = ("kind",)
        skip_postgeneration_save = True

    kind = "test_kind"
    name = factory.SelfAttribute("kind")
    is_on = True
    switched_on_at = NOW - timedelta(days=30)

    @factory.post_generation
    def first_step(row, create, extracted, **_):
        if create and not row.steps.exists():
            AutomationStep.objects.create(automation=row, position=1, origin=1)
            versions.write(row, now=NOW)


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


# --- feedback ------------------------------------------------------------------------


class ProductFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Product

    sku = factory.Sequence(lambda number: f"SKU-{number}")
    name = "Ethiopia 1 kg"


class OrderLineFactory(factory.django.DjangoModelFactory):
    """A purchase of one real product."""

    class Meta:
        model = OrderLine

    order = factory.SubFactory(OrderFactory)
    line_key = factory.Sequence(str)
    customer = factory.SelfAttribute("order.customer")
    product = factory.SubFactory(ProductFactory)
    ordered_on = factory.SelfAttribute("order.ordered_on")
    quantity = 1
    unit_price = 24
    amount = 24
    nature = "purchase"


class ReviewRequestFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ReviewRequest

    order = factory.SubFactory(OrderFactory)
    customer = factory.SelfAttribute("order.customer")
    requested_at = NOW
    expires_at = factory.LazyAttribute(
        lambda row: row.requested_at + timedelta(days=90)
    )


class ReviewFactory(factory.django.DjangoModelFactory):
    """Held, and not read yet."""

    class Meta:
        model = Review

    request = factory.SubFactory(ReviewRequestFactory, state="answered")
    customer = factory.SelfAttribute("request.customer")
    stars = 4
    body = "Good coffee."
    name_shown = "Dana"
    language = "en"
    state = "held"
    held_reason = "first_read"
    written_at = NOW


# --- surveys -------------------------------------------------------------------------


def survey_asked_by(kind="survey_after_delivery"):
    """The first survey that an automation of this kind asks, as every installation has
    it; made where tests have emptied the tables."""
    asking = Asking.objects.filter(automation__kind=kind).order_by("id").first()
    if asking is None:
        asking = Asking.objects.create(
            automation=AutomationFactory(kind=kind), survey=SurveyFactory(name=kind)
        )
    return asking.survey


class SurveyFactory(factory.django.DjangoModelFactory):
    """Live, with the questions of its kind; no automation asks it."""

    class Meta:
        model = Survey

    kind = "nps"
    name = "Recommend"

    @classmethod
    def _create(cls, model_class, *args, content=None, **kwargs):
        survey = super()._create(model_class, *args, **kwargs)
        version = SurveyVersion.objects.create(
            survey=survey,
            number=1,
            state="published",
            content=content or to_json(NPS),
            made_at=NOW,
            published_at=NOW,
        )
        survey.live_version, survey.state = version, "live"
        survey.save(update_fields=["live_version", "state"])
        return survey


class InvitationFactory(factory.django.DjangoModelFactory):
    """Sent an hour ago, and open."""

    class Meta:
        model = Invitation

    survey = factory.LazyFunction(survey_asked_by)
    asking = factory.LazyAttribute(lambda row: row.survey.askings.first())
    customer = factory.SubFactory(CustomerFactory)
    occurrence = factory.Sequence(lambda number: f"order:main:{number}")
    message = factory.SubFactory(
        MessageFactory,
        customer=factory.SelfAttribute("..customer"),
        occurrence=factory.SelfAttribute("..occurrence"),
        kind="survey_after_delivery",
        state="sent",
        final_at=NOW - timedelta(hours=1),
        not_before=NOW - timedelta(hours=1),
    )
    invited_at = NOW - timedelta(hours=1)
    expires_at = factory.LazyAttribute(lambda row: row.invited_at + timedelta(days=30))


class ResponseFactory(factory.django.DjangoModelFactory):
    """A confirmed answer; its invitation is answered."""

    class Meta:
        model = Response

    invitation = factory.SubFactory(
        InvitationFactory, state="answered", survey=factory.SelfAttribute("..survey")
    )
    survey = factory.LazyFunction(survey_asked_by)
    survey_version = factory.SelfAttribute("survey.live_version")
    customer = factory.SelfAttribute("invitation.customer")
    scale = "nps"
    score = 9
    state = "confirmed"
    first_at = NOW
    confirmed_at = factory.SelfAttribute("first_at")
    completed_at = factory.SelfAttribute("confirmed_at")
    changeable_until = factory.LazyAttribute(
        lambda row: row.first_at + timedelta(hours=24)
    )
    language = "en"
