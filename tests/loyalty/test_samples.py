"""A free sample chosen by product goes with its suggestion."""

import pytest
from django.urls import reverse

from loyalty.models import Complement, Grant
from loyalty.services import mail_gifts
from messaging import kinds
from messaging.services import automation_rows, automations
from tests.factories import ProductFactory, UserFactory
from tests.journeys.support import open_business
from tests.loyalty.reward_shop import make
from tests.loyalty.test_suggestions import AFTER, DAY, NOW, PRICED, got, sweep
from tests.pages import read

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(time_machine):
    time_machine.move_to(NOW, tick=False)
    open_business()
    row = automation_rows.create(kinds.get("goes_with"), now=NOW - DAY)
    automations.switch_on(row, now=NOW - DAY)


def pair(name):
    bought = ProductFactory(name=f"{name} beans", **PRICED)
    other = ProductFactory(name=f"{name} cup", **PRICED)
    return Complement.objects.create(product=bought, goes_with=other, pick="chosen")


def test_staff_choose_a_sample_and_it_goes_in_place_of_the_steps_reward(client):
    usual = make("Any sample", kind="sample", fulfilment="desk")
    cup = make("A cup sample", kind="sample", fulfilment="desk")
    offer = make("Ten off")
    own, none = pair("Kenya"), pair("Java")
    client.force_login(UserFactory(role="owner"))
    url = reverse("loyalty:complement-set", args=[own.pk])

    page = reverse("loyalty:complements", args=[own.product_id])
    assert "Ten off" not in read(client.get(page), "A cup sample", "As the step says")
    assert client.post(url, {"to": "sample", "sample": offer.pk}).status_code == 404
    for _twice in range(2):
        client.post(url, {"to": "sample", "sample": cup.pk})
    own.refresh_from_db()
    assert (own.sample, own.pick) == (cup, "chosen")

    people = [got(one.product, AFTER["goes_with"]) for one in (own, none)]
    messages = sweep()
    for _try in range(2):
        assert mail_gifts.take({usual.pk: messages}, now=NOW) == {}
    given = {one.customer_id: one.reward for one in Grant.objects.all()}
    assert given == {people[0].pk: cup, people[1].pk: usual}

    client.post(url, {"to": "hide"})
    own.refresh_from_db()
    assert (own.sample, own.pick) == (None, "hidden")
