"""Today: who needs whom, what goes out, what is held back."""

from datetime import timedelta

import pytest

from crm.models import Heartbeat
from crm.services import follow_ups
from messaging.models import Circuit
from tests.desk.conftest import NOW, make_customer, sign_up
from tests.factories import (
    InvitationFactory,
    MessageFactory,
    OrderFactory,
    ResponseFactory,
    ReviewFactory,
)
from tests.pages import panel, read, tight


def owe(customer, *, days=0, **more):
    values = {
        "why": "Call back",
        "due_on": NOW.date() + timedelta(days=days),
        "now": NOW,
    }
    return follow_ups.open_follow_up(customer_id=customer.pk, **{**values, **more})


def groups(answer):
    return {
        group.group.value: [task.why for task in group.tasks]
        for group in answer.context["page"].groups
    }


def test_tasks_stand_in_three_groups(desk, noa, dana):
    owe(dana, days=-2, why="Late", assignee=noa)
    owe(dana, days=0, why="Today", assignee=noa)
    owe(dana, days=3, why="Soon", assignee=noa)
    owe(dana, days=9, why="Far", assignee=noa)

    answer = desk.get("/")

    assert groups(answer) == {"overdue": ["Late"], "now": ["Today"], "later": ["Soon"]}


def test_within_a_day_what_is_due_earlier_stands_first(desk, noa, dana):
    """Whatever was written down first; what has no hour comes after those that have."""
    owe(dana, why="Any time", assignee=noa)
    for hours in (5, 2, 4, 3):
        owe(
            dana,
            why=f"In {hours} hours",
            due_at=NOW + timedelta(hours=hours),
            assignee=noa,
        )

    shown = [why for whys in groups(desk.get("/")).values() for why in whys]

    assert shown == [
        "In 2 hours",
        "In 3 hours",
        "In 4 hours",
        "In 5 hours",
        "Any time",
    ]


def test_unassigned_work_is_for_everyone(desk, dana):
    owe(dana, why="Free")

    assert groups(desk.get("/")) == {"now": ["Free"]}


def test_a_colleagues_task_stands_on_the_team_tab_only(desk, dana):
    owe(dana, why="Tom's", assignee=sign_up("tom", "agent"))

    assert groups(desk.get("/")) == {}
    assert groups(desk.get("/?tab=team")) == {"now": ["Tom's"]}


def test_what_was_done_today_can_be_reopened(desk, noa, dana):
    row = owe(dana, assignee=noa)
    follow_ups.finish(row, now=NOW, staff=noa)

    answer = desk.get("/?tab=done")

    assert f"/follow-ups/{row.pk}/reopen/" in answer.content.decode()


def test_what_was_done_yesterday_is_not_of_today(desk, noa, dana):
    follow_ups.finish(owe(dana), now=NOW - timedelta(days=1), staff=noa)

    assert desk.get("/?tab=done").context["page"].done == []


def test_a_low_score_quotes_the_customer(desk, noa, dana):
    order = OrderFactory(customer=dana, number="10493")
    response = ResponseFactory(
        invitation=InvitationFactory(customer=dana, order=order),
        score=2,
        comment="The <b>bag</b> arrived open.",
    )
    owe(dana, why="Scored 2 of 10", source_key=f"response:{response.pk}")

    page = desk.get("/").content.decode()

    assert "2 of 10</b> after order" in page
    assert "10493" in page
    assert "The &lt;b&gt;bag&lt;/b&gt; arrived open." in page


def test_a_key_that_names_no_answer_is_shown_as_written(desk, dana):
    owe(dana, why="Odd", source_key="response:99999999999999999999")

    assert groups(desk.get("/")) == {"now": ["Odd"]}


def test_a_mail_that_may_have_left_asks_for_a_decision(desk, dana):
    MessageFactory(customer=dana, state="uncertain", final_at=NOW, handed_at=NOW)

    assert "may or may not have left" in desk.get("/").content.decode()


def test_a_mail_to_a_colleague_or_a_bare_address_asks_for_a_decision(desk, noa):
    """A reset or an acknowledgement has no customer, and may be in doubt as well."""
    in_doubt = {"category": "transactional", "state": "uncertain", "final_at": NOW}
    MessageFactory(customer=None, user=noa, **in_doubt)
    MessageFactory(customer=None, address="ade@example.org", **in_doubt)

    tasks = desk.get("/").context["page"].groups[0].tasks

    assert {task.who for task in tasks} == {"Noa", "ade@example.org"}


def test_a_decided_mail_asks_no_more(desk, dana):
    MessageFactory(
        customer=dana, state="uncertain", final_at=NOW, reason_code="left_as_is"
    )

    page = read(desk.get("/"), "Today")
    assert "may or may not have left" not in page


def test_mail_that_does_not_leave_is_one_item(desk):
    for transport in ("smtp", "provider"):
        Circuit.objects.create(transport=transport, state="open", opened_at=NOW)

    page = desk.get("/").context["page"]

    assert [task.key for group in page.groups for task in group.tasks] == ["circuit"]
    assert page.health.line.startswith("Mail: mail is not leaving")


def test_held_reviews_are_one_item_for_those_who_read_them(client, db):
    for hours in (5, 7):
        ReviewFactory(written_at=NOW - timedelta(hours=hours))
    client.force_login(sign_up("mia", "manager"))

    tasks = client.get("/").context["page"].groups[0].tasks

    assert [(task.who, task.why) for task in tasks] == [
        ("2 reviews", "Held until a person has read them. Oldest 7\N{NO-BREAK SPACE}h.")
    ]


def test_held_reviews_do_not_call_an_agent(desk):
    ReviewFactory()

    assert desk.get("/").context["page"].groups == []


def test_an_analyst_sees_the_mail_and_no_customer(client, dana):
    owe(dana, why="Secret matter")
    MessageFactory(customer=dana, state="uncertain", final_at=NOW)
    MessageFactory(customer=dana, not_before=NOW + timedelta(hours=1))
    client.force_login(sign_up("ana", "analyst"))

    answer = client.get("/")

    assert answer.status_code == 200
    assert answer.context["page"].groups == []
    assert "Levi" not in answer.content.decode()
    assert [row.count for row in panel(answer, "mail").going_out] == [1]


def test_a_marketer_sees_no_words_of_a_follow_up(client, dana):
    owe(dana, why="Secret matter")
    client.force_login(sign_up("max", "marketer"))

    page = client.get("/").content.decode()

    assert "Dana Levi" in page
    assert "Secret matter" not in page


def test_mail_is_counted_by_what_happens_to_it(desk, dana):
    later = NOW + timedelta(hours=2)
    MessageFactory(customer=dana, kind="anniversary", not_before=later)
    MessageFactory(
        customer=dana,
        kind="anniversary",
        not_before=later,
        deferred_reason="quiet_hours",
    )
    MessageFactory(customer=dana, not_before=NOW + timedelta(days=2))
    MessageFactory(customer=dana, deferred_reason="contact_limit")
    MessageFactory(customer=dana, deferred_reason="on_hold")
    for days in (1, 6, 8):
        MessageFactory(
            customer=dana,
            state="suppressed",
            reason_code="opted_out",
            final_at=NOW - timedelta(days=days),
        )

    mail = panel(desk.get("/"), "mail")

    assert [(row.kind, row.count) for row in mail.going_out] == [("anniversary", 2)]
    held = mail.held_back
    assert (held.limit, held.hold, held.opted_out) == (1, 1, 2)


def test_the_line_shows_that_all_works_and_when_it_was_seen(desk, settings):
    settings.MAIL_TRANSPORT = "smtp"
    for name in ("worker", "beat"):
        Heartbeat.objects.create(name=name, at=NOW - timedelta(seconds=40))

    line = desk.get("/").context["page"].health.line

    assert line == (
        "Mail, jobs and clock are working. Checked 40\N{NO-BREAK SPACE}s ago."
    )


def test_the_line_names_the_part_that_stands_still(desk):
    Heartbeat.objects.create(name="beat", at=NOW - timedelta(seconds=40))
    Heartbeat.objects.create(name="worker", at=NOW - timedelta(minutes=9))

    line = desk.get("/").context["page"].health.line

    assert line == "Jobs: last seen 9\N{NO-BREAK SPACE}min ago."


def test_due_times_are_shown_by_the_readers_clock(client, dana):
    user = sign_up("kim", "agent")
    user.time_zone = "Asia/Tokyo"
    user.save()
    owe(dana, assignee=user, due_at=NOW + timedelta(hours=2))
    client.force_login(user)

    # 14:00 UTC is 23:00 in Tokyo, the same day.
    assert client.get("/").context["page"].groups[0].tasks[0].due == "by 23:00"


def test_a_day_with_nothing_to_do_shows_what_comes(desk, noa, dana):
    owe(dana, days=9, assignee=noa)

    page = desk.get("/").content.decode()

    assert "Nobody needs you now." in page
    assert "Next: Dana Levi" in page


def test_the_answer_to_htmx_is_the_part_alone(desk):
    page = desk.get("/", headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in page
    assert "<h1>Today</h1>" in page


@pytest.mark.parametrize("rows", [1, 40])
def test_the_number_of_queries_does_not_grow(
    desk, noa, rows, django_assert_max_num_queries
):
    for number in range(rows):
        customer = make_customer("Anna", f"Berg {number}")
        response = ResponseFactory(invitation=InvitationFactory(customer=customer))
        owe(customer, assignee=noa, source_key=f"response:{response.pk}")
        MessageFactory(customer=customer, state="uncertain", final_at=NOW)

    # The first page of a session notes where somebody is signed in; once is enough.
    desk.get("/")
    with django_assert_max_num_queries(17):
        answer = desk.get("/")

    read(answer, "Berg 0")


def test_the_menu_counts_only_what_waits_for_this_person(desk, noa, dana):
    owe(dana, assignee=noa)
    owe(dana, assignee=noa, days=30)
    owe(dana, assignee=sign_up("tom", "agent"))
    MessageFactory(customer=dana, state="uncertain", final_at=NOW)
    ReviewFactory()

    menu = desk.get("/").context["shell"].menu

    assert {line.name: line.count for group in menu for line in group.lines} == {
        "today": 2,
        "customers": 0,
        "follow_ups": 2,
        "outbox": 1,
        "calendar": 0,
        "surveys": 0,
        "reviews": 0,
        "automations": 0,
        "rewards": 0,
        "gifts": 0,
        "members": 0,
        "programmes": 0,
        "returns": 0,
        "till": 0,
        "settings": 0,
        "segments": 0,
        "companies": 0,
        "conversations": 0,
    }


# --- The first days of a shop ---------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "output"),
    [("12 40", "day 12 of 40 of its story"), ("", "customers and orders come first")],
)
def test_while_the_sample_shop_is_filled_today_shows_how_far_it_is(
    desk, settings, tmp_path, words, output
):
    settings.SAMPLE_SHOP_MARK = tmp_path / "mark"
    settings.SAMPLE_SHOP_MARK.write_text(words)
    page = desk.get("/").content.decode()
    settings.SAMPLE_SHOP_MARK.unlink()

    assert output in page
    assert "No customers yet." not in page
    assert "The sample shop" not in read(desk.get("/"))


def test_an_empty_shop_is_led_to_the_import_and_to_the_settings(desk):
    page = desk.get("/").content.decode()

    assert "No customers yet." in page
    assert "import_customers" in page
    assert 'href="/settings/">Settings</a></p>' in tight(page)


def test_a_shop_with_a_customer_is_not_empty(desk, dana):
    page = desk.get("/").content.decode()

    assert "Nobody needs you now." in page
    assert "No customers yet." not in page
