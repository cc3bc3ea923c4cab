"""Who comes into a followed segment and who leaves it; snapshots; masked rows."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from crm import audiences
from crm.errors import SnapshotExists
from crm.models import (
    AuditEntry,
    Customer,
    Job,
    Segment,
    SegmentEvent,
    SegmentMember,
    SegmentSnapshot,
)
from crm.services import jobs, membership, retention, segments, snapshots
from crm.services.merging import merge
from crm.services.personal_data import erase
from crm.tasks import look_at_segments
from tests.desk.conftest import sign_up
from tests.factories import NOW, CustomerFactory, UserFactory
from tests.pages import read
from web.errors import InvalidValue

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def every(*parts):
    return {"match": "all", "parts": list(parts)}


def of(country, *more):
    return every({"field": "country", "is": "any_of", "values": [country, *more]})


@pytest.fixture
def german():
    return segments.create(name="German", conditions=of("DE"), by=None, now=NOW)


@pytest.fixture
def followed(german):
    """Anna is in it from the first look on; Ida is not."""
    anna = CustomerFactory(country="DE", given_name="Anna")
    ida = CustomerFactory(country="AT", given_name="Ida")
    membership.follow(german, now=NOW)
    membership.refresh(german.pk, now=NOW)
    german.refresh_from_db()
    return german, anna, ida


def moves():
    rows = SegmentEvent.objects.order_by("at", "move")
    return [(row.customer_id, row.move, row.at) for row in rows]


def move(customer, country):
    Customer.objects.filter(pk=customer.pk).update(country=country)


def members():
    return set(SegmentMember.objects.values_list("customer_id", flat=True))


# --- Comings and goings --------------------------------------------------------------


def test_who_is_in_it_at_first_did_not_come(followed):
    _, anna, _ = followed

    assert members() == {anna.pk}
    assert moves() == []


def test_who_comes_and_who_leaves_is_told_once(followed):
    segment, anna, ida = followed
    move(anna, "AT")
    move(ida, "DE")

    assert membership.refresh(segment.pk, now=LATER) == membership.Moves(1, 1)
    assert membership.refresh(segment.pk, now=LATER) == membership.Moves(0, 0)

    assert moves() == [(ida.pk, "entered", LATER), (anna.pk, "left", LATER)]
    assert members() == {ida.pk}


def test_nobody_is_kept_of_a_segment_that_nobody_follows(german):
    CustomerFactory(country="DE")

    assert membership.refresh_all(now=NOW) == 0
    membership.refresh(german.pk, now=NOW)

    assert members() == set()


def test_other_conditions_move_nobody(followed):
    segment, anna, ida = followed
    segments.change(
        segment, name="German", conditions=of("DE", "AT"), version=1, now=NOW
    )

    membership.refresh(segment.pk, now=LATER)
    assert members() == {anna.pk, ida.pk}
    assert moves() == []

    move(anna, "FR")
    membership.refresh(segment.pk, now=LATER)
    assert [row[:2] for row in moves()] == [(anna.pk, "left")]


def test_other_conditions_of_a_segment_inside_move_nobody(followed):
    inner, anna, ida = followed
    outer = segments.create(
        name="Outer",
        conditions=every(
            {"field": "segment", "is": "any_of", "values": [str(inner.pk)]}
        ),
        by=None,
        now=NOW,
    )
    membership.follow(outer, now=NOW)
    membership.refresh_all(now=NOW)

    segments.change(inner, name="German", conditions=of("AT"), version=1, now=NOW)
    membership.refresh_all(now=LATER)

    assert moves() == []
    assert members() == {ida.pk}


def test_another_name_alone_loses_no_move(followed):
    segment, anna, _ = followed
    segments.change(segment, name="Germany", conditions=of("DE"), version=1, now=NOW)
    move(anna, "AT")

    membership.refresh(segment.pk, now=LATER)

    assert [row[:2] for row in moves()] == [(anna.pk, "left")]


def test_the_day_of_the_shop_counts(german):
    segments.change(
        german,
        name="Of the day before",
        conditions=every(
            {"field": "since", "is": "in_last", "period": {"count": 1, "unit": "days"}}
        ),
        version=1,
        now=NOW,
    )
    dana = CustomerFactory(since_on=NOW.date())
    membership.follow(german, now=NOW)
    membership.refresh(german.pk, now=NOW)

    membership.refresh(german.pk, now=NOW + timedelta(days=1))
    assert moves() == []
    membership.refresh(german.pk, now=NOW + timedelta(days=2))
    assert [row[:2] for row in moves()] == [(dana.pk, "left")]


def test_one_that_cannot_be_asked_keeps_no_other_from_it(followed, caplog):
    segment, anna, _ = followed
    broken = segments.create(name="Broken", conditions=of("DE"), by=None, now=NOW)
    Segment.objects.filter(pk=broken.pk).update(conditions={"match": "?"})
    # So that it comes first.
    Segment.objects.filter(pk=broken.pk).update(is_followed=True)
    move(anna, "AT")

    assert membership.refresh_all(now=LATER) == 1
    assert f"Segment {broken.pk} could not be looked at" in caplog.text


def test_the_tick_does_it(followed):
    _, anna, _ = followed
    move(anna, "AT")

    assert look_at_segments() == 1
    assert look_at_segments() == 0


def test_stopped_it_is_forgotten_but_what_was_told_stays(followed):
    segment, anna, _ = followed
    move(anna, "AT")
    membership.refresh(segment.pk, now=LATER)

    membership.stop_following(segment, now=LATER)
    membership.stop_following(segment, now=LATER)

    assert members() == set()
    assert len(moves()) == 1
    told = AuditEntry.objects.filter(action="segment.unfollowed")
    assert told.count() == 1


def test_erased_people_are_forgotten_and_merged_ones_told_of_the_kept(followed):
    segment, anna, ida = followed
    eva = CustomerFactory(country="DE")
    membership.refresh(segment.pk, now=LATER)
    assert moves() == [(eva.pk, "entered", LATER)]

    merge(ida, eva, now=LATER)
    erase(anna, now=LATER)

    assert moves() == [(ida.pk, "entered", LATER)]
    assert members() == set()


def test_moves_are_kept_for_two_years(followed):
    segment, anna, _ = followed
    move(anna, "AT")
    membership.refresh(segment.pk, now=NOW)

    retention.purge(now=NOW + timedelta(days=729))
    assert len(moves()) == 1
    retention.purge(now=NOW + timedelta(days=731))
    assert moves() == []


# --- Snapshots -----------------------------------------------------------------------


def ids(query):
    people = audiences.everybody_in(query, country="GB", today=NOW.date())
    with connection.cursor() as cursor:
        cursor.execute(people)
        return {Customer.objects.get(pk=pk) for (pk,) in cursor.fetchall()}


def test_a_snapshot_is_compared_with_today(german):
    anna, ida, uli = (CustomerFactory(country=code) for code in ("DE", "DE", "AT"))
    row = snapshots.take(german, by=None, now=NOW)
    move(anna, "AT")
    move(uli, "DE")

    assert row.people == 2
    assert ids(f"snapshot={row.pk}") == {anna, ida}
    assert ids(f"snapshot=came-{row.pk}") == {uli}
    assert ids(f"snapshot=left-{row.pk}") == {anna}
    assert ids("snapshot=0") == set()
    words = "Customers, in “German” on Nov. 21, 2026, and not now"
    assert audiences.in_words(f"snapshot=left-{row.pk}") == words
    with pytest.raises(InvalidValue):
        audiences.checked(f"snapshot={row.pk}")


def test_a_day_has_one_and_a_job_takes_it(german):
    mia = UserFactory(role="manager")
    CustomerFactory(country="DE")
    snapshots.ask(german, by=mia, now=NOW)
    jobs.work(now=NOW, seconds=5)

    row = SegmentSnapshot.objects.get()
    assert (row.people, row.taken_by, row.day) == (1, mia, NOW.date())
    assert Job.objects.get().state == "done"
    for take in (snapshots.ask, snapshots.take):
        with pytest.raises(SnapshotExists):
            take(german, by=mia, now=LATER)
    snapshots.take(german, by=mia, now=NOW + timedelta(days=1))


# --- Pages ---------------------------------------------------------------------------


@pytest.fixture
def mia(client):
    client.force_login(sign_up("mia", "manager"))
    return client


def test_follow_look_keep_and_compare(mia, german):
    anna = CustomerFactory(country="DE", given_name="Anna", family_name="Berg")
    here = f"/segments/{german.pk}/history/"
    mia.post(f"/segments/{german.pk}/follow/")
    mia.post(f"/segments/{german.pk}/snapshot/")
    jobs.work(now=timezone.now(), seconds=5)
    look_at_segments()
    move(anna, "AT")
    look_at_segments()

    page = read(mia.get(here))
    assert "In the last 30 days: came 0, left 1." in page
    assert "Anna Berg" in page
    row = SegmentSnapshot.objects.get()
    page = read(mia.get(f"{here}?compare={row.pk}"))
    assert "Left since: 1" in page
    assert "Came since: 0" in page

    mia.post(f"/segments/snapshots/{row.pk}/delete/")
    mia.post(f"/segments/{german.pk}/follow/", {"stop": "1"})
    page = read(mia.get(here))
    assert "Nobody follows this segment" in page
    assert "None yet." in page


def test_an_analyst_sees_numbers_and_masked_rows(client, followed):
    segment, anna, _ = followed
    Customer.objects.filter(pk=anna.pk).update(family_name="Unmistakable")
    move(anna, "AT")
    CustomerFactory(country="DE", family_name="Unmistakable", email="u@example.org")
    membership.refresh(segment.pk, now=LATER)
    client.force_login(sign_up("ana", "analyst"))

    pages = [
        client.get(f"/segments/{segment.pk}/{part}").content.decode()
        for part in ("", "history/", "count/")
    ]
    pages.append(client.get("/segments/").content.decode())

    assert "1 person now" in pages[0]
    assert "A customer" in pages[0]
    assert "DE" in pages[0]
    for page in pages:
        assert "Unmistakable" not in page
        assert "u@example.org" not in page
        assert not re.search(r"/customers/(\d|\?)", page)
    assert client.get(f"/customers/?segment={segment.pk}").status_code == 403
