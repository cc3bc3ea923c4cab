"""Staff pages of the record: nothing typed is lost, no change is overwritten."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.urls import reverse

from crm.models import (
    AuditEntry,
    Business,
    Customer,
    FollowUp,
    Interaction,
    InteractionVersion,
    User,
)
from crm.services import customers, follow_ups, interactions
from tests.factories import UserFactory
from tests.pages import read, tight

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def sign_in(client, role="agent", **more):
    user = UserFactory(role=role, **more)
    client.force_login(user)
    return user


@pytest.fixture
def noa(client, db):
    return sign_in(client, name="Noa")


@pytest.fixture
def dana(db):
    return customers.create_customer(
        now=NOW, given_name="Dana", family_name="Levi", email="dana@example.org"
    )


@pytest.fixture
def owed(dana):
    return follow_ups.open_follow_up(
        customer_id=dana.pk, why="Call back", due_on=NOW.date(), now=NOW
    )


def url(name, *args):
    return reverse(f"crm:{name}", args=args)


# --- Log contact ---------------------------------------------------------------------


def test_a_logged_call_stands_in_the_timeline(client, noa, dana):
    answer = client.post(
        url("interaction-create", dana.pk),
        {"channel": "call", "body": "Asked for decaf."},
        follow=True,
    )

    assert answer.redirect_chain == [(f"/customers/{dana.pk}/", 303)]
    page = answer.content.decode()
    assert "Asked for decaf." in page
    assert "Call saved." in page
    row = Interaction.objects.get()
    assert (row.staff, row.channel, row.happened_at) == (noa, "call", NOW)


def test_an_empty_log_keeps_its_form_and_shows_what_is_missing(client, noa, dana):
    answer = client.post(
        url("interaction-create", dana.pk),
        {"channel": "visit", "body": "   ", "subject": "About decaf"},
    )

    assert answer.status_code == 422
    page = tight(answer.content.decode())
    assert "<title>Error:" in page
    assert "Write what was said" in page
    assert 'value="About decaf"' in page
    assert not Interaction.objects.exists()


def test_an_empty_log_in_place_puts_back_the_composer_alone(client, noa, dana):
    answer = client.post(
        url("interaction-create", dana.pk),
        {"channel": "call", "body": ""},
        headers=HTMX,
    )

    assert answer.status_code == 422
    assert answer["HX-Retarget"] == "#log"
    assert "<html" not in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("body", "a\x00b"),
        ("subject", "a\nb"),
        ("subject", "x" * 201),
        ("body", "x" * 20_001),
        ("channel", "telepathy"),
        ("direction", "sideways"),
        ("happened_at", "2027-01-01T10:00"),
        ("happened_at", "yesterday"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(client, noa, dana, field, value):
    values = {"channel": "call", "body": "Hello", field: value}

    answer = client.post(url("interaction-create", dana.pk), values)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Interaction.objects.exists()


def test_a_time_is_read_on_the_wall_of_the_reader(client, db, dana):
    sign_in(client, time_zone="Asia/Tokyo")

    client.post(
        url("interaction-create", dana.pk),
        {"channel": "call", "body": "Hi", "happened_at": "2026-11-18T20:30"},
    )

    assert Interaction.objects.get().happened_at == datetime(
        2026, 11, 18, 11, 30, tzinfo=UTC
    )


@pytest.fixture
def contact(dana):
    return interactions.log_interaction(
        customer=dana, channel="call", body="First text", now=NOW
    )


def test_a_correction_keeps_the_text_before(client, noa, contact):
    client.post(
        url("interaction-edit", contact.pk),
        {"body": "Better text", "subject": "", "outcome": "", "version": 1},
    )

    contact.refresh_from_db()
    assert contact.body == "Better text"
    assert InteractionVersion.objects.get().body == "First text"


def test_two_corrections_at_once_show_both_texts(client, noa, contact):
    interactions.edit_interaction(contact, version=1, body="Their text", now=NOW)

    answer = client.post(
        url("interaction-edit", contact.pk),
        {"body": "My text", "subject": "", "outcome": "", "version": 1},
    )

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Their text" in page
    assert "My text" in page
    contact.refresh_from_db()
    assert contact.body == "Their text"


def test_the_next_save_after_a_conflict_stands(client, noa, contact):
    interactions.edit_interaction(contact, version=1, body="Their text", now=NOW)
    values = {"body": "My text", "subject": "", "outcome": "", "version": 1}
    shown = client.post(url("interaction-edit", contact.pk), values).context["form"]

    client.post(
        url("interaction-edit", contact.pk),
        {**values, "version": shown["version"].value()},
    )

    contact.refresh_from_db()
    assert contact.body == "My text"
    assert InteractionVersion.objects.filter(body="Their text").exists()


# --- Follow-ups ----------------------------------------------------------------------


def test_a_follow_up_is_opened_for_a_day_and_a_clock(client, noa, dana):
    client.post(
        url("follow-up-create", dana.pk),
        {"why": "Send the bag", "due_on": "2026-11-20", "due_time": "17:00"},
    )

    row = FollowUp.objects.get()
    assert (row.why, row.due_at, row.assignee) == (
        "Send the bag",
        datetime(2026, 11, 20, 17, tzinfo=UTC),
        None,
    )


def test_a_follow_up_without_a_day_is_refused(client, noa, dana):
    answer = client.post(
        url("follow-up-create", dana.pk), {"why": "Send the bag", "due_on": ""}
    )

    assert answer.status_code == 422
    assert "Enter the day it is due" in answer.content.decode()
    assert 'value="Send the bag"' in answer.content.decode()


@pytest.mark.parametrize(
    ("action", "state"),
    [("done", "done"), ("drop", "dropped"), ("take", "taken"), ("snooze", "open")],
)
def test_each_action_is_one_post(client, noa, owed, action, state):
    answer = client.post(url(f"follow-up-{action}", owed.pk))

    owed.refresh_from_db()
    assert answer.status_code == 303
    assert owed.state == state


def test_done_can_be_undone_from_the_toast(client, noa, owed):
    answer = client.post(
        url("follow-up-done", owed.pk), {"next": "/follow-ups/"}, follow=True
    )
    undo = url("follow-up-reopen", owed.pk)

    assert f'action="{undo}"' in answer.content.decode()
    client.post(undo)
    owed.refresh_from_db()
    assert owed.state == "open"


def test_a_snooze_moves_the_day_and_keeps_the_clock(client, noa, dana):
    row = follow_ups.open_follow_up(
        customer_id=dana.pk, why="Call", due_on=NOW.date(), due_at=NOW, now=NOW
    )

    client.post(url("follow-up-snooze", row.pk), {"days": "7"})

    row.refresh_from_db()
    assert (row.due_on, row.due_at) == (
        NOW.date() + timedelta(days=7),
        NOW + timedelta(days=7),
    )


def test_a_snooze_can_be_undone_from_the_toast(client, noa, owed):
    page = client.post(
        url("follow-up-snooze", owed.pk), {"next": "/follow-ups/"}, follow=True
    ).content.decode()

    undo = f"{url('follow-up-snooze', owed.pk)}?due_on=2026-11-18"
    assert f'action="{undo}"' in page
    client.post(undo)
    owed.refresh_from_db()
    assert owed.due_on == NOW.date()


def test_a_follow_up_that_is_closed_reports_it(client, noa, owed):
    follow_ups.finish(owed, now=NOW, staff=noa)

    answer = client.post(
        url("follow-up-take", owed.pk), {"next": "/follow-ups/"}, follow=True
    )

    assert "Somebody else has closed this follow-up already." in answer.content.decode()


def test_what_a_colleague_took_is_reported_and_stays_theirs(client, noa, owed):
    tom = UserFactory(name="Tom")
    follow_ups.take(owed, staff=tom, now=NOW)

    answer = client.post(
        url("follow-up-take", owed.pk), {"next": "/follow-ups/?tab=team"}, follow=True
    )

    page = answer.content.decode()
    assert "A colleague has taken this follow-up already." in page
    assert "Assign or change day" in page
    assert url("follow-up-take", owed.pk) not in page
    owed.refresh_from_db()
    assert owed.assignee == tom


def test_a_follow_up_is_given_to_a_colleague(client, noa, owed):
    tom = UserFactory(name="Tom")

    client.post(
        url("follow-up", owed.pk),
        {"due_on": "2026-11-25", "due_time": "", "assignee": tom.pk},
    )

    owed.refresh_from_db()
    assert (owed.assignee, owed.due_on.day) == (tom, 25)


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example/", "/\\evil"]
)
def test_an_action_leads_to_our_own_pages_only(client, noa, owed, wanted):
    answer = client.post(url("follow-up-done", owed.pk), {"next": wanted})

    assert answer["Location"] == f"/customers/{owed.customer_id}/"


def test_the_list_pages_through_everything_once(client, noa, dana):
    rows = [
        follow_ups.open_follow_up(
            customer_id=dana.pk, why=f"Call {number}", now=NOW,
            due_on=NOW.date() + timedelta(days=number // 20),
        )
        for number in range(120)
    ]  # fmt: skip

    seen, after = [], ""
    while True:
        context = client.get(f"{url('follow-up-list')}?tab=team&after={after}").context
        seen += [row.pk for row in context["rows"]]
        after = context["later"]
        if not after:
            break

    assert seen == [row.pk for row in rows]


@pytest.mark.parametrize("after", ["x", "1-", "-", "1-2-3", f"{10**18 - 1}-1", "%00"])
def test_a_page_that_was_never_made_is_the_first(client, noa, owed, after):
    answer = client.get(f"{url('follow-up-list')}?after={after}")

    assert [row.pk for row in answer.context["rows"]] == [owed.pk]


# --- Customers -----------------------------------------------------------------------


def test_a_customer_is_created_and_shown(client, noa):
    answer = client.post(
        url("customer-create"),
        {"given_name": "José", "family_name": "Müller", "phone": "+49 30 123456"},
        follow=True,
    )

    customer = Customer.objects.get()
    assert answer.redirect_chain == [(f"/customers/{customer.pk}/", 303)]
    read(answer, "José Müller")
    assert customer.phone_e164 == "+4930123456"


def test_a_refused_customer_keeps_everything_that_was_typed(client, noa):
    typed = {
        "given_name": "Dana",
        "email": "not an address",
        "phone": "call me",
        "birthday": "31-31",
        "since_on": "2030-01-01",
        "notes": "Likes decaf",
    }

    answer = client.post(url("customer-create"), typed)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a problem" in page
    for value in typed.values():
        assert value in page
    assert not Customer.objects.exists()


def test_a_customer_needs_a_name_or_an_address(client, noa):
    answer = client.post(url("customer-create"), {"notes": "Who?"})

    assert "Enter a name or an email address" in answer.content.decode()


def fields(answer):
    """What a browser would send back, unchanged."""
    form = answer.context["form"]
    values = {}
    for bound in form:
        values[bound.html_name] = bound.value() or ""
        if bound.field.show_hidden_initial:
            values[bound.html_initial_name] = bound.value() or ""
    return values


def test_an_edit_changes_only_what_was_changed(client, noa, dana):
    values = fields(client.get(url("customer-edit", dana.pk)))

    client.post(url("customer-edit", dana.pk), {**values, "family_name": "Katz"})

    entry = AuditEntry.objects.get(action="customer.changed")
    assert entry.fields == ["family_name"]
    assert Customer.objects.get().sort_name == "katz dana"


def test_two_people_editing_see_both_values_by_field(client, noa, dana):
    values = fields(client.get(url("customer-edit", dana.pk)))
    customers.update_customer(
        dana, changes={"family_name": "Theirs", "organisation": "New Co"}, now=NOW
    )

    answer = client.post(
        url("customer-edit", dana.pk), {**values, "family_name": "Mine"}
    )

    assert answer.status_code == 409
    rows = [
        (str(row.label), row.theirs, row.yours) for row in answer.context["differences"]
    ]
    assert rows == [("Family name", "Theirs", "Mine")]
    assert Customer.objects.get().family_name == "Theirs"


def test_saving_after_a_conflict_loses_nothing_of_the_other(client, noa, dana):
    values = fields(client.get(url("customer-edit", dana.pk)))
    customers.update_customer(
        dana, changes={"family_name": "Theirs", "organisation": "New Co"}, now=NOW
    )
    conflict = client.post(
        url("customer-edit", dana.pk), {**values, "family_name": "Mine"}
    )
    form = conflict.context["form"]
    again = dict(form.data.items())

    client.post(url("customer-edit", dana.pk), again)

    saved = Customer.objects.get()
    assert (saved.family_name, saved.organisation) == ("Mine", "New Co")


def test_one_fact_is_edited_in_place(client, noa, dana):
    address = url("customer-fact", dana.pk, "email")
    values = fields(client.get(address, headers=HTMX))

    answer = client.post(address, {**values, "email": "new@example.org"}, headers=HTMX)

    page = answer.content.decode()
    assert "new@example.org" in page
    assert "<html" not in page
    assert Customer.objects.get().email_norm == "new@example.org"


def test_one_fact_is_edited_on_its_page_without_scripts(client, noa, dana):
    address = url("customer-fact", dana.pk, "email")
    values = fields(client.get(address))

    answer = client.post(address, {**values, "email": "new@example.org"})

    assert answer["Location"] == f"/customers/{dana.pk}/"


def test_a_fact_somebody_else_changed_shows_both(client, noa, dana):
    address = url("customer-fact", dana.pk, "email")
    values = fields(client.get(address))
    customers.update_customer(dana, changes={"email": "theirs@example.org"}, now=NOW)

    answer = client.post(address, {**values, "email": "mine@example.org"})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "theirs@example.org" in page
    assert "mine@example.org" in page
    assert Customer.objects.get().email == "theirs@example.org"


def test_notes_are_no_fact_of_those_who_may_not_see_them(client, db, dana):
    sign_in(client, role="marketer")

    page = read(client.get(f"/customers/{dana.pk}/"), "Dana Levi")
    assert url("customer-fact", dana.pk, "notes") not in page


@pytest.mark.parametrize(
    "name", ["customer-edit", "follow-up-create", "interaction-create"]
)
def test_an_erased_customer_has_no_forms(client, noa, dana, name):
    read(client.get(url(name, dana.pk)), "Dana Levi")
    dana.erased_at = NOW
    dana.save()

    assert client.get(url(name, dana.pk)).status_code == 404


# --- Settings ------------------------------------------------------------------------


def shop_values(**more):
    business = Business.objects.get()
    names = [field.name for field in Business._meta.fields if field.name not in ("id",)]
    return {**{name: getattr(business, name) for name in names}, **more}


def test_an_owner_changes_the_shop(client, db):
    sign_in(client, role="owner")

    client.post(url("business-edit"), shop_values(name="Kettle & Leaf", quiet_from=20))

    business = Business.objects.get()
    assert (business.name, business.quiet_from, business.version) == (
        "Kettle & Leaf",
        20,
        2,
    )
    assert AuditEntry.objects.get().fields == ["name", "quiet_from"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("from_survey", "nobody"),
        ("public_url", "javascript:alert(1)"),
        ("public_url", "https://user@shop.example"),
        ("public_url", "https://shop.example/crm"),
        ("public_url", "https://shop.example?x=1"),
        ("public_url", "https://shop.example#top"),
        ("public_url", "https://shop.example:port"),
        ("public_url", "https://shop.example:99999"),
        ("public_url", "https://shop example"),
        ("public_url", "https://shop.example\\@evil.example"),
        ("public_url", "https://"),
        ("time_zone", "Mars/Phobos"),
        ("currency", "euro"),
        ("quiet_from", "24"),
        ("quiet_from", "nine"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(client, db, field, value):
    sign_in(client, role="owner")

    answer = client.post(url("business-edit"), shop_values(**{field: value}))

    assert answer.status_code == 422
    assert field in answer.context["form"].errors


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("https://shop.example/", "https://shop.example"),
        ("HTTPS://Shop.Example", "https://shop.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("https://חנות.example", "https://xn--9dbd1a4b.example"),
    ],
)
def test_the_public_address_is_kept_as_an_origin(client, db, typed, stored):
    sign_in(client, role="owner")

    client.post(url("business-edit"), shop_values(public_url=typed))

    assert Business.objects.get().public_url == stored


def test_the_database_refuses_a_public_address_with_a_path(db):
    with pytest.raises(IntegrityError, match="business_public_url_is_origin"):
        Business.objects.update(public_url="https://shop.example/crm")


def test_two_owners_changing_the_shop_see_both(client, db):
    sign_in(client, role="owner")
    mine = shop_values(name="Mine")
    client.post(url("business-edit"), shop_values(name="Theirs"))

    answer = client.post(url("business-edit"), mine)

    assert answer.status_code == 409
    assert Business.objects.get().name == "Theirs"


IN_HEBREW_TOO = [("en", "English"), ("he", "Hebrew")]


def test_staff_choose_no_language_where_only_one_is_whole(client, db):
    user = sign_in(client, role="analyst")
    User.objects.filter(pk=user.pk).update(language="he")

    page = tight(client.get(url("preferences")).content.decode())
    client.post(url("preferences"), {"time_zone": "", "theme": "dark"})

    assert '<html lang="en" dir="ltr"' in page
    assert 'name="theme"' in page
    assert 'name="language"' not in page
    user.refresh_from_db()
    # Mails to them stay in their language.
    assert (user.language, user.theme) == ("he", "dark")


def test_a_page_is_hebrew_where_staff_may_read_hebrew(client, db, settings):
    settings.STAFF_LANGUAGES = IN_HEBREW_TOO
    user = sign_in(client, role="analyst")
    User.objects.filter(pk=user.pk).update(language="he")

    page = tight(client.get(url("preferences")).content.decode())

    assert '<html lang="he" dir="rtl"' in page
    assert 'name="language"' in page


def test_everybody_sets_how_they_read(client, db, settings):
    settings.STAFF_LANGUAGES = IN_HEBREW_TOO
    user = sign_in(client, role="analyst")

    client.post(
        url("preferences"),
        {"language": "he", "time_zone": "Asia/Jerusalem", "theme": "dark"},
    )

    user.refresh_from_db()
    assert (user.language, user.time_zone, user.theme, user.single_keys) == (
        "he",
        "Asia/Jerusalem",
        "dark",
        False,
    )


# --- Who may -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "action", ["done", "drop", "reopen", "take", "assign", "snooze"]
)
def test_an_action_is_not_for_those_who_only_look(client, db, owed, action):
    sign_in(client, role="marketer")

    assert client.post(url(f"follow-up-{action}", owed.pk)).status_code == 403
    owed.refresh_from_db()
    assert owed.version == 1


def test_strangers_are_asked_who_they_are(client, db, dana):
    answer = client.get(f"/customers/{dana.pk}/")

    assert answer["Location"].startswith("/login/")
