"""Grounds, consents, lists of opt-outs and contact history, brought in by the pages."""

import pytest

from crm.models import Customer, ImportRun
from crm.services.imports import undoing
from messaging.models import Consent
from messaging.rules.consent import STOPPABLE
from tests.crm.test_import_pages import (
    desk,  # noqa: F401
    form_of,
    hand_up,
    press_through,
    work,
)
from tests.factories import NOW, CustomerFactory, UserFactory
from tests.messaging.opting_out import said
from tests.pages import read

pytestmark = pytest.mark.django_db

PEOPLE = "name,email,Accepts Marketing\nAna,ana@x.org,yes\nBen,ben@x.org,no\n"


def chosen(client, draft, **columns):
    """The form's own names for its columns: header -> field."""
    header = client.get(f"/imports/{draft.pk}/").context["shown"].header
    return {f"column_{header.index(name)}": field for name, field in columns.items()}


@pytest.mark.slow
def test_people_get_a_ground_and_those_who_said_no_are_stopped(desk):  # noqa: F811
    draft = hand_up(desk, PEOPLE)
    form = form_of(desk, draft)
    assert "accepts_marketing" in form.values()

    tried, _ = press_through(desk, draft, ground="", opt_out_scope="marketing")
    assert "without an order and without a ground" in read(tried)
    draft = hand_up(desk, PEOPLE + "Cem,cem@x.org,\n")
    press_through(desk, draft, ground="Cards from the fair")

    grounds = Customer.objects.values_list("email", "mail_ground")
    assert dict(grounds)["cem@x.org"] == "Cards from the fair"
    ben = Customer.objects.get(email="ben@x.org")
    assert ("marketing", False, f"{NOW:%Y-%m-%d}") in said(ben)


def test_a_yes_needs_words_and_is_kept_with_them(desk):  # noqa: F811
    draft = hand_up(desk, PEOPLE)
    data = {
        **form_of(desk, draft),
        **chosen(desk, draft, **{"Accepts Marketing": "email_consent"}),
    }

    refused = desk.post(f"/imports/{draft.pk}/", data)
    assert "Say where they said yes to offers" in read(refused, status=422)
    press_through(desk, draft, **{**data, "consent": "Box at the till"})

    (row,) = Consent.objects.filter(granted=True)
    assert (row.customer.email, row.category) == ("ana@x.org", "marketing")
    assert row.source_text == "Box at the till"


def test_a_list_of_opt_outs(desk):  # noqa: F811
    rae = CustomerFactory(email="rae@example.org")
    draft = hand_up(desk, "Email Address,UNSUB_TIME\nrae@example.org,2024-06-25\n")
    desk.post(f"/imports/{draft.pk}/kind/", {"kind": "opt_outs"})

    tried, over = press_through(desk, draft)

    assert "People who opted out" in read(desk.get("/imports/"))
    assert {category for category, *_ in said(rae)} == {*STOPPABLE}
    run = ImportRun.objects.get(is_dry_run=False)
    assert (run.kind, run.created, run.is_noted) == ("opt_outs", 1, False)
    assert undoing.why_not(run, now=NOW) == (
        "What an import of this kind brought stays."
    )
    assert "1" in read(tried)
    assert "done" in read(over).lower()


def test_old_contact_history(desk):  # noqa: F811
    dana = CustomerFactory(external_id="C1")
    text = "customer_id,date,type,note\nC1,2024-03-05,call,Too dark\n"
    draft = hand_up(desk, text)
    desk.post(f"/imports/{draft.pk}/kind/", {"kind": "history"})

    press_through(desk, draft)

    (call,) = dana.interactions.all()
    assert (call.channel, call.body) == ("call", "Too dark")


@pytest.mark.slow
def test_who_opted_out_in_a_file_stays_out_when_the_import_is_undone(desk):  # noqa: F811
    draft = hand_up(desk, PEOPLE)
    press_through(desk, draft)
    run = ImportRun.objects.get(is_dry_run=False)
    assert Consent.objects.filter(granted=False).count() == len(STOPPABLE)

    undoing.start(run, by=UserFactory(role="owner"), now=NOW)
    work()

    run.refresh_from_db()
    assert run.undo_state == "done"
    left = Customer.objects.values_list("email", flat=True)
    assert list(left) == ["ben@x.org"]
    assert Consent.objects.filter(granted=False).count() == len(STOPPABLE)
