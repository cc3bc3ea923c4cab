"""The demo: a small shop that the real pipeline has lived in, the same every time."""

import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from crm.models import Business, Customer, LikelyPair, Order, User
from desk.demo import story
from desk.management.commands.demo import Command
from loyalty.models import Grant, Membership
from loyalty.selectors import programme_sums
from messaging.models import Body, Message
from support.models import Conversation, RawMail
from support.rules.choices import ConversationState
from surveys.models import Response
from tests.factories import CustomerFactory


@pytest.fixture
def few_days(monkeypatch):
    monkeypatch.setattr(story, "DAYS", 4)


def demo_of(**options):
    call_command("demo", at=datetime(2026, 11, 18, 11, tzinfo=UTC), **options)


def demo(capsys, **options):
    demo_of(**options)
    return capsys.readouterr().out.splitlines()[-1]


@pytest.mark.slow
@pytest.mark.django_db
def test_the_demo_fills_an_empty_shop(few_days, capsys):
    login = json.loads(demo(capsys, customers=60, json=True))

    client = Client()
    client.post("/login/", {"username": login["login"], "password": login["password"]})
    page = client.get("/").content.decode()
    assert Business.objects.get().name in page.replace("&amp;", "&")
    # One of them has come a second time.
    assert Customer.objects.count() == 61
    assert LikelyPair.objects.count() == 1
    assert "Priya Raman" in client.get("/duplicates/").content.decode()
    assert "Oduya Catering" in client.get("/companies/").content.decode()
    assert Order.objects.count() == login["orders"]
    assert Customer.objects.values("country").distinct().count() == 8
    assert Message.objects.filter(state="sent", transport="outbox").exists()
    assert Body.objects.exists()
    earlier = Response.objects.filter(channel="import")
    assert earlier.filter(survey__name="Relationship", customer=None).count() == 0
    quarters = earlier.dates("confirmed_at", "month")
    assert (quarters[len(quarters) - 1] - quarters[0]).days > 600
    states = Grant.objects.values_list("state", flat=True)
    assert {"to_do", "offered", "code_issued", "done"} == set(states)
    assert Membership.objects.filter(programme__unit="points", balance__gt=100).exists()
    assert Membership.objects.filter(programme__unit="stamps", balance__gt=1).exists()
    assert programme_sums.wrong_balances() == []
    threads = Conversation.objects.order_by("opened_at")
    # None was joined to another.
    states = {*threads.values_list("state", flat=True), "joined"}
    assert states == set(ConversationState)
    assert threads.filter(customer=None, is_spam=False).count() == 2
    assert threads.filter(kind="complaint").get().mails.count() == 3
    assert not RawMail.objects.exclude(state="read").exists()
    assert not Message.objects.filter(kind="reply").exclude(state="sent").exists()
    assert "הקופסה" in client.get("/inbox/").content.decode()
    assert "Print labels" in client.get("/gifts/?tab=late").content.decode()


@pytest.mark.slow
@pytest.mark.django_db
def test_who_fills_it_hears_of_the_login_before_anything_is_in_the_shop(
    few_days, monkeypatch
):
    seen = []
    monkeypatch.setattr(
        Command,
        "_tell",
        lambda self, news: seen.append((dict(news), Customer.objects.count())),
    )

    demo_of(customers=20, json=True)

    (first, customers), *days, _ = seen
    assert set(first) == {"login", "password"}
    assert customers == 0
    assert [news["done"] for news, _ in days] == [1, 2, 3, 4]
    assert {news["of"] for news, _ in days} == {4}


@pytest.mark.slow
@pytest.mark.django_db
def test_only_the_owner_may_sign_in(few_days, capsys):
    demo(capsys, customers=8)

    usable = [user.email for user in User.objects.all() if user.has_usable_password()]
    assert usable == ["owner@kettle-and-leaf.example"]


@pytest.mark.django_db
def test_the_demo_leaves_a_shop_in_use_alone():
    CustomerFactory()

    with pytest.raises(CommandError, match="records already"):
        call_command("demo")


@pytest.mark.django_db
def test_the_demo_never_writes_to_made_up_addresses(settings):
    settings.MAIL_TRANSPORT = "smtp"

    with pytest.raises(CommandError, match="made-up addresses"):
        call_command("demo")
