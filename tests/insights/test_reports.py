"""The figures of the pages by command and API: the same functions, the same numbers."""

import json
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from crm.models import Order, OrderLine, Product, Segment
from crm.services import api_tokens
from insights.reports import REPORTS
from insights.selectors import money
from insights.services import counting, kept_answers
from loyalty.choices import ProgrammeKind, Unit
from loyalty.services.programmes import programmes
from tests.factories import UserFactory
from tests.insights.test_money import NOW, shop

pytestmark = pytest.mark.django_db

__all__ = ["shop"]


def report(*arguments):
    out = StringIO()
    call_command("report", *arguments, stdout=out)
    return out.getvalue()


def headers(*scopes):
    _row, key = api_tokens.issue(name="till", scopes=list(scopes), now=NOW)
    return {"Authorization": f"Bearer {key}"}


def with_lines():
    """A line for each sale, so that it is a purchase."""
    tea = Product.objects.create(sku="TEA", name="Tea")
    OrderLine.objects.bulk_create(
        OrderLine(
            order=sale,
            line_key="1",
            customer_id=sale.customer_id,
            product=tea,
            ordered_on=sale.ordered_on,
            quantity=1,
            unit_price=sale.total,
            amount=sale.total,
            nature="purchase",
        )
        for sale in Order.objects.filter(nature="sale")
    )


def test_shop_without_anything_says_so():
    assert "Nothing is known yet" in report("money")
    assert json.loads(report("overview", "--json"))["figures"] == []


@pytest.mark.usefixtures("shop")
def test_page_command_and_api_say_the_same(client, time_machine):
    time_machine.move_to(NOW, tick=False)
    with_lines()
    counting.count_all()
    programmes.create(
        kind=ProgrammeKind.POINTS,
        unit=Unit.POINTS,
        values={"name": "Points"},
        now=NOW,
    )
    shown = [one.as_data() for each in money.currencies() for one in each.figures]

    printed = json.loads(report("money", "--json"))["figures"]
    key = headers("insights:read")
    answers = {
        name: client.get(f"/api/v1/insights/{name}/", headers=key) for name in REPORTS
    }

    assert printed == shown
    assert answers["money"].json()["figures"] == shown
    assert "Net revenue retention (GBP): 108" in report("money")
    for name, answer in answers.items():
        assert answer.status_code == 200, name
        assert answer.json()["figures"], name
        assert answer.json()["figures"] == json.loads(report(name, "--json"))["figures"]


def test_money_and_origins_are_told_by_group_and_of_a_segment(time_machine, shop):
    time_machine.move_to(NOW, tick=False)
    with_lines()
    for at, person in enumerate(shop):
        person.country, person.heard_from = ("DE", "Fair") if at % 2 else ("", "")
        person.save(update_fields=["country", "heard_from"])
    counting.count_all()

    def told(name, *arguments):
        found = json.loads(report(name, "--json", *arguments))["figures"]
        return {one["title"]: one for one in found if one["currency"] != "EUR"}

    everybody = told("money")["Net revenue retention"]["base"]
    money_by = told("money", "--by", "country")
    names = ("Net revenue retention: Germany", "Net revenue retention: Not known")
    assert [money_by[name]["base"] for name in names] == [30, 30]
    assert everybody == 60
    span = ("--from", "2023-01-01", "--to", "2025-12-31")
    fair = told("origins", "--by", "source", *span)
    assert fair["Came for the first time: Fair"]["value"] > 0
    assert fair["Came for the first time: Not known"]["value"] > 0
    segment = Segment.objects.create(
        name="Germans",
        conditions={
            "match": "all",
            "parts": [{"field": "country", "is": "any_of", "values": ["DE"]}],
        },
        created_at=NOW,
        updated_at=NOW,
    )
    of_it = ("--segment", str(segment.pk))
    assert told("money", *of_it)["Net revenue retention"]["base"] == 30
    came = told("origins", *of_it, *span)
    assert (
        came["Came for the first time: Germans"]["value"]
        == (fair["Came for the first time: Fair"]["value"])
    )


@pytest.mark.usefixtures("shop")
def test_what_cannot_be_answered_is_refused(client):
    key = headers("insights:read")

    def get(address):
        return client.get(f"/api/v1/insights/{address}", headers=key).status_code

    assert get("retention/?from=2025-02-01&to=2025-01-01") == 400
    assert get("retention/?from=yesterday") == 400
    assert get("retention/?by=shoe") == 400
    assert get("retention/?segment=999") == 400
    assert get("money/?to=2025-12-30") == 400
    assert get("money/?limit=5") == 400
    assert get("nothing/") == 404
    answer = client.get("/api/v1/insights/money/", headers=headers("orders:write"))
    assert answer.status_code == 403
    with pytest.raises(CommandError, match="unknown_segment"):
        report("retention", "--segment", "999")
    # Figures of everybody are never told as those of what was asked for.
    for name in ("overview", "churn", "repeat", "cohorts", "signals", "save-list"):
        for asked in ("from=2025-01-01", "to=2025-12-31", "by=country"):
            assert get(f"{name}/?{asked}") == 400
    assert get("scores/?by=owner") == get("origins/?by=language") == 400
    assert get("scores/?by=language") == 200
    assert get("scores/?from=2025-01-01&to=2025-03-31") == 200
    refused = client.get("/api/v1/insights/money/?from=2025-01-01", headers=key)
    assert "cannot be narrowed by that" in refused.content.decode()
    with pytest.raises(CommandError, match="cannot be narrowed by from, by"):
        report("churn", "--from", "2025-01-01", "--by", "country")


@pytest.mark.usefixtures("shop")
def test_a_report_says_when_the_oldest_of_it_was_counted(client, time_machine):
    with_lines()
    time_machine.move_to(NOW, tick=False)
    counting.count_all()
    asked_at = NOW + timedelta(minutes=50)
    kept_answers.keep_up(now=NOW, slow=0)
    time_machine.move_to(asked_at, tick=False)
    key = headers("insights:read")

    def counted_at(name):
        told = client.get(f"/api/v1/insights/{name}/", headers=key).json()
        assert json.loads(report(name, "--json"))["counted_at"]
        return datetime.fromisoformat(told["counted_at"])

    assert counted_at("signals") == NOW
    assert counted_at("money") == asked_at
    assert f"Counted at {NOW:%Y-%m-%d %H:%M}" in report("signals")


@pytest.mark.usefixtures("shop")
def test_churn_by_revenue_is_told_a_currency_at_a_time(client, time_machine):
    time_machine.move_to(NOW, tick=False)
    with_lines()
    counting.count_all()
    client.force_login(UserFactory(role="manager"))

    told = json.loads(report("churn", "--json"))["figures"]

    by_revenue = [one for one in told if one["key"] == "revenue-churn"]
    assert [(one["currency"], one["value"]) for one in by_revenue] == [
        ("GBP", pytest.approx(0.25)), ("EUR", None)
    ]  # fmt: skip
    assert by_revenue[0]["low"] > 0
    assert "£1,500.00 are gone" in by_revenue[0]["sentence"]
    page = client.get("/insights/churn/").content.decode()
    assert page.count("Churn by revenue") == 2
    assert "£1,500.00 are gone" in page
    first = client.get("/insights/")
    assert [one.currency for one, _figures in first.context["currencies"]] == [
        *("GBP", "EUR")
    ]
    assert first.content.decode().count("Revenue from earlier customers, ") >= 2
