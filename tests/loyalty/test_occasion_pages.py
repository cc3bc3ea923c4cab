"""Where people choose: customers their birthday, staff calendars and fields."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from crm.models import AuditEntry, Customer, CustomField
from loyalty.models import NameDay, NameDayCalendar
from messaging import kinds
from messaging.models import Automation, Consent
from messaging.rules.choices import Category
from messaging.services import automation_rows, automations, consent, links
from tests.crm.importing import take_customers
from tests.factories import CustomerFactory, UserFactory
from tests.pages import read

NOW = datetime(2026, 5, 11, 12, tzinfo=UTC)
SOURCE = "The card at the till, where the box was empty at first"


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(client, db):
    client.force_login(UserFactory(role="owner"))
    return client


def greets_on_birthdays():
    row = automation_rows.create(kinds.get("birthday"), now=NOW)
    automations.switch_on(row, now=NOW)


def save(client, person, *ticked, **day):
    url = f"/p/{links.preference_token(person.pk)}/"
    boxes = dict.fromkeys(("survey", "loyalty", *ticked), "on")
    return client.post(url, {**boxes, "language": "en", **day}, follow=True)


def is_allowed(person):
    return consent.states([person.pk])[person.pk][Category.BIRTHDAY].allowed


# --- Customers -----------------------------------------------------------------------


def test_a_birthday_is_told_changed_and_deleted_on_the_customers_own_page(client, db):
    greets_on_birthdays()
    person = CustomerFactory()

    save(client, person, "birthday", birth_month="2", birth_day="29")
    person.refresh_from_db()
    assert (person.birth_month, person.birth_day, person.birth_year) == (2, 29, None)
    assert is_allowed(person)
    assert AuditEntry.objects.filter(action="customer.changed").exists()

    # What is on record is not shown: mails are passed on, with their links.
    page = read(client.get(f"/p/{links.preference_token(person.pk)}/"))
    assert "A birthday of yours is on record" in page
    assert "selected>29" not in page
    save(client, person, "birthday", birth_month="3", birth_day="1")
    save(client, person, "birthday")
    person.refresh_from_db()
    assert (person.birth_month, person.birth_day) == (3, 1)

    save(client, person, forget_birthday="on")
    person.refresh_from_db()
    assert (person.birth_month, person.birth_recorded_at) == (None, None)
    assert not is_allowed(person)


@pytest.mark.parametrize(
    ("ticked", "day", "said"),
    [
        (["birthday"], {}, "Tell us the day, or untick the box."),
        ([], {"birth_month": "5", "birth_day": "12"}, "Tick this as well"),
        (["birthday"], {"birth_month": "2", "birth_day": "30"}, "a day that it has"),
        (["birthday"], {"birth_month": "5"}, "a day that it has"),
    ],
)
def test_half_a_birthday_is_refused_with_what_is_missing(client, db, ticked, day, said):
    greets_on_birthdays()
    person = CustomerFactory()

    response = save(client, person, *ticked, **day)

    read(response, said, status=422)
    assert Customer.objects.get().birth_month is None
    assert not Consent.objects.exists()


def test_a_shop_that_greets_nobody_asks_for_no_birthday(client, db):
    person = CustomerFactory(birth_month=5, birth_day=12)

    page = read(client.get(f"/p/{links.preference_token(person.pk)}/"))
    save(client, person, "birthday", birth_month="3", birth_day="1")

    assert "irthday" not in page
    assert Customer.objects.get().birth_month == 5
    assert not Consent.objects.exists()


def test_an_import_brings_a_yes_to_greetings_only_with_its_words(db, tmp_path):
    file = tmp_path / "customers.csv"
    file.write_text(
        "external_id,email,birthday,Card\n"
        "C1,c1@example.org,05-12,yes\nC2,c2@example.org,05-12,\n"
    )
    take_customers(file)
    assert not Consent.objects.exists()

    report = take_customers(file, mapping={"birthday_consent": "Card"}, consent=SOURCE)

    rows = Consent.objects.values_list("customer__external_id", "category", "granted")
    assert list(rows) == [("C1", "birthday", True)]
    assert Consent.objects.get().source_text == SOURCE
    assert report.notes["birthday_consent_given"] == 1


# --- Staff ---------------------------------------------------------------------------


def upload(desk, text, **more):
    values = {"name": "Névnapok", "country": "HU", "source": "A book", "licence": "CC0"}
    file = SimpleUploadedFile("days.csv", text.encode())
    return desk.post(
        "/settings/name-days/", {**values, "file": file, **more}, follow=True
    )


def test_a_calendar_comes_from_a_file_with_its_licence(desk):
    page = read(upload(desk, "date,name\n01-02,Ábel\n07-26,Anna\n12-09,Anna\n"))

    assert "“Névnapok” is there with 2 names." in page
    assert "CC0" in page
    calendar = NameDayCalendar.objects.get()
    desk.post(
        f"/settings/name-days/{calendar.pk}/",
        {"day": NameDay.objects.get(month=12).pk},
    )
    assert NameDay.objects.get(name="Anna", is_main=True).month == 12
    desk.post(f"/settings/name-days/{calendar.pk}/use/", {"to": "off"})
    assert not NameDayCalendar.objects.get().is_used
    desk.post(f"/settings/name-days/{calendar.pk}/delete/")
    assert not NameDay.objects.exists()
    assert list(
        AuditEntry.objects.filter(action__startswith="name_days")
        .order_by("id")
        .values_list("action", flat=True)
    ) == [
        "name_days.added",
        "name_days.changed",
        "name_days.unused",
        "name_days.deleted",
    ]


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        ("date,name\n02-30,Nobody\n", {}, "Line 2: There is no such day on this line."),
        ("date,name\n01-02,Ábel\n", {"licence": ""}, "Licence"),
        ("date,name\n01-02,Ábel\n", {"country": ""}, "Choose a country"),
    ],
)
def test_a_calendar_that_is_not_whole_is_not_kept(desk, text, more, said):
    response = upload(desk, text, **more)

    read(response, said, status=422)
    assert not NameDayCalendar.objects.exists()


def test_the_field_of_an_automation_is_a_part_of_its_sentence(desk):
    field = CustomField.objects.create(
        key="Warranty", label="Warranty", kind="date", position=1, created_at=NOW,
        updated_at=NOW,
    )  # fmt: skip
    row = automation_rows.create(kinds.get("custom_date"), now=NOW)
    url = f"/automations/{row.pk}/"
    assert "no field yet, so nobody gets it" in read(desk.get(url))
    assert "How often" in read(desk.get(f"{url}?change=about"))

    desk.post(
        f"{url}edit/",
        {
            "part": "about",
            "field": field.pk,
            "repeats": "once",
            "version": Automation.objects.get(pk=row.pk).version,
        },
    )

    row.refresh_from_db()
    assert row.params == {"field": str(field.pk), "repeats": "once"}
    assert "the day in “Warranty”, once" in read(desk.get(url))
