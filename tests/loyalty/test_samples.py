"""A free sample chosen by product goes with its suggestion."""

import pytest
from django.urls import reverse

from loyalty.models import Complement, Grant
from loyalty.services import complements
from loyalty.services.rewards import Words
from messaging import kinds
from messaging.models import Automation, Body
from messaging.services import automation_rows, automations, steps
from messaging.services.delivery import deliver
from tests.factories import ProductFactory, UserFactory
from tests.journeys.support import open_business
from tests.loyalty.reward_shop import make
from tests.loyalty.test_suggestions import AFTER, DAY, NOW, PRICED, got, sweep
from tests.pages import read

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(db, time_machine, settings, tmp_path):
    settings.MAIL_TRANSPORT, settings.JOURNAL_FOLDER = "outbox", tmp_path
    time_machine.move_to(NOW, tick=False)
    open_business()
    row = automation_rows.create(kinds.get("goes_with"), now=NOW - DAY)
    automations.switch_on(row, now=NOW - DAY)


def pair(name):
    bought = ProductFactory(name=f"{name} beans", **PRICED)
    other = ProductFactory(name=f"{name} cup", **PRICED)
    return Complement.objects.create(product=bought, goes_with=other, pick="chosen")


def gives(reward):
    row = Automation.objects.get(kind="goes_with")
    steps.change(
        row, version=row.version, position=1, wait_days=0, stop_on=[],
        gift=reward.pk, has_offer=False, without_offer_allowed=False, now=NOW - DAY,
    )  # fmt: skip


def sent():
    """Customer to the mail that they got."""
    sweep()
    deliver(now=NOW)
    return {one.message.customer_id: one.text for one in Body.objects.all()}


def test_a_sample_goes_though_the_step_gives_nothing_else_in_words_alone():
    cup = make(
        "A cup sample", kind="sample", fulfilment="desk", stock=1,
        words={"en": Words("A cup to try")},
    )  # fmt: skip
    with_it, without = pair("Kenya"), pair("Java")
    complements.give_sample(with_it, cup, now=NOW)
    people = [got(with_it.product, AFTER["goes_with"]) for _ in range(2)]
    people.append(got(without.product, AFTER["goes_with"]))

    texts = sent()

    assert texts.keys() == {one.pk for one in people}
    # There is one: whoever comes later has the suggestion in words.
    given = {one.customer_id for one in Grant.objects.all()}
    assert len(given) == 1
    assert {pk for pk, text in texts.items() if "A cup to try" in text} == given
    assert all("Kenya cup" in texts[one.pk] for one in people[:2])


def test_staff_choose_a_sample_and_it_goes_in_place_of_the_steps_reward(client):
    usual = make("Any sample", kind="sample", fulfilment="desk")
    cup = make(
        "A cup sample", kind="sample", fulfilment="desk",
        words={"en": Words("A cup to try")},
    )  # fmt: skip
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
    gives(usual)
    texts = sent()
    given = {one.customer_id: one.reward for one in Grant.objects.all()}
    assert given == {people[0].pk: cup, people[1].pk: usual}
    assert "A cup to try" in texts[people[0].pk]

    client.post(url, {"to": "hide"})
    own.refresh_from_db()
    assert (own.sample, own.pick) == (None, "hidden")
