"""Changes to many customers: done in slices, audited, taken back."""

from datetime import date, timedelta

import pytest

from crm import audiences
from crm.errors import AudienceMoved, BulkCannotBeUndone, NotAllowed
from crm.models import (
    AuditEntry,
    BulkRow,
    BulkRun,
    Customer,
    FollowUp,
    Interaction,
    Tag,
)
from crm.rules.choices import BulkAction, JobState
from crm.services import (
    customer_tags,
    customers,
    follow_ups,
    jobs,
    retention,
    segments,
)
from crm.services.bulk import running, undoing
from crm.services.personal_data import erase
from crm.signals import customers_changed
from tests.factories import NOW, CustomerFactory, UserFactory
from web.errors import InvalidValue

pytestmark = pytest.mark.django_db
DUE = date(2026, 11, 30)


@pytest.fixture
def mia():
    return UserFactory(name="Mia", role="manager")


@pytest.fixture
def people(monkeypatch):
    """Five in slices of two."""
    monkeypatch.setattr(running, "SLICE", 2)
    return [CustomerFactory(external_id=f"C{number}") for number in range(5)]


def work(now=NOW):
    while jobs.work(now=now, seconds=30).is_unfinished:
        pass


def do(by, action, audience="", now=NOW, **values):
    said = audiences.count_all(audience, now=now)
    run = running.start(action, values, audience=audience, said=said, by=by, now=now)
    work(now)
    run.refresh_from_db()
    return run


def undo(run, by, now=NOW):
    undoing.start(run, by=by, now=now)
    work(now)
    run.refresh_from_db()
    return run


def tagged(name="VIP"):
    return set(Customer.objects.filter(tags__name=name).values_list("pk", flat=True))


def state():
    """All that a change touches, but counters of versions."""
    facts = Customer.objects.order_by("pk").values_list(
        "pk", "owner_id", "country", "language", "time_zone", "heard_from"
    )
    links = Customer.tags.through.objects.order_by("customer_id", "tag_id")
    owed = FollowUp.objects.exclude(state="dropped").values_list("customer_id", "why")
    return [*facts], [*links.values_list("customer_id", "tag_id")], sorted(owed)


# --- Done, and taken back ------------------------------------------------------------


def test_everybody_gets_a_tag_and_who_had_it_keeps_it(mia, people):
    customer_tags.set_tags(people[0], ["vip"])

    run = do(mia, BulkAction.TAG, tag="VIP")

    assert (run.people, run.changed) == (5, 4)
    assert Tag.objects.get().name == "vip"
    assert tagged("vip") == {row.pk for row in people}
    undo(run, mia)
    assert tagged("vip") == {people[0].pk}
    assert (run.undone, run.undo_state) == (4, "done")


@pytest.mark.parametrize("action", list(BulkAction))
def test_what_is_taken_back_is_as_before(mia, people, action):
    customer_tags.set_tags(people[1], ["Old"])
    customer_tags.set_tags(people[4], ["Old", "VIP"])
    Customer.objects.filter(pk=people[2].pk).update(
        owner=UserFactory(), country="DE", heard_from="Fair"
    )
    before = state()
    values = {
        BulkAction.TAG: {"tag": "VIP"},
        BulkAction.UNTAG: {"tag": Tag.objects.get(name="Old")},
        BulkAction.ASSIGN: {"owner": mia},
        BulkAction.FOLLOW_UP: {"why": "Call", "due_on": DUE, "assignee": mia},
        BulkAction.FIELD: {"field": "country", "value": "AT"},
    }

    run = do(mia, action, **values[action])

    assert run.changed
    assert state() != before
    undo(run, mia)
    assert run.undone == run.changed
    assert state() == before


def test_only_those_of_the_list_and_none_that_are_gone(mia, people):
    people[0].country = people[1].country = "DE"
    people[1].erased_at = NOW
    for row in people[:2]:
        row.save()
    germans = segments.create(
        name="German",
        conditions={
            "match": "all",
            "parts": [{"field": "country", "is": "any_of", "values": ["DE"]}],
        },
        by=None,
        now=NOW,
    )

    # The change itself takes them out of the segment, slice by slice or not.
    run = do(
        mia,
        BulkAction.FIELD,
        f"segment={germans.pk}",
        field="country",
        value="at",
    )

    assert (run.people, run.changed) == (1, 1)
    assert Customer.objects.filter(country="AT").get() == people[0]


def test_a_change_that_takes_people_out_of_its_list_reaches_them_all(mia, people):
    Customer.objects.update(owner=mia)

    run = do(mia, BulkAction.ASSIGN, f"owner={mia.pk}", owner=None)

    assert run.changed == 5
    assert not Customer.objects.filter(owner=mia).exists()


def test_ticked_rows(mia, people):
    run = do(mia, BulkAction.TAG, f"ids={people[1].pk},{people[3].pk}", tag="VIP")

    assert run.people == 2
    assert tagged() == {people[1].pk, people[3].pk}


def test_what_somebody_changed_since_stays(mia, people):
    run = do(mia, BulkAction.FIELD, field="heard_from", value="Fair")
    customers.update_customer(people[0], changes={"heard_from": "Friend"}, now=NOW)

    undo(run, mia)

    people[0].refresh_from_db()
    assert people[0].heard_from == "Friend"
    assert (run.changed, run.undone) == (5, 4)


def test_a_follow_up_that_somebody_took_or_moved_stays(mia, people):
    run = do(mia, BulkAction.FOLLOW_UP, why="Call", due_on=DUE, assignee=None)
    taken, moved = FollowUp.objects.filter(customer__in=people[:2])
    follow_ups.take(taken, staff=mia, now=NOW)
    follow_ups.snooze(moved, due_on=DUE + timedelta(days=2), now=NOW)

    undo(run, mia)

    still = FollowUp.objects.exclude(state="dropped").values_list("pk", flat=True)
    assert set(still) == {taken.pk, moved.pk}
    assert run.undone == 3


def test_an_owner_who_is_gone_meanwhile_owns_nobody_again(mia, people):
    gone = UserFactory()
    Customer.objects.update(owner=gone)
    run = do(mia, BulkAction.ASSIGN, owner=mia)
    gone.delete()

    undo(run, mia)

    assert set(Customer.objects.values_list("owner", flat=True)) == {None}


def test_it_is_on_the_record_of_each_with_names_of_fields_alone(mia, people):
    customer_tags.set_tags(people[0], ["VIP"])
    run = do(mia, BulkAction.TAG, tag="VIP")
    undo(run, mia)

    rows = AuditEntry.objects.filter(action="customer.changed", fields=["tags"])
    assert rows.filter(actor_id=mia.pk, via="task").count() == 8
    assert not rows.filter(customer_id=people[0].pk).exists()
    assert set(
        AuditEntry.objects.filter(action__startswith="bulk").values_list(
            "action", flat=True
        )
    ) == {"bulk.asked", "bulk.done", "bulk.undo_asked", "bulk_undo.asked",
          "bulk_undo.done"}  # fmt: skip


def test_follow_ups_are_opened_once_however_often_a_slice_is_done(mia, people):
    run = do(mia, BulkAction.FOLLOW_UP, why="Call", due_on=DUE, assignee=None)
    statement = running._statement(run)

    again = running.work_slice(run, statement, after=0, upto=10**9, now=NOW)

    assert again == 0
    assert FollowUp.objects.count() == 5
    opened = AuditEntry.objects.filter(action="follow_up.opened")
    assert opened.count() == 5
    assert {row.subject for row in opened} == {
        f"follow_up:{pk}" for pk in FollowUp.objects.values_list("pk", flat=True)
    }


def test_a_version_in_an_open_form_is_stale_afterwards(mia, people):
    do(mia, BulkAction.TAG, tag="VIP")

    assert set(Customer.objects.values_list("version", flat=True)) == {2}


def test_fifty_tags_are_the_most(mia, people):
    customer_tags.set_tags(people[0], [f"tag {number}" for number in range(50)])

    do(mia, BulkAction.TAG, tag="VIP")

    assert tagged() == {row.pk for row in people[1:]}


def test_planned_mail_follows_a_new_zone(mia, people):
    heard = []

    def listen(ids, fields, **_):
        heard.append((sorted(ids), set(fields)))

    customers_changed.connect(listen)
    try:
        do(mia, BulkAction.FIELD, field="time_zone", value="Asia/Tokyo")
    finally:
        customers_changed.disconnect(listen)

    pks = sorted(row.pk for row in people)
    assert [pk for part, _ in heard for pk in part] == pks
    assert all(fields == {"time_zone"} for _, fields in heard)


# --- Refused, cancelled, forgotten ---------------------------------------------------


def test_more_people_than_the_page_said_are_not_changed(mia, people):
    with pytest.raises(AudienceMoved):
        running.start(
            BulkAction.TAG, {"tag": "VIP"}, audience="", said=4, by=mia, now=NOW
        )
    assert not BulkRun.objects.exists()


def test_an_agent_may_not(people):
    agent = UserFactory(role="agent")
    with pytest.raises(NotAllowed):
        do(agent, BulkAction.TAG, tag="VIP")


@pytest.mark.parametrize(
    ("action", "values"),
    [
        (BulkAction.TAG, {"tag": " "}),
        (BulkAction.FIELD, {"field": "email", "value": "a@example.org"}),
        (BulkAction.FIELD, {"field": "country", "value": "XX"}),
        (
            BulkAction.FOLLOW_UP,
            {"why": "Call", "due_on": date(1, 1, 1), "assignee": None},
        ),
        (BulkAction.FOLLOW_UP, {"why": " ", "due_on": DUE, "assignee": None}),
    ],
)
def test_what_means_nothing_is_refused(mia, people, action, values):
    with pytest.raises(InvalidValue):
        do(mia, action, **values)


def test_cancelled_half_way_what_was_done_can_be_taken_back(mia, people):
    run = running.start(
        BulkAction.TAG, {"tag": "VIP"}, audience="", said=5, by=mia, now=NOW
    )
    for _ in range(2):
        jobs.work(now=NOW, seconds=0)
    jobs.cancel(run.job, now=NOW)
    work()
    run.refresh_from_db()

    assert (run.people, run.changed) == (5, 2)
    assert run.job.__class__.objects.get().state == JobState.CANCELLED.value
    undo(run, mia)
    assert tagged() == set()


def test_twice_is_once_and_a_week_is_the_end(mia, people):
    run = do(mia, BulkAction.TAG, tag="VIP")
    undo(run, mia)
    with pytest.raises(BulkCannotBeUndone, match="was taken back"):
        undoing.start(run, by=mia, now=NOW)

    late = NOW + timedelta(days=7)
    other = do(mia, BulkAction.UNTAG, tag=Tag.objects.get())
    assert other.changed == 0
    with pytest.raises(BulkCannotBeUndone, match="nothing to take back"):
        undoing.start(other, by=mia, now=NOW)
    last = do(mia, BulkAction.TAG, tag="VIP")
    with pytest.raises(BulkCannotBeUndone, match="seven days"):
        undoing.start(last, by=mia, now=late)


def test_after_a_week_nobody_knows_how_they_were(mia, people):
    do(mia, BulkAction.TAG, tag="VIP")

    retention.purge(now=NOW + timedelta(days=6))
    assert BulkRow.objects.count() == 5
    retention.purge(now=NOW + timedelta(days=8))
    assert not BulkRow.objects.exists()
    assert BulkRun.objects.get().changed == 5


def test_an_erased_person_is_neither_kept_nor_brought_back(mia, people):
    run = do(mia, BulkAction.FIELD, field="heard_from", value="Fair")
    erase(people[0], now=NOW)

    assert not BulkRow.objects.filter(customer_id=people[0].pk).exists()
    undo(run, mia)
    assert run.undone == 4
    assert Interaction.objects.count() == 0
