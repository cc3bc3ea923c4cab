"""A tick that counts ledgers beside whoever posts to them loses nothing."""

import threading
from decimal import Decimal

import pytest
from django.db import transaction

from insights.models import Held, StaleMembership
from insights.services import held
from loyalty.services.programmes import spending
from loyalty.services.programmes.spending import Wanted
from tests.factories import CustomerFactory
from tests.loyalty.programme_shop import at, earn, member, open_shop, programme
from tests.loyalty.test_passes_together import PATIENCE, Beside

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("is_marked", [True, False])
def test_what_is_posted_beside_a_tick_is_counted_by_the_next(is_marked):
    """The tick passes by a ledger that somebody posts to at this moment, whether it was
    marked before or not."""
    open_shop()
    made, dana, noa = programme(), CustomerFactory(), CustomerFactory()
    for person in (dana, noa):
        earn(person, made, 10, at("2026-03-01"))
    if not is_marked:
        held.process_pending()
    posted, go = threading.Event(), threading.Event()

    def post():
        with transaction.atomic():
            wanted = Wanted(amount=Decimal(10), key="a")
            spending.spend(member(dana), wanted, now=at("2026-04-01"))
            posted.set()
            assert go.wait(PATIENCE)

    beside = Beside(post)
    assert posted.wait(PATIENCE)
    counted = held.process_pending()
    go.set()
    beside.done()
    left = list(StaleMembership.objects.values_list("membership__customer", flat=True))
    later = held.process_pending()

    assert (counted, left, later) == (1 if is_marked else 0, [dana.pk], 1)
    rows = Held.objects.order_by("customer").values_list("customer", "until_month")
    until = {pk: str(month) for pk, month in rows}
    assert until == {dana.pk: "2026-04-01", noa.pk: "None"}
