"""Who is asked for a review: everybody who bought, by one rule, once per order."""

import inspect
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from crm.models import Business, Customer, Order, OrderLine
from feedback import kinds, selectors
from feedback.kinds import ReviewRequestKind
from feedback.models import ReviewRequest
from messaging import kinds as registry
from messaging.models import Automation, Message
from messaging.rendering import MailUrls, render, sample
from messaging.services import automations, planning, previews
from tests.factories import (
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
    ReviewFactory,
    ReviewRequestFactory,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DELIVERED = date(2026, 11, 8)  # 14 days before 22 November


@pytest.fixture
def automation(db):
    automations.ensure_automations()
    row = Automation.objects.get(kind="review_request")
    return automations.switch_on(row, now=datetime(2026, 1, 1, tzinfo=UTC))


def kind():
    return registry.get("review_request")


def sweep(now=NOW):
    return planning.sweep(now=now, kinds=["review_request"])["review_request"]


def planned():
    return list(Message.objects.order_by("id"))


def bought(line=None, **order):
    order = {
        "ordered_at": datetime(2026, 11, 4, tzinfo=UTC),
        "delivered_on": DELIVERED,
        "state": "delivered",
        **order,
    }
    return OrderLineFactory(order=OrderFactory(**order), **(line or {})).order


# --- Who is due ----------------------------------------------------------------------


def test_an_order_is_asked_about_14_days_after_it_arrived(automation):
    order = bought(external_id="536367")

    sweep()

    (row,) = planned()
    assert (row.customer, row.occurrence) == (order.customer, "order:main:536367")
    assert row.due_on == date(2026, 11, 22)
    assert row.not_before == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert row.why == {"order": order.pk, "arrived": "2026-11-08"}


def test_an_arrival_that_was_not_reported_is_assumed(automation):
    Business.objects.update(assumed_delivery_days=4)
    bought(delivered_on=None, state="placed")

    sweep()

    assert [row.due_on for row in planned()] == [date(2026, 11, 22)]


@pytest.mark.parametrize(
    ("order", "line"),
    [
        ({"state": "cancelled"}, {}),
        ({"nature": "return"}, {}),
        ({"delivered_on": date(2026, 11, 12)}, {}),
        ({}, {"nature": "return"}),
        ({}, {"nature": "charge"}),
    ],
)
def test_what_was_no_purchase_is_not_asked_about(automation, order, line):
    bought(line, **order)

    assert sweep()["planned"] == 0


def test_postage_alone_is_not_asked_about(automation):
    bought({"product": ProductFactory(nature="postage")})

    assert sweep()["planned"] == 0


def test_the_same_order_is_asked_about_once(automation):
    order = bought()
    sweep()
    Message.objects.update(state="sent", final_at=NOW)
    Order.objects.filter(pk=order.pk).update(delivered_on=DELIVERED + DAY)

    for step in range(30):
        sweep(NOW + step * DAY)

    assert len(planned()) == 1


def test_every_order_is_an_occurrence_of_its_own(automation):
    first = bought()
    bought(customer=first.customer)

    assert sweep()["planned"] == 2


def test_long_order_numbers_are_hashed(automation):
    for letter in "ab":
        bought(external_id="x" * 119 + letter, number="x", source="s" * 40)

    assert sweep()["planned"] == 2
    assert all(
        row.occurrence.startswith("order:sha256:") and len(row.occurrence) == 77
        for row in planned()
    )


def test_the_sweep_uses_the_indexes_of_arrivals(automation):
    many_orders(customer=bought().customer)
    found = selectors.orders_to_review(
        date(2026, 5, 20), date(2026, 5, 24), wait_days=14, assumed_delivery_days=4
    )

    plan = found.explain()

    assert "order_delivered" in plan
    assert "order_assumed_delivered" in plan


def many_orders(customer):
    """Six years of them, so that the planner chooses as it would in a real shop."""
    day = timedelta(days=1)
    Order.objects.bulk_create(
        OrderFactory.build(
            customer=customer,
            ordered_on=date(2020, 6, 1) + n % 2200 * day,
            delivered_on=date(2020, 6, 4) + n % 2200 * day if n % 2 else None,
        )
        for n in range(6000)
    )
    product = ProductFactory()
    OrderLine.objects.bulk_create(
        OrderLineFactory.build(order=order, customer=customer, product=product)
        for order in Order.objects.all()
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE crm_order, crm_orderline")


# --- Never by score ------------------------------------------------------------------


def test_those_who_scored_low_are_asked_like_those_who_scored_high(automation):
    happy, unhappy, silent = bought(), bought(), bought()
    for order, stars in ((happy, 5), (unhappy, 1)):
        old = ReviewRequestFactory(order=OrderFactory(customer=order.customer))
        ReviewFactory(request=old, stars=stars)

    sweep()

    customers = {order.customer_id for order in (happy, unhappy, silent)}
    assert {row.customer_id for row in planned()} == customers
    assert len({(row.due_on, row.priority, row.not_before) for row in planned()}) == 1


def test_the_question_who_is_due_reads_no_answer_and_no_review(automation):
    found = kind().due(automation, planning.window_of(automation, None, NOW), NOW)
    sql = str(found.query)

    for word in ("survey", "feedback", "score", "stars", "response"):
        assert word not in sql


def test_the_question_who_is_due_starts_from_the_days_of_orders_alone(automation):
    """A join of customers, or of lines, may read them all."""
    found = kind().due(automation, planning.window_of(automation, None, NOW), NOW)
    sql = str(found.query)

    assert "crm_customer" not in sql
    assert sql.index("WHERE") < sql.index("crm_orderline")
    assert "EXISTS" not in sql


def test_who_was_merged_or_erased_is_asked_nothing(automation):
    kept, gone, erased = bought(), bought(), bought()
    Customer.objects.filter(pk=gone.customer_id).update(merged_into=kept.customer)
    Customer.objects.filter(pk=erased.customer_id).update(erased_at=NOW)

    sweep()

    assert [row.customer_id for row in planned()] == [kept.customer_id]
    assert [next_.customer for next_ in previews.next_people(automation, now=NOW)] == [
        kept.customer
    ]


def test_nothing_that_staff_may_set_mentions_a_score():
    assert ReviewRequestKind.params_form is None
    assert ReviewRequestKind.default_params == {}
    asking = inspect.getsource(kinds) + inspect.getsource(selectors.orders_to_review)
    assert "surveys" not in asking


def test_it_counts_as_a_survey():
    assert ReviewRequestKind.category == "survey"
    # Longer than the limit of one in 30 days: late instead of never.
    assert ReviewRequestKind.life_days > 30


# --- Asked again at the claim --------------------------------------------------------


def reasons(now=NOW):
    return [reason.code for reason in kind().no_longer_due(planned(), now).values()]


def test_on_the_day_nothing_speaks_against_it(automation):
    bought()
    sweep()

    assert reasons() == []


def test_a_cancelled_order_is_not_asked_about(automation):
    order = bought()
    sweep()
    Order.objects.filter(pk=order.pk).update(state="cancelled")

    assert reasons() == ["order_cancelled"]


def test_an_order_that_was_reviewed_is_not_asked_about(automation):
    order = bought()
    sweep()
    ReviewFactory(request=ReviewRequestFactory(order=order))

    assert reasons() == ["already_reviewed"]


@pytest.mark.parametrize(("total", "codes"), [(-24, ["order_returned"]), (-12, [])])
def test_only_a_whole_return_is_a_reason_not_to_ask(automation, total, codes):
    order = bought()
    sweep()
    OrderFactory(
        customer=order.customer, nature="return", returns_order=order, total=total
    )

    assert reasons() == codes


def test_a_return_that_was_cancelled_is_no_reason_not_to_ask(automation):
    order = bought()
    sweep()
    OrderFactory(
        customer=order.customer,
        nature="return",
        returns_order=order,
        state="cancelled",
        total=-24,
    )

    assert reasons() == []


def test_an_order_that_is_gone_is_not_asked_about(automation):
    order = bought()
    sweep()
    order.lines.all().delete()
    order.delete()

    assert reasons() == ["order_gone"]


def test_an_arrival_later_than_assumed_is_planned_anew(automation):
    order = bought(delivered_on=None, state="placed")
    sweep()
    Order.objects.filter(pk=order.pk).update(delivered_on=DELIVERED + 5 * DAY)

    assert reasons() == ["superseded_date_changed"]
    Message.objects.update(state="superseded", final_at=NOW)
    sweep(NOW + 5 * DAY)
    assert [row.due_on for row in planned()] == [
        date(2026, 11, 22),
        date(2026, 11, 27),
    ]


# --- What the mail needs -------------------------------------------------------------


def prepare():
    return kind().prepare(planned(), NOW)


def test_preparing_makes_one_request_however_often(automation):
    order = bought()
    sweep()

    first, second = prepare(), prepare()

    request = ReviewRequest.objects.get()
    assert (request.order, request.message) == (order, planned()[0])
    (context,) = first.values()
    assert context.links["review"].subject_id == request.pk
    assert first.keys() == second.keys()


def test_a_replanned_message_takes_the_request_over(automation):
    bought()
    sweep()
    prepare()
    Message.objects.update(state="superseded", final_at=NOW)
    sweep()

    new = planned()[1]
    kind().prepare([new], NOW)

    assert ReviewRequest.objects.get().message == new


def test_the_mail_names_the_largest_purchase(automation):
    order = bought({"amount": 5})
    OrderLineFactory(order=order, amount=50, product=ProductFactory(name="Grinder"))
    sweep()

    (context,) = prepare().values()

    assert context.words["product"] == "Grinder"


def test_preparing_many_asks_the_database_as_often_as_preparing_one(
    automation, django_assert_max_num_queries
):
    for _ in range(20):
        bought()
    sweep()
    rows = planned()

    # Two of them are the savepoint.
    with django_assert_max_num_queries(8):
        kind().prepare(rows, NOW)


def test_why_names_the_order_and_its_day(automation):
    bought(external_id="536367")
    sweep()

    assert list(kind().explain(planned()).values()) == [
        "Order 536367 arrived on 8 November 2026."
    ]


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant", "he"])
def test_the_mail_renders_with_five_equal_stars(db, language):
    mail = sample(kind(), language, NOW)

    for stars in range(1, 6):
        assert f"/r/sample/?stars={stars}" in mail.html
    assert "/r/sample/" in mail.text
    assert f'dir="{"rtl" if language == "he" else "ltr"}"' in mail.html
    assert "{" not in mail.subject


def test_a_product_cannot_write_into_the_mail(automation):
    bought({"product": ProductFactory(name="<img src=x onerror=alert(1)>{{7*7}}")})
    sweep()
    (row,) = planned()
    urls = MailUrls(
        links={"review": "https://shop.example/r/x/"}, stop="", preferences=""
    )

    mail = render(
        row, kind(), prepare()[row.pk], urls=urls, business=Business.objects.get()
    )

    assert "<img src=x" not in mail.html
    assert "&lt;img src=x onerror=alert(1)&gt;{{7*7}}" in mail.html


def test_the_mail_speaks_the_customers_language(automation):
    order = bought()
    Customer.objects.filter(pk=order.customer_id).update(language="he")
    sweep()
    (context,) = prepare().values()

    assert context.words["day"] == "4 בנובמבר 2026"
