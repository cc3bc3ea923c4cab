"""Days, moments and zones: of this calendar and of a shop's life, or a clear error."""

import pytest

from crm.models import Business, Customer, FollowUp, Interaction, Order
from tests.bad_inputs.support import (
    CUSTOMERS,
    INTERACTIONS,
    ORDERS,
    an_order,
    assert_no_trace,
    filled,
    form_error,
    post,
    refused,
    value_in,
)
from tests.bad_inputs.values import NO_BIRTHDAY, NO_DAY, NO_MOMENT, NO_ZONE
from web.error_messages import for_field

pytestmark = pytest.mark.django_db

# On both sides of UTC: the ends of the calendar are different ones.
ZONES = ("Pacific/Kiritimati", "America/Los_Angeles")


@pytest.fixture(params=ZONES)
def zone(request, shop):
    Business.objects.filter(pk=1).update(time_zone=request.param)
    return request.param


@pytest.mark.parametrize("field", ["ordered_at", "delivered_at"])
def test_no_order_happens_at_no_time(api, zone, field):
    for moment in [*NO_MOMENT, 5, [], {}, "2026-11-20T10:00"]:
        refused(post(api, ORDERS, an_order(**{field: moment})), field)
    assert not Order.objects.filter(external_id="1001").exists()


def test_no_talk_happens_at_no_time(api, shop, zone):
    body = {"customer": shop.pks["customer"], "channel": "call", "body": "Hi"}

    for moment in [*NO_MOMENT, "2026-11-20T10:00"]:
        refused(post(api, INTERACTIONS, body | {"happened_at": moment}), "happened_at")


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00", "1899-12-31T12:00", "9999-12-31T23:59", "x", "a\x00"]
)
def test_no_form_logs_it_either(owner, shop, zone, moment):
    path = f"/customers/{shop.pks['customer']}/interactions/"
    before = Interaction.objects.count()

    answer = owner.post(path, {"channel": "call", "body": "Hi", "happened_at": moment})

    assert answer.status_code == 422
    assert_no_trace(answer)
    assert value_in(answer, "body") == "Hi"
    assert Interaction.objects.count() == before


def test_an_order_of_tomorrow_is_refused_by_the_api(api):
    """47: a file may be a day ahead, for its zone may be; a moment has its zone."""
    answer = post(api, ORDERS, an_order(ordered_at="2999-01-01T00:00:00Z"))

    text = refused(answer, "ordered_at")["ordered_at"]
    assert text == str(for_field("ordered_at", "in_the_future"))


def test_a_delivery_long_before_its_order_is_refused(api):
    answer = post(api, ORDERS, an_order(delivered_at="2026-11-01T00:00:00Z"))

    refused(answer, "delivered_at")


def test_an_order_before_the_customer_existed_is_kept(api):
    """47: they bought before we knew them; a given first day stays."""
    Customer.objects.filter(external_id="C1").update(
        since_on="2026-11-01", since_from="given"
    )
    post(api, ORDERS, an_order(ordered_at="2020-01-01T10:00:00Z"))

    found = Customer.objects.get(external_id="C1")
    assert (str(found.since_on), str(found.first_order_on)) == (
        "2026-11-01",
        "2020-01-01",
    )


@pytest.mark.parametrize("day", [*NO_DAY, "2026-02-30", "a\x00", "9" * 5000])
def test_form_and_api_refuse_the_same_days(owner, api, day):
    answer = post(api, CUSTOMERS, {"given_name": "Zoe", "since_on": day})

    refused(answer, "since_on")
    if day in ("0001-01-01", "1899-12-31", "9999-12-31"):
        page = owner.post("/customers/new/", {"given_name": "Zoe", "since_on": day})
        assert value_in(page, "since_on") == day
        assert page.status_code == 422
    elif day.isascii():
        # Digits of a reader's own script are digits in a form.
        assert form_error("since_on", day) == "Enter the day as 2026-11-21"


@pytest.mark.parametrize("day", NO_BIRTHDAY)
def test_form_and_api_refuse_the_same_birthdays(owner, api, day):
    page = owner.post("/customers/new/", {"given_name": "Zoe", "birthday": day})
    answer = post(api, CUSTOMERS, {"given_name": "Zoe", "birthday": day})

    assert page.status_code == 422
    text = refused(answer, "birthday")["birthday"]
    assert text == page.context["form"].errors["birthday"][0]


@pytest.mark.parametrize("zone", NO_ZONE)
def test_a_zone_that_is_none_is_refused(api, zone):
    refused(post(api, CUSTOMERS, {"given_name": "Zoe", "time_zone": zone}), "time_zone")
    assert form_error("time_zone", zone) == "Choose one of the list"


@pytest.mark.parametrize("country", ["ZZ", "EU", "1A", "ISR", "i\u0307"])
def test_a_country_that_is_none_is_refused(api, country):
    refused(post(api, CUSTOMERS, {"given_name": "Zoe", "country": country}), "country")
    assert form_error("country", country) == "Choose one of the list"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-31"])
@pytest.mark.parametrize("clock", ["00:00", "23:59"])
def test_nothing_is_due_at_the_ends_of_time(owner, shop, zone, day, clock):
    path, data = filled(owner, shop, "follow-up", "Call back")
    before = FollowUp.objects.count()

    answer = owner.post(path, {**data, "due_on": day, "due_time": clock})

    assert answer.status_code == 422
    assert value_in(answer, "why") == "Call back"
    assert FollowUp.objects.count() == before
    assert owner.get("/follow-ups/").status_code == 200


@pytest.mark.parametrize("clock", ["24:00", "23:59:60", "99:99", "9", "a\x00"])
def test_a_time_of_day_is_one(owner, shop, clock):
    path, data = filled(owner, shop, "follow-up", "Call back")

    answer = owner.post(path, {**data, "due_time": clock})

    assert answer.status_code == 422
    assert_no_trace(answer)


@pytest.mark.parametrize(
    "query",
    [
        "due_on=2026-13-45",
        "due_on=%00",
        "due_at=2026-13-45T99:99",
        "due_on=9999-12-31",
        "due_on=0001-01-01&due_at=0001-01-01T00:00:00%2B14:00",
        "due_on=2026-12-01&due_at=9999-12-31T23:59:59-14:00",
    ],
)
def test_no_address_of_an_undo_breaks(owner, shop, zone, query):
    answer = owner.post(f"/follow-ups/{shop.pks['follow_up']}/snooze/?{query}")

    assert_no_trace(answer)
    for path in ("/", "/follow-ups/", f"/customers/{shop.pks['customer']}/"):
        assert owner.get(path).status_code == 200
