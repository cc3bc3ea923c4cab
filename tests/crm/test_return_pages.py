"""Staff link returns without a purchase, or leave them, and undo both."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from crm.models import OrderLine, ReturnChoice, ReturnMatch, UnmatchedReturn
from crm.services import orders, returns
from crm.services.orders import OrderLineInput
from tests.factories import NOW, CustomerFactory, UserFactory
from tests.pages import read

pytestmark = pytest.mark.django_db
LIST = "/returns/"
# Whatever the number of rows.
MOST = 6


def record(customer, order_id, day, sku, quantity, **named):
    orders.record_order(
        now=NOW,
        customer=customer,
        order_id=order_id,
        ordered_at=NOW - timedelta(days=day),
        lines=[OrderLineInput(sku, Decimal(quantity), Decimal(5), **named)],
    )


@pytest.fixture
def dana():
    return CustomerFactory(external_id="C-1")


@pytest.fixture
def desk(client):
    client.force_login(UserFactory(name="Noa"))
    return client


@pytest.fixture
def unmatched(dana):
    """One cup came back; a pot was bought before, and another after."""
    record(dana, "1", 9, "POT", 2)
    record(dana, "2", 1, "POT", 2)
    record(dana, "R", 5, "CUP", -1, returns_order="A-7")
    returns.process_pending(now=NOW)
    return UnmatchedReturn.objects.get()


def bought(number):
    return OrderLine.objects.get(order__number=number)


def test_the_list_says_who_what_and_why(desk, unmatched):
    page = read(desk.get(LIST))

    assert "Dana Levi" in page
    assert "CUP" in page
    assert "It names an order that is not known: <bdi>A-7</bdi>" in page


def test_a_return_is_linked_with_a_purchase_from_before_and_that_is_undone(
    desk, unmatched
):
    url = reverse("crm:return-link", args=[unmatched.pk])
    shown = desk.get(url).context["purchases"]
    assert [line.order.number for line in shown] == ["1"]

    page = read(desk.post(url, {"purchase": bought("1").pk}, follow=True))

    match = ReturnMatch.objects.get()
    assert (match.order.number, match.quantity, match.basis) == ("1", 1, "chosen")
    assert "Every return found its purchase." in page
    choice = ReturnChoice.objects.get()
    undo = reverse("crm:return-undo", args=[choice.pk])
    assert undo in page
    assert "Linked with" in read(desk.get(f"{LIST}?tab=decided"))

    assert "CUP" in read(desk.post(undo, follow=True))
    assert not ReturnMatch.objects.exists()


def test_a_choice_of_nothing_says_so_and_keeps_the_page(desk, unmatched):
    answer = desk.post(reverse("crm:return-link", args=[unmatched.pk]))

    assert answer.status_code == 422
    assert "Error: choose a purchase first." in read(answer, status=422)
    assert not ReturnChoice.objects.exists()


def test_a_purchase_of_somebody_else_is_refused(desk, unmatched):
    record(CustomerFactory(), "9", 9, "CUP", 2)
    url = reverse("crm:return-link", args=[unmatched.pk])

    page = read(desk.post(url, {"purchase": bought("9").pk}, follow=True))

    assert "This purchase was changed in the meantime." in page
    assert not ReturnChoice.objects.exists()


def test_what_is_left_alone_leaves_the_list_and_comes_back(desk, unmatched):
    leave = reverse("crm:return-leave", args=[unmatched.pk])
    assert "Every return found its purchase." in read(desk.post(leave, follow=True))

    undo = reverse("crm:return-undo", args=[ReturnChoice.objects.get().pk])
    assert "CUP" in read(desk.post(undo, follow=True))
    assert "not there any more" in read(desk.post(undo, follow=True))


def test_pages_go_on_from_the_last_row_in_a_constant_number_of_queries(
    desk, dana, django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr("crm.views.returns.SIZE", 2)
    for day in range(3):
        record(dana, f"R{day}", day, "CUP", -1)
    returns.process_pending(now=NOW)

    first = desk.get(LIST)
    second = desk.get(LIST, {"older": first.context["page"].older})

    assert [row.order.number for row in first.context["rows"]] == ["R0", "R1"]
    assert [row.order.number for row in second.context["rows"]] == ["R2"]
    with django_assert_num_queries(MOST):
        desk.get(LIST)
    for day in range(4):
        record(dana, f"R{day}", day, "CUP", -1)
    returns.process_pending(now=NOW)
    with django_assert_num_queries(MOST):
        desk.get(LIST)
