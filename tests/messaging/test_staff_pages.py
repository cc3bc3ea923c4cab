"""The outbox, one message and the automations, as staff of each role use them."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from crm.access import Role
from crm.models import AuditEntry, Customer
from messaging.models import Automation, Body, Consent, Message, Sweep
from messaging.rules.choices import Category, Transport
from messaging.selectors import outbox as rows
from messaging.selectors.forecasts import coming as forecast
from messaging.services import automations, circuit, consent, holds, planning
from tests.factories import CustomerFactory, MessageFactory, UserFactory
from tests.pages import read

NOW = datetime(2026, 5, 11, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MAIL = "<html><head></head><body><p>Thank you, Dana</p></body></html>"


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def sign_in(client, role):
    user = UserFactory(role=role)
    client.force_login(user)
    return user


@pytest.fixture
def manager(client, db):
    return sign_in(client, "manager")


@pytest.fixture
def anniversary(db):
    automations.ensure_automations()
    return Automation.objects.get(kind="anniversary")


def make(**more):
    more.setdefault("not_before", NOW + DAY)
    return MessageFactory(**more)


def ended(state, **more):
    return make(state=state, final_at=NOW - timedelta(hours=1), **more)


def url(name, *args):
    return reverse(f"messaging:{name}", args=args)


def listed(client, query=""):
    answer = client.get(f"/outbox/{query}")
    assert answer.status_code == 200
    return [row.message.pk for row in answer.context["page"].rows]


def notices(answer):
    return [str(message) for message in answer.context["messages"]]


# --- Tabs ----------------------------------------------------------------------------


@pytest.fixture
def one_of_each(db):
    """One message for each place of the outbox, by the query that shows it."""
    return {
        "?tab=planned": make(),
        "?tab=held": make(deferred_reason="contact_limit"),
        "?tab=held&view=suppressed": ended("suppressed", reason_code="opted_out"),
        "?tab=held&view=expired": ended("expired", reason_code="too_late"),
        "?tab=held&view=cancelled": ended("cancelled", reason_code="order_gone"),
        "?tab=held&view=superseded": ended(
            "superseded", reason_code="superseded_date_changed"
        ),
        "?tab=decide": ended("uncertain", reason_code="no_answer"),
        "?tab=sent": ended("sent"),
        "?tab=failed": ended("failed", reason_code="refused"),
    }


def test_each_tab_lists_its_messages_and_no_others(client, manager, one_of_each):
    shown = {query: listed(client, query) for query in one_of_each}

    assert shown == {query: [row.pk] for query, row in one_of_each.items()}


@pytest.mark.parametrize("query", ["", "?tab=nonsense", "?older=x&newer=y&kind=no"])
def test_what_was_not_offered_shows_the_planned_ones(
    client, manager, one_of_each, query
):
    assert listed(client, query) == [one_of_each["?tab=planned"].pk]


def test_an_unknown_view_of_what_is_held_shows_what_waits(client, manager, one_of_each):
    assert listed(client, "?tab=held&view=%00") == [one_of_each["?tab=held"].pk]


def test_what_a_person_left_as_it_is_needs_no_decision(client, manager):
    ended("uncertain", reason_code="left_as_is")

    assert listed(client, "?tab=decide") == []


def test_the_reason_stands_in_words(client, manager, one_of_each):
    held = client.get("/outbox/?tab=held").content.decode()
    failed = client.get("/outbox/?tab=failed").content.decode()

    assert "Contact limit" in held
    assert "contact_limit" not in held
    assert "The mail server refused it" in failed


def test_one_kind_can_be_asked_for(client, manager, anniversary):
    make(kind="survey_after_delivery")
    wanted = make(kind="anniversary")

    assert listed(client, "?kind=anniversary") == [wanted.pk]


def test_an_empty_tab_reports_it(client, manager):
    page = client.get("/outbox/?tab=failed").content.decode()

    assert "Nothing failed" in page


# --- Pages ---------------------------------------------------------------------------


def test_pages_go_on_after_the_last_row_and_back(client, manager, monkeypatch):
    monkeypatch.setattr(rows, "SIZE", 2)
    customer = CustomerFactory()
    pks = [
        make(customer=customer, not_before=NOW + hours * timedelta(hours=1)).pk
        for hours in (1, 2, 2, 3, 4)
    ]

    first = client.get("/outbox/").context["page"]
    second = client.get(f"/outbox/?newer={first.newer}").context["page"]
    third = client.get(f"/outbox/?newer={second.newer}").context["page"]
    back = client.get(f"/outbox/?older={third.older}").context["page"]

    seen = [[row.message.pk for row in page.rows] for page in (first, second, third)]
    assert seen == [pks[:2], pks[2:4], pks[4:]]
    assert (first.older, third.newer) == ("", "")
    assert [row.message.pk for row in back.rows] == pks[2:4]


def test_the_newest_sent_mail_stands_first(client, manager, monkeypatch):
    monkeypatch.setattr(rows, "SIZE", 2)
    pks = [make(state="sent", final_at=NOW - hours * DAY).pk for hours in (3, 2, 1)]

    first = client.get("/outbox/?tab=sent").context["page"]
    second = listed(client, f"?tab=sent&older={first.older}")

    assert [row.message.pk for row in first.rows] == [pks[2], pks[1]]
    assert second == [pks[0]]


# --- Who may -------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_names_are_for_those_who_may_see_customers(client, db, role):
    sign_in(client, role.value)
    message = make(customer__family_name="Ben-Ami")

    page = client.get("/outbox/").content.decode()

    assert "Anniversary" in page
    may = role != Role.ANALYST
    assert ("Ben-Ami" in page) is may
    assert (url("message", message.pk) in page) is may


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("owner", 302),
        ("manager", 302),
        ("agent", 302),
        ("marketer", 403),
        ("analyst", 403),
    ],
)
def test_a_message_is_cancelled_by_those_who_decide_only(client, db, role, status):
    sign_in(client, role)
    message = make()

    seen = client.post(url("message-cancel", message.pk)).status_code

    assert seen == status
    message.refresh_from_db()
    assert message.state == ("planned" if status == 403 else "cancelled")


def test_a_role_that_decides_nothing_is_offered_no_button(client, anniversary):
    sign_in(client, "marketer")
    page = read(client.get(url("message", make().pk)), "<h1")
    assert "Cancel it" not in page

    sign_in(client, "analyst")
    page = read(client.get(url("automation", anniversary.pk)), "<h1")
    assert "Switch on" not in page
    assert "Add a step" not in page


# --- One message ---------------------------------------------------------------------


def test_the_message_page_shows_every_check_and_what_can_be_done(
    client, manager, anniversary
):
    why = {"since": "2020-05-12", "on": "2026-05-12"}
    message = make(kind="anniversary", category="loyalty", why=why)

    answer = client.get(url("message", message.pk))

    page = answer.content.decode()
    assert [check.decided for check in answer.context["checks"]][-1] is True
    for check in answer.context["checks"]:
        assert check.text in page
    assert "May we write: yes" in page
    assert "Cancel it" in page
    assert "Send it again" not in page


def test_a_message_in_doubt_offers_both_ways_out(client, manager):
    message = ended("uncertain", reason_code="no_answer")

    page = client.get(url("message", message.pk)).content.decode()

    assert "Send it again" in page
    assert "Leave it" in page
    assert "Cancel it" not in page


def test_cancelling_ends_it_with_the_person_in_the_audit(client, manager):
    message = make()

    answer = client.post(url("message-cancel", message.pk), follow=True)

    message.refresh_from_db()
    assert (message.state, message.reason_code) == ("cancelled", "cancelled_by_staff")
    assert notices(answer) == ["Cancelled. It will not be sent."]
    entry = AuditEntry.objects.get(action="message.cancelled")
    assert (entry.actor_kind, entry.actor_id) == ("user", manager.pk)


def test_sending_again_plans_it_for_now(client, manager):
    message = ended("uncertain", reason_code="no_answer")

    answer = client.post(url("message-send-again", message.pk), follow=True)

    message.refresh_from_db()
    assert (message.state, message.not_before) == ("planned", NOW)
    assert notices(answer) == ["It goes once more."]


def test_leaving_it_takes_it_off_the_list(client, manager):
    message = ended("uncertain", reason_code="no_answer")

    answer = client.post(url("message-leave", message.pk), follow=True)

    assert notices(answer) == ["Left as it is."]
    assert listed(client, "?tab=decide") == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("message-cancel", "This message is no longer waiting."),
        ("message-send-again", "This message does not wait for a decision."),
        ("message-leave", "This message does not wait for a decision."),
    ],
)
def test_what_is_too_late_is_refused_in_words(client, manager, name, words):
    message = ended("sent")

    answer = client.post(url(name, message.pk), follow=True)

    assert notices(answer) == [words]
    message.refresh_from_db()
    assert message.state == "sent"


# --- While no mail leaves ------------------------------------------------------------


@pytest.fixture
def stopped(db):
    refused = circuit.Failure("refused", 535, ours=True)
    circuit.trip(Transport.OUTBOX, refused, now=NOW)


def test_a_stopped_queue_is_shown_above_the_outbox_and_tried_at_once(
    client, manager, stopped
):
    seen = client.get("/outbox/").content.decode()

    answer = client.post("/outbox/try-now/", follow=True)

    assert "The mail server answered 535." in seen
    assert "Try now" in seen
    assert circuit.may_go(Transport.OUTBOX)
    assert notices(answer) == ["One mail is tried now. If it leaves, all go."]
    entry = AuditEntry.objects.get(action="circuit.tried")
    assert (entry.actor_kind, entry.actor_id) == ("user", manager.pk)


def test_who_decides_nothing_sees_that_mail_stands_still_and_no_button(client, stopped):
    sign_in(client, "analyst")

    seen = client.get("/outbox/").content.decode()

    assert "The mail server answered 535." in seen
    assert "Try now" not in seen
    assert client.post("/outbox/try-now/").status_code == 403
    assert not circuit.may_go(Transport.OUTBOX)


def test_while_all_works_there_is_nothing_to_try(client, manager):
    assert "Try now" not in read(client.get("/outbox/"), "Outbox")


# --- The mail in its frame -----------------------------------------------------------


@pytest.fixture
def kept(db):
    message = ended("sent", transport="outbox")
    Body.objects.create(
        message=message, subject="Thanks", text="Thank you", html=MAIL, stored_at=NOW
    )
    return message


def test_the_mail_has_a_policy_of_its_own(client, manager, kept):
    answer = client.get(url("mail", kept.pk))

    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'unsafe-inline'" in policy
    assert "script-src 'none'" in policy
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert '<base target="_blank">' in answer.content.decode()


@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_see_customers_read_mails(client, kept, role):
    sign_in(client, role.value)

    answer = client.get(url("mail", kept.pk))

    if role == Role.ANALYST:
        assert answer.status_code == 403
    else:
        read(answer, '<base target="_blank">')


def test_a_mail_that_is_not_written_yet_has_no_page(client, manager):
    answer = client.get(url("mail", make().pk))

    read(answer, "There is nothing at this address", status=404)


def test_the_message_page_frames_the_mail_or_shows_its_text(client, manager, kept):
    framed = client.get(url("message", kept.pk)).content.decode()
    text = client.get(url("message", kept.pk) + "?show=text").content.decode()

    assert f'src="{url("mail", kept.pk)}"' in framed
    assert "Thank you, Dana" not in framed
    assert '<pre class="p-plain" dir="auto">Thank you</pre>' in text


# --- Automations: on and off ---------------------------------------------------------


def test_switching_names_the_state_so_that_twice_is_once(client, manager, anniversary):
    CustomerFactory(since_on=date(2020, 5, 20))
    switch = url("automation-switch", anniversary.pk)

    first = client.post(switch, {"to": "on"}, follow=True)
    client.post(switch, {"to": "on"}, follow=True)

    anniversary.refresh_from_db()
    assert anniversary.is_on
    assert notices(first) == ["Switched on: 1 mail in 30 days."]
    assert AuditEntry.objects.filter(action="automation.switched_on").count() == 1

    off = client.post(switch, {"to": "off"}, follow=True)

    anniversary.refresh_from_db()
    assert not anniversary.is_on
    assert notices(off) == ["Switched off. Nothing more is planned."]


def test_the_list_names_every_automation(client, manager, anniversary):
    page = client.get("/automations/").content.decode()

    for row in Automation.objects.all():
        assert url("automation", row.pk) in page


# --- Automations: when ---------------------------------------------------------------


def timing(automation, **more):
    values = {"send_hour": 9, "offset_days": 0, "life_days": 3}
    values |= {"name": "Anniversary", "weekdays": [1, 2, 3, 4, 5, 6, 7]}
    values["reentry"] = "per_occurrence"
    return {**values, "version": automation.version, **more}


def test_the_hour_is_saved(client, manager, anniversary):
    answer = client.post(
        url("automation-edit", anniversary.pk),
        timing(anniversary, send_hour=11),
        follow=True,
    )

    anniversary.refresh_from_db()
    assert anniversary.send_hour == 11
    assert notices(answer) == ["Saved."]


def test_a_stale_version_is_refused_and_what_was_typed_is_kept(
    client, manager, anniversary
):
    stale = timing(anniversary, life_days=5)
    client.post(
        url("automation-edit", anniversary.pk), timing(anniversary, send_hour=7)
    )

    answer = client.post(url("automation-edit", anniversary.pk), stale)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Somebody else changed this in the meantime." in page
    assert 'name="life_days" value="5"' in page
    anniversary.refresh_from_db()
    assert (anniversary.send_hour, anniversary.life_days) == (7, 3)


@pytest.mark.parametrize(
    "wrong",
    [{"life_days": 0}, {"offset_days": 366}, {"send_hour": 24}, {"version": ""}],
)
def test_what_is_out_of_range_is_refused_beside_its_field(
    client, manager, anniversary, wrong
):
    answer = client.post(
        url("automation-edit", anniversary.pk), timing(anniversary, **wrong)
    )

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == set(wrong)


# --- Forecast ------------------------------------------------------------------------


@pytest.fixture
def thirty_customers(db):
    for number in range(30):
        CustomerFactory(
            since_on=date(2020, 5, 13) + timedelta(days=number % 25),
            time_zone=("UTC", "Asia/Tokyo", "America/New_York")[number % 3],
        )


def everything():
    return [
        list(model.objects.order_by("pk").values())
        for model in (Message, Automation, Sweep, Consent, AuditEntry)
    ]


def test_looking_at_an_automation_changes_nothing(
    client, manager, anniversary, thirty_customers
):
    before = everything()

    page = client.get(url("automation", anniversary.pk))

    assert page.context["coming"].total == 30
    assert "30 mails are due." in page.content.decode()
    assert everything() == before


def test_the_forecast_is_what_planning_then_plans(anniversary, thirty_customers):
    expected = forecast(anniversary, now=NOW)
    automations.switch_on(anniversary, now=NOW)

    for days in range(30):
        planning.sweep(now=NOW + days * DAY, kinds=["anniversary"])

    planned = Counter(
        Message.objects.filter(kind="anniversary").values_list("due_on", flat=True)
    )
    assert planned.total() == 30
    assert {day: count for day, count in expected.days if count} == dict(planned)


def test_the_forecast_shows_what_would_be_held_back_and_why(
    client, manager, anniversary, thirty_customers
):
    gone, refused, held, *_ = Customer.objects.order_by("pk")
    Customer.objects.filter(pk=gone.pk).update(email="", email_norm="")
    loyalty = {"categories": [Category.LOYALTY], "now": NOW}
    consent.withdraw(refused, how="web", **loyalty)
    holds.place(held, reason="Complaint", source_key="complaint:1", **loyalty)

    # Due on the day behind the last one that is counted.
    CustomerFactory(since_on=date(2020, 6, 10), time_zone="Pacific/Kiritimati")
    coming = forecast(anniversary, now=NOW)
    page = client.get(url("automation", anniversary.pk)).content.decode()

    assert (coming.total, coming.going) == (30, 27)
    assert coming.held == {"no_address": 1, "opted_out": 1, "on_hold": 1}
    assert "As things stand" in page
    assert "Opted out" in page
