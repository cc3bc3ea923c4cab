"""What a row of the customer list costs, counted in work and not in time."""

import sys

import pytest
from django.template.base import Node
from django.utils.translation import trans_real

from tests.desk.conftest import NOW, make_customer
from tests.factories import OrderFactory


def calls_of(functions, work):
    """How often each of these was called."""
    counted = dict.fromkeys((function.__code__ for function in functions), 0)

    def note(frame, event, _argument):
        if event == "call" and frame.f_code in counted:
            counted[frame.f_code] += 1

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return list(counted.values())


@pytest.mark.django_db
def test_a_row_translates_nothing_and_asks_few_parts_of_its_template(desk):
    def work():
        functions = [trans_real.gettext, Node.render_annotated]
        return calls_of(functions, lambda: desk.get("/customers/"))

    def more(numbers):
        for number in numbers:
            someone = make_customer(f"Ana{number}", "Berg", email=f"a{number}@a.org")
            OrderFactory(customer=someone, ordered_at=NOW)

    more(range(2))
    work()
    words, nodes = work()

    more(range(2, 12))
    more_words, more_nodes = work()

    assert more_words == words
    assert (more_nodes - nodes) / 10 <= 14
