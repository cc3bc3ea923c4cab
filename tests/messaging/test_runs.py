"""Customers on their way through the steps of an automation, day by day."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db.models import Value
from django.db.models.functions import Concat
from django.urls import reverse
from pytest_django.asserts import assertContains

from crm.models import Interaction
from messaging.kinds import get
from messaging.models import Automation, Body, Consent, ForecastMail, Message, Run
from messaging.rules.choices import Category
from messaging.selectors.ledger import explained
from messaging.selectors.series import series_of
from messaging.services import (
    automation_rows,
    automations,
    consent,
    forecast,
    messages,
    moved_runs,
    planning,
    steps,
    wordings,
)
from messaging.services.delivery import deliver
from support.models import Conversation, Mail
from tests.factories import (
    CustomerFactory,
    OrderFactory,
    ResponseFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
# A Saturday; Perennial's tests live in UTC.
START = datetime(2026, 11, 21, 6, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path


@pytest.fixture
def series():
    """The welcome series as it comes: on the day after, 4 and 10 days later."""
    row = automation_rows.create(get("welcome"), now=START - 2 * DAY)
    Automation.objects.filter(pk=row.pk).update(rests=False)
    return automations.switch_on(row, now=START - 2 * DAY)


@pytest.fixture
def dana(series):
    return newcomer()


def newcomer(**more):
    """Became a customer yesterday, so that the first mail is due today at nine."""
    fields = {
        "since_on": (START - DAY).date(),
        "time_zone": "UTC",
        "mail_ground": "asked",
    }
    return CustomerFactory(**{**fields, **more})


def tick(at):
    planning.sweep(now=at, kinds=["welcome"])
    return deliver(now=at)


def live(days, hours=4):
    """What happens at ten of each of these days after the start."""
    for day in days:
        tick(START + day * DAY + timedelta(hours=hours))


def sent():
    rows = Message.objects.filter(state="sent").order_by("final_at", "id")
    return [(row.step, (row.final_at - START).days) for row in rows]


def change(row, position, **more):
    row.refresh_from_db()
    step = row.steps.get(position=position)
    kept = {
        name: getattr(step, name)
        for name in ("wait_days", "stop_on", "has_offer", "without_offer_allowed")
    }
    return steps.change(
        row, version=row.version, position=position, now=START, **{**kept, **more}
    )


def test_each_step_waits_from_the_day_on_which_the_one_before_left(dana):
    live(range(20))

    assert sent() == [(1, 0), (2, 4), (3, 14)]
    run = Run.objects.get()
    assert (run.state, run.step, run.customer) == ("done", 3, dana)
    assert [body.subject for body in Body.objects.order_by("message_id")][1] == (
        f"{dana.greeting_name}, how is it going?"
    )


def test_two_sweeps_and_an_outage_change_nothing_but_the_moment(dana):
    """A step that fell due in a stop of 4 days goes after it, within its life of 5, and
    the next one waits from then on."""
    live([0])
    for _again in range(3):
        planning.sweep(now=START + 3 * DAY, kinds=["welcome"])
    live([8, 8, 17, 18, 19])

    assert sent() == [(1, 0), (2, 8), (3, 18)]


def test_a_step_that_lapsed_ends_the_run(dana):
    live([0, 11, 12, 25])

    assert sent() == [(1, 0)]
    run = Run.objects.get()
    assert (run.state, run.reason_code) == ("expired", "too_late")
    assert Message.objects.get(step=2).state == "expired"


def bought(customer, at):
    OrderFactory(customer=customer, ordered_at=at)


def wrote(customer, at):
    Interaction.objects.create(
        customer=customer, channel="call", direction="inbound", happened_at=at,
        created_at=at,
    )  # fmt: skip


def answered(customer, at):
    ResponseFactory(invitation__customer=customer, first_at=at)


def complained(customer, at):
    matter = Conversation.objects.create(
        customer=customer, kind="complaint", opened_at=at, last_mail_at=at
    )
    Mail.objects.create(
        conversation=matter, customer=customer, direction="in", at=at, stored_at=at,
        fingerprint=f"{matter.pk:064x}",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("act", "steps_sent"),
    [(bought, [1, 2]), (wrote, [1]), (answered, [1]), (complained, [1])],
)
def test_who_did_what_a_rule_names_gets_the_step_no_more(series, dana, act, steps_sent):
    if act in (answered, complained):
        change(series, 2, stop_on=[act.__name__])
    live(range(2))
    act(dana, START + 2 * DAY)
    live(range(2, 20))

    theirs = Message.objects.filter(kind="welcome", customer=dana, state="sent")
    assert [row.step for row in theirs.order_by("id")] == steps_sent
    run = Run.objects.get(customer=dana)
    assert (run.state, run.reason_code) == ("stopped", f"stopped_{act.__name__}")
    (found,) = series_of(dana, now=START + 20 * DAY)
    assert f"stopped after step {steps_sent[-1]} of 3" in found
    assert series_of(dana, now=START + 60 * DAY) == []


def test_a_rule_is_asked_again_when_the_mail_is_about_to_go(dana):
    live(range(4))
    assert Message.objects.get(step=2).state == "planned"
    wrote(dana, START + 3.5 * DAY)
    deliver(now=START + 4 * DAY + timedelta(hours=4))

    assert Message.objects.get(step=2).reason_code == "stopped_wrote"
    planning.sweep(now=START + 5 * DAY, kinds=["welcome"])
    assert Run.objects.get().state == "stopped"


def test_who_left_the_segment_of_their_version_goes_no_further(series):
    automations.edit(series, version=series.version, audience="q=Lee", now=START)
    change(series, 2, stop_on=["left_segment"])
    stays, goes = newcomer(family_name="Lee"), newcomer(family_name="Leeds")
    live([0])
    goes.family_name = "Smith"
    goes.search_text = "Smith"
    goes.save()
    live(range(1, 6))

    found = dict(Run.objects.values_list("customer", "reason_code"))
    assert found == {stays.pk: "", goes.pk: "stopped_left_segment"}


def test_people_under_way_keep_their_version_until_they_are_moved(client, series, dana):
    live([0])
    change(series, 2, wait_days=2)
    wordings.save_wording(
        series, position=2, language="en", fields={"subject": "New"}, now=START
    )
    late = newcomer(since_on=START.date())
    live(range(1, 4))
    assert list(
        Body.objects.filter(message__step=2).values_list("subject", "message__customer")
    ) == [("New", late.pk)]

    assert moved_runs.behind(series) == 1
    with time_machine.travel(START + 3 * DAY, tick=False):
        client.force_login(UserFactory(role="manager"))
        page = reverse("messaging:automation-versions", args=[series.pk])
        asked = reverse("messaging:automation-runs-move", args=[series.pk])
        for each in (page, asked):
            assertContains(client.get(each), "1 person is under way in an older")
        answer = client.post(asked, follow=True)
        assertContains(answer, "1 person goes on in the newest version.")

    assert moved_runs.behind(series) == 0
    live(range(3, 5))
    assert Body.objects.filter(message__step=2, subject="New").count() == 2


def test_switched_off_nothing_goes_and_what_is_still_in_time_goes_when_on_again(
    series, dana
):
    live(range(4))
    automations.switch_off(series, now=START + 3.6 * DAY)
    live(range(4, 7))
    assert sent() == [(1, 0)]
    assert (
        "waits, because the automation is off"
        in series_of(dana, now=START + 4 * DAY)[0]
    )

    automations.switch_on(series, now=START + 7 * DAY)
    live(range(7, 9))

    assert sent() == [(1, 0), (2, 7)]


def test_once_means_once_and_again_after_days_means_after_days(series):
    """The occurrence of these is a day, as of an anniversary; the first mail lets
    nobody in again too early."""
    Automation.objects.filter(pk=series.pk).update(
        reentry="after_days", reentry_days=30
    )
    dana = newcomer()
    live([0])
    Message.objects.update(occurrence="earlier", due_on=(START - 29 * DAY).date())
    Run.objects.update(state="done", ended_at=START, next_on=None)
    live([1])
    assert Message.objects.filter(customer=dana).count() == 1

    Message.objects.update(due_on=(START - 30 * DAY).date())
    live([1])
    assert Message.objects.filter(customer=dana, step=1).count() == 2


def test_an_offer_needs_a_consent_and_its_words_may_be_left_out(series):
    change(series, 1, has_offer=True, without_offer_allowed=True)
    wordings.save_wording(
        series, language="en", fields={"offer": "A tin of tea for 1 euro"}, now=START
    )
    plain, keen = newcomer(), newcomer()
    Consent.objects.create(
        customer=keen, category="marketing", granted=True, at=START, how="staff",
        source_text="asked",
    )  # fmt: skip
    live([0])

    rows = {row.customer: row for row in Message.objects.all()}
    assert (rows[plain].category, rows[keen].category) == ("loyalty", "marketing")
    assert ["1 euro" in rows[one].body.text for one in (plain, keen)] == [False, True]


def test_an_offer_that_is_added_later_makes_what_is_planned_marketing(series, dana):
    planning.sweep(now=START, kinds=["welcome"])
    change(series, 1, has_offer=True)
    deliver(now=START + timedelta(hours=4))

    row = Message.objects.get()
    assert (row.category, row.reason_code) == ("marketing", "no_consent")
    planning.sweep(now=START + DAY, kinds=["welcome"])
    assert Run.objects.get().state == "suppressed"


def test_the_road_stands_in_one_sentence_and_in_why(series, dana):
    live(range(2))
    assert series_of(dana, now=START + DAY) == [
        "Welcome series: step 2 of 3 on 25 November 2026; step 1 went on "
        "21 November 2026; stops when they bought or they wrote or spoke to us"
    ]
    live(range(2, 4))
    row = Message.objects.get(step=2)
    assert explained(get("welcome"), row) == (
        f"Step 2 of 3 of “Welcome series” (version {row.run.version.number}); the one "
        "before it left on 21 November 2026."
    )


def test_a_person_who_lets_an_uncertain_mail_be_lets_the_run_go_on(dana):
    live([0])
    Message.objects.update(state="uncertain", reason_code="no_answer")
    live(range(1, 7))
    assert Run.objects.get().next_on is None

    messages.leave_it(Message.objects.get(), now=START + 6 * DAY)
    tick(START + 7 * DAY)

    assert Run.objects.get().step == 2 or Run.objects.get().next_on


# --- What the forecast knows of them ------------------------------------------------


def foreseen(at):
    """(step, days after the start) of what goes, and the steps that do not."""
    planning.sweep(now=at, kinds=["welcome"])
    found = forecast.work_out(None, now=at)
    rows = ForecastMail.objects.filter(forecast=found).order_by("day", "id")
    steps_of = [(row.step, row) for row in rows]
    goes = [(n, (row.goes_at - START).days) for n, row in steps_of if row.goes_at]
    return goes, [(n, row.reason_code) for n, row in steps_of if not row.goes_at]


@pytest.mark.parametrize(
    ("lived", "at", "days"),
    [
        pytest.param([], -1, [(1, 0), (2, 4), (3, 14)], id="nobody has begun"),
        pytest.param([0], 0, [(2, 4), (3, 14)], id="the first has left"),
        pytest.param([0, 1, 3], 3, [(2, 4), (3, 14)], id="the second is planned"),
        pytest.param([0, 8], 9, [(3, 18)], id="the second was late"),
        pytest.param(range(16), 16, [], id="at the end"),
    ],
)
def test_the_forecast_has_the_days_on_which_the_steps_then_go(dana, lived, at, days):
    live(lived)
    goes, others = foreseen(START + at * DAY + timedelta(hours=5))
    before = len(sent())

    live(range(at + 1, 20))

    assert goes == days == sent()[before:]
    assert others == []


def test_the_forecast_has_no_step_of_a_run_that_a_rule_stops_already(dana):
    live(range(2))
    bought(dana, START + 2 * DAY)

    assert foreseen(START + 2 * DAY) == ([(2, 4)], [])


def test_the_forecast_has_no_step_behind_one_that_does_not_go(series):
    change(series, 2, has_offer=True)
    newcomer()

    assert foreseen(START) == ([(1, 0)], [(2, "no_consent")])

    change(series, 2, has_offer=True, without_offer_allowed=True)
    assert foreseen(START) == ([(1, 0), (2, 4), (3, 14)], [])


def test_the_forecast_has_an_offer_behind_two_other_steps_once(series):
    change(series, 3, has_offer=True)
    consent.grant(
        newcomer(),
        categories={Category.MARKETING},
        how="staff",
        source_text="Said yes",
        now=START,
    )

    assert foreseen(START) == ([(1, 0), (2, 4), (3, 14)], [])


@pytest.mark.parametrize(("again_after", "begins"), [(30, False), (20, True)])
def test_the_forecast_knows_who_may_not_begin_again(dana, again_after, begins):
    live(range(20))
    Automation.objects.update(reentry="after_days", reentry_days=again_after)
    Message.objects.update(occurrence=Concat(Value("earlier:"), "occurrence"))
    type(dana).objects.update(since_on=(START + 24 * DAY).date())

    goes, _others = foreseen(START + 20 * DAY)

    assert goes == ([(1, 25), (2, 29), (3, 39)] if begins else [])
