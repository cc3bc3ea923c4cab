"""A step of an automation gives a reward: in its mail, once, or the mail waits."""

from datetime import UTC, date, datetime, timedelta

import pytest

from loyalty.models import Code, Grant
from loyalty.rules import codes as rules
from loyalty.services import codes, mail_gifts, rewards
from messaging.models import Automation, Body, Message
from messaging.rules.choices import Category, State
from messaging.rules.life import LAST_LOOK
from messaging.selectors.automation_steps import steps_of
from messaging.services import (
    automation_rows,
    automations,
    consent,
    messages,
    planning,
    previews,
    steps,
    wordings,
)
from messaging.services.delivery import deliver
from tests.factories import CustomerFactory
from tests.loyalty.reward_shop import make, open_shop, standing, use

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
EVE = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _shop(db, settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path
    open_shop()
    automations.ensure_automations()


def automation(reward, **more):
    row = Automation.objects.get(kind="anniversary")
    steps.change(
        row, version=row.version, position=1, wait_days=0, stop_on=[],
        has_offer=False, without_offer_allowed=False, gift=reward.pk, now=EVE, **more,
    )  # fmt: skip
    return automations.switch_on(row, now=EVE - timedelta(days=1))


def somebody(agrees=True, **more):
    person = CustomerFactory(since_on=date(2021, 11, 29), time_zone="UTC", **more)
    if agrees:
        consent.grant(
            person, categories=[Category.MARKETING], how="preference_page", now=EVE
        )
    return person


def send(now=NOW):
    planning.sweep(now=now, kinds=["anniversary"])
    deliver(now=now)


def mail_of(person):
    return Message.objects.get(customer=person)


# --- With the mail -------------------------------------------------------------------


def test_a_mail_brings_its_code_terms_and_last_day_once():
    reward = make(
        life_days=30, words={"en": rewards.Words("Ten off your beans", "Not on sets.")}
    )
    automation(reward)
    dana = somebody()

    send()
    send(NOW + HOUR)

    (grant,) = Grant.objects.filter(customer=dana)
    text = Body.objects.get(message=mail_of(dana)).text
    html = Body.objects.get(message=mail_of(dana)).html
    for words in (
        "Ten off your beans", f"Your code: {grant.code.text}", "Not on sets.",
        "Good until 29 December 2026, once.", "Not together with another offer.",
    ):  # fmt: skip
        assert words in text
    assert grant.code.text in html
    assert grant.source_key == "anniversary:2026:1"
    assert standing(reward) == (1, 1, 2)
    codes.redeem(grant.code.text, use(customer=dana.pk), now=NOW)


@pytest.mark.parametrize(
    ("language", "words"),
    [("he", "10% הנחה"), ("zh-hans", "优惠 10%"), ("zh-hant", "優惠 10%")],
)
def test_each_reads_it_in_their_language(language, words):
    automation(make(life_days=30))
    dana = somebody(language=language)

    send()

    text = Body.objects.get(message=mail_of(dana)).text
    assert words in text
    assert Grant.objects.get().code.text in text
    assert "Good until" not in text


def test_an_offer_makes_the_mail_marketing_and_needs_a_yes_to_that():
    automation(make())
    dana, noa = somebody(), somebody(agrees=False)

    send()

    assert mail_of(dana).category == "marketing"
    assert (mail_of(noa).state, mail_of(noa).reason_code) == (
        "suppressed", "no_consent",
    )  # fmt: skip
    assert not Grant.objects.filter(customer=noa).exists()


def test_a_gift_that_is_no_offer_needs_none_and_is_to_do_within_its_days():
    reward = make(kind="letter", fulfilment="desk")
    automation(reward)
    noa = somebody(agrees=False)

    send()

    (grant,) = Grant.objects.filter(customer=noa)
    assert mail_of(noa).state == "sent"
    assert (grant.state, grant.due_on) == ("to_do", date(2026, 12, 6))


# --- Waiting -------------------------------------------------------------------------


def test_a_mail_waits_while_the_pool_is_empty_and_goes_when_there_are_codes():
    reward = make(fulfilment="pool")
    automation(reward)
    dana = somebody()

    send()
    waiting = mail_of(dana)
    assert (waiting.state, waiting.deferred_reason) == ("planned", "codes_empty")
    rewards.add_codes(reward, ["TEA-0001"], now=NOW)
    deliver(now=NOW + HOUR)

    assert mail_of(dana).state == "sent"
    assert "TEA-0001" in Body.objects.get(message=mail_of(dana)).text


def test_of_two_the_one_without_a_share_waits_and_lapses_for_that_reason():
    automation(make(stock=1))
    somebody()
    somebody()

    send()
    end = Message.objects.get(state="planned").expires_at
    deliver(now=end - HOUR / 2)
    deliver(now=end - LAST_LOOK)

    rows = Message.objects.order_by("state").values_list("state", "reason_code")
    assert sorted(rows) == [("expired", "reward_out_of_stock"), ("sent", "")]


def test_what_a_mail_would_have_brought_is_free_when_it_does_not_go():
    reward = make(fulfilment="pool", stock=1)
    rewards.add_codes(reward, ["TEA-0001"], now=NOW)
    automation(reward)
    dana = somebody()
    planning.sweep(now=NOW, kinds=["anniversary"])
    message = mail_of(dana)
    assert mail_gifts.take({reward.pk: [message]}, now=NOW) == {}
    assert standing(reward)[0] == 1

    messages.finish(
        Message.objects.filter(pk=message.pk), state=State.CANCELLED,
        reason=messages.Reason("cancelled_by_staff"), now=NOW,
    )  # fmt: skip

    assert standing(reward)[0] == 0
    assert Grant.objects.get().ended_why == "mail_not_sent"
    # Nobody has read the code: it is for the next.
    assert Code.objects.get().grant is None


def test_a_second_try_of_a_mail_takes_nothing_more_and_its_life_begins_then():
    reward = make(life_days=2)
    automation(reward)
    somebody()
    planning.sweep(now=NOW, kinds=["anniversary"])
    wanted = {reward.pk: [Message.objects.get()]}

    mail_gifts.take(wanted, now=NOW)
    mail_gifts.take(wanted, now=NOW + timedelta(days=1))

    assert standing(reward) == (1, 1, 2)
    assert Grant.objects.get().expires_on == date(2026, 12, 2)


# --- Looked at -----------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant", "he"])
def test_a_preview_shows_a_code_that_is_none_and_takes_nothing(language):
    reward = make(stock=1)
    step = automation(reward).steps.get(position=1)
    dana = somebody()

    for person in (None, dana):
        made = previews.preview(
            step, language=language, fields={}, customer=person, now=NOW
        )
        assert rules.SAMPLE in made.mail.text
        assert rules.SAMPLE in made.mail.html

    assert standing(reward)[0] == 0
    with pytest.raises(codes.CodeUnknown):
        codes.check(rules.SAMPLE, now=NOW)


def test_a_gift_with_something_to_buy_beside_it_is_warned_about():
    row = automation(make(kind="letter", fulfilment="desk"))
    wordings.save_wording(
        row, language="en", fields={"closing": "Upgrade to gold for €49."}, now=EVE
    )

    (shown,) = steps_of(row)

    assert (shown.gift, shown.upsell) == ("Ten off", "Upgrade")


def test_a_copy_gives_the_same_and_a_version_remembers_it():
    reward = make()
    row = automation(reward)

    copied = automation_rows.copy(row, name="Again", now=NOW)

    assert copied.steps.get().gift == reward.pk
    assert row.versions.latest("number").content["steps"][0]["gift"] == reward.pk
