"""What goes with a segment that is deleted, and what keeps it from being deleted."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.errors import SegmentFollowed
from crm.models import (
    Customer,
    SavedView,
    Segment,
    SegmentEvent,
    SegmentMember,
    SegmentSnapshot,
)
from crm.services import membership, saved_views, segments, snapshots
from tests.desk.conftest import sign_up
from tests.factories import NOW, CustomerFactory, UserFactory
from tests.pages import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def german():
    conditions = {
        "match": "all",
        "parts": [{"field": "country", "is": "any_of", "values": ["DE"]}],
    }
    return segments.create(name="German", conditions=conditions, by=None, now=NOW)


@pytest.fixture
def followed(german):
    """Anna left it after somebody followed it."""
    anna = CustomerFactory(country="DE")
    CustomerFactory(country="DE")
    membership.follow(german, now=NOW)
    membership.refresh(german.pk, now=NOW)
    Customer.objects.filter(pk=anna.pk).update(country="AT")
    membership.refresh(german.pk, now=NOW + timedelta(hours=1))
    return german


def test_a_followed_segment_is_deleted_with_what_was_kept_or_not_at_all(followed):
    with pytest.raises(SegmentFollowed):
        segments.delete(followed, now=NOW)
    assert (SegmentMember.objects.count(), SegmentEvent.objects.count()) == (1, 1)

    segments.delete(followed, now=NOW, unfollow=True)

    assert not Segment.objects.filter(pk=followed.pk).exists()
    assert not SegmentMember.objects.exists()
    assert not SegmentEvent.objects.exists()


def test_its_page_asks_before_it_forgets(client, followed):
    client.force_login(sign_up("mia", "manager"))
    snapshots.take(followed, by=None, now=NOW)
    here = f"/segments/{followed.pk}/"

    page = client.get(here)
    assert 'name="unfollow"' in page.content.decode()
    assert "Its snapshot goes, too." in read(page)
    refused = client.post(f"{here}delete/", follow=True)
    assert "Tick that it may be followed no longer" in read(refused)
    assert Segment.objects.filter(pk=followed.pk).exists()

    done = client.post(f"{here}delete/", {"unfollow": "1"}, follow=True)
    assert "“German” is deleted." in read(done)
    assert not SegmentSnapshot.objects.exists()


def test_views_of_its_people_go_with_it_and_no_others(client, german):
    mia, noa = sign_up("mia", "manager"), UserFactory()
    other = segments.create(
        name="Other", conditions=german.conditions, by=None, now=NOW
    )
    for by, name, query in (
        (mia, "Theirs", f"segment={german.pk}"),
        (noa, "Open", f"open=1&segment={german.pk}"),
        (mia, "Others", f"segment={other.pk}"),
        (mia, "Search", f"q=segment={german.pk}"),
    ):
        saved_views.save(name=name, query=query, is_shared=False, by=by, now=NOW)
    client.force_login(mia)

    page = read(client.get(f"/segments/{german.pk}/"))
    assert "So do 2 saved views of the customer list" in page
    segments.delete(german, now=NOW)

    left = set(SavedView.objects.values_list("name", flat=True))
    assert left == {"Others", "Search"}


def test_whoever_stops_waits_for_a_look_before_members_are_forgotten(followed):
    with CaptureQueriesContext(connection) as asked:
        membership.stop_following(followed, now=NOW)

    statements = [row["sql"] for row in asked]
    switch = next(n for n, text in enumerate(statements) if "is_followed" in text)
    forget = next(n for n, text in enumerate(statements) if "DELETE" in text)
    assert switch < forget
