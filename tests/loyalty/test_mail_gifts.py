"""A step of an automation gives a reward: in its mail, once, or the mail waits."""

from datetime import UTC, date, datetime, timedelta

import pytest

from loyalty.choices import GrantSource
from loyalty.errors import RewardRefused
from loyalty.models import Code, Grant
from loyalty.rules import codes as rules
from loyalty.rules.allotment import NoShare
from loyalty.services import codes, grants, mail_gifts, rewards
from loyalty.services.grants import Wish
from messaging import kinds
from messaging.models import (
    Automation,
    AutomationStep,
    Body,
    ForecastMail,
    ForecastPerson,
    Message,
)
from messaging.rules.choices import Category, State
from messaging.rules.life import LAST_LOOK
from messaging.selectors.automation_steps import steps_of
from messaging.services import (
    automation_rows,
    automations,
    consent,
    forecast,
    messages,
    planning,
    previews,
    steps,
    wordings,
)
from messaging.services.delivery import deliver
from tests.factories import CustomerFactory, ProductFactory, UserFactory
from tests.loyalty.reward_shop import give, make, open_shop, standing, use
from tests.pages import read

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
    more = {"since_on": date(2021, 11, 29), "time_zone": "UTC", **more}
    person = CustomerFactory(**more)
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
    reward.products.add(ProductFactory(name="Kenya"))
    automation(reward)
    dana = somebody()

    send()
    send(NOW + HOUR)

    (grant,) = Grant.objects.filter(customer=dana)
    text = Body.objects.get(message=mail_of(dana)).text
    html = Body.objects.get(message=mail_of(dana)).html
    for words in (
        "Ten off your beans", f"Your code: {grant.code.text}",
        "Not on sets. Only for Kenya.",
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


def test_a_present_beside_the_products_that_a_kind_lists_is_warned_about(client):
    """The list is no text of staff; what takes something off it goes well with it."""
    row = automation_rows.create(kinds.get("goes_with"), now=EVE)
    steps.add(row, version=row.version, wait_days=3, now=EVE)
    client.force_login(UserFactory(role="owner"))
    words = "This mail lists products to order beside the gift."

    for position, reward, warned in (
        (1, make("Sample", kind="sample", fulfilment="desk"), True),
        (1, make(), False),
        (2, make("Letter", kind="letter", fulfilment="desk"), False),
    ):
        row.steps.update(gift=None)
        row.steps.filter(position=position).update(gift=reward.pk)
        assert (words in read(client.get(f"/automations/{row.pk}/"))) is warned


def test_the_address_of_its_button_is_looked_at_too():
    row = Automation.objects.get(kind="anniversary")
    steps.add(row, version=row.version, wait_days=3, now=EVE)
    letter = make(kind="letter", fulfilment="desk")
    AutomationStep.objects.filter(position=2).update(gift=letter.pk)
    link = {"link": "https://shop.example/new"}
    wordings.save_wording(row, language="en", fields=link, position=2, now=EVE)

    assert steps_of(row)[1].upsell == "https://shop.example/new"


def test_a_copy_gives_the_same_and_a_version_remembers_it():
    reward = make()
    row = automation(reward)

    copied = automation_rows.copy(row, name="Again", now=NOW)

    assert copied.steps.get().gift == reward.pk
    assert row.versions.latest("number").content["steps"][0]["gift"] == reward.pk


# --- Beside another offer ------------------------------------------------------------


def offered(person, life_days=None, stacks=False):
    """Another offer that they have."""
    other = make("Five off", life_days=life_days, stacks=stacks)
    return give(other, person, key="birthday:2026:1", now=EVE)[0]


def test_whoever_has_an_offer_that_is_good_gets_no_second_one_until_it_is_over():
    reward = make()
    automation(reward)
    dana, noa = somebody(), somebody()
    grant = offered(dana)

    send()

    waiting = mail_of(dana)
    assert (waiting.state, waiting.deferred_reason) == ("planned", "offer_already")
    assert mail_of(noa).state == "sent"
    assert standing(reward)[0] == 1
    grants.take_back(grant, by=None, now=NOW)
    deliver(now=NOW + HOUR)
    assert mail_of(dana).state == "sent"


@pytest.mark.parametrize("life_days", [None, 5])
def test_an_offer_that_says_so_goes_beside_another(life_days):
    automation(make(stacks=True))
    dana = somebody()
    offered(dana, life_days)

    send()

    assert mail_of(dana).state == "sent"


def test_a_gift_that_is_no_offer_and_one_that_ran_out_are_in_nobodys_way():
    automation(make())
    dana = somebody()
    give(make("Letter", kind="letter", fulfilment="desk"), dana, now=EVE)
    over = offered(dana, life_days=1)
    Grant.objects.filter(pk=over.pk).update(expires_at=NOW - HOUR)

    send()

    assert mail_of(dana).state == "sent"


def test_two_mails_of_one_pass_bring_one_person_one_offer():
    reward, dana = make(limit_per_customer=None), somebody()
    wishes = [Wish(dana.pk, f"k{number}") for number in range(2)]

    first, second = grants.give(
        reward.pk, wishes, source=GrantSource.AUTOMATION, now=NOW
    )

    assert isinstance(first, Grant)
    assert second == NoShare.OFFER_ALREADY


def test_a_hand_gives_a_second_one_only_where_it_says_so():
    dana = somebody()
    offered(dana)
    owner, tea = UserFactory(role="owner"), make()

    def give(**more):
        return grants.give_by_hand(
            dana, tea, staff=owner, reason="Patience", once="1", now=NOW, **more
        )

    with pytest.raises(RewardRefused) as refused:
        give()
    assert refused.value.code == "offer_already"
    assert give(beside_offer=True).state == "code_issued"


def test_what_was_paid_for_in_points_waits_for_no_offer():
    dana = somebody()
    offered(dana)

    (given,) = grants.give(
        make().pk,
        [Wish(dana.pk, "points:1")],
        source=GrantSource.PROGRAMME,
        now=NOW,
    )

    assert isinstance(given, Grant)


@pytest.mark.parametrize(
    ("life_days", "stacks", "decision"),
    [(None, False, "refused"), (1, False, "goes"), (None, True, "goes")],
)
def test_the_forecast_knows_who_will_have_no_second_offer(life_days, stacks, decision):
    row = automation(make(stacks=stacks))
    dana, noa = (
        somebody(given_name=name, since_on=date(2021, 12, 20)) for name in ("A", "B")
    )
    offered(dana, life_days)

    forecast.work_out(None, now=NOW)

    alike = dict(ForecastPerson.objects.values_list("customer", "alike"))
    mails = {mail.alike: mail for mail in ForecastMail.objects.filter(automation=row)}
    found = {pk: mails[number].decision for pk, number in alike.items()}
    assert found == {dana.pk: decision, noa.pk: "goes"}
    if decision == "refused":
        code = mails[alike[dana.pk]].reason_code
        assert code == "offer_already"
