"""Name days: the calendars, and who is greeted when."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from lv_namedays.nameday import read_namedays, read_namedays_ext
from pynameday.czechrepublic import CzechRepublic
from pynameday.slovakia import Slovakia

from crm.services import customers
from loyalty.errors import CalendarExists
from loyalty.models import NameDay
from loyalty.rules.name_days import Listed, Unreadable, day_in, read
from loyalty.services import name_days
from messaging import kinds
from messaging.models import Automation, Message
from messaging.services import automation_rows, automations, planning
from messaging.sql.next_due import next_due
from messaging.sql.reach import Reach
from tests.factories import CustomerFactory

NOW = datetime(2027, 6, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def made(names, **more):
    values = {"name": "Names", "country": "LV", "language": "lv", **more}
    return name_days.add(
        names,
        source="A book",
        licence="CC0",
        is_orthodox=values.pop("is_orthodox", False),
        now=LONG_AGO,
        **values,
    )


def on(month, day, *names):
    return [Listed(name, month, day) for name in names]


def named(given, **more):
    return CustomerFactory(
        **{"given_name": given, "country": "LV", "time_zone": "UTC", **more}
    )


def switched_on(**params):
    row = automation_rows.create(kinds.get("name_day"), now=LONG_AGO)
    Automation.objects.filter(pk=row.pk).update(params=params)
    return automations.switch_on(row, now=LONG_AGO)


def greeted(*moments):
    for now in moments:
        planning.sweep(now=now, kinds=["name_day"])
    rows = Message.objects.filter(state="planned").order_by("due_on", "id")
    return [(row.person.given_name, row.due_on.isoformat()) for row in rows]


# --- Calendars -----------------------------------------------------------------------


@pytest.mark.django_db
def test_the_packages_names_stand_on_their_days():
    for name, theirs in (
        ("latvia", read_namedays()),
        ("latvia-extended", read_namedays_ext()),
    ):
        calendar = name_days.load_packaged(name, now=NOW)
        ours = {}
        for row in calendar.days.all():
            ours.setdefault(f"{row.month:02}-{row.day:02}", set()).add(row.name)
        # A line through 29 February, which has no names.
        assert ours == {
            day: {*names} for day, names in theirs.items() if {*names} - {"-"}
        }
    for name, package in (("czechia", CzechRepublic), ("slovakia", Slovakia)):
        calendar = name_days.load_packaged(name, now=NOW)
        listed = [set(), set()]
        for month, days in enumerate(package.NAMEDAYS, start=1):
            for day, text in enumerate(days, start=1):
                names = [one.strip() for one in (text or "").split(",")]
                listed[0] |= {(month, day, one) for one in names if one}
        listed[1] = {(row.month, row.day, row.name) for row in calendar.days.all()}
        assert listed[0] == listed[1]
    austria = name_days.load_packaged("austria", now=NOW)
    # "Kasimir"; "Raimund v. P."; "Johannes der Täufer", and on two days before it.
    assert austria.days.get(month=3, day=4).name == "Kasimir"
    assert austria.days.get(month=1, day=7).name == "Raimund"
    assert austria.days.filter(name="Johannes", is_main=True).count() == 1
    assert (austria.licence, austria.source[:10]) == ("MIT", "pynameday ")
    with pytest.raises(CalendarExists):
        name_days.load_packaged("latvia", now=NOW)


def test_files_are_read_as_csv_and_as_icalendar():
    csv = "\ufeffdate;name\n01-02;Ábel\n02-29;Elemér, Oszvald\n"
    movable = "name,from_easter\nPascha,0\nThomas,7\n"
    ics = (
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260624\r\n"
        "SUMMARY:Iván\\, Já\r\n nos\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )

    assert read(csv) == [*on(1, 2, "Ábel"), *on(2, 29, "Elemér", "Oszvald")]
    assert [one.from_easter for one in read(movable)] == [0, 7]
    assert read(ics) == on(6, 24, "Iván", "János")


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "name_days_no_column", 1),
        ("month,day\n1,2\n", "name_days_no_column", 1),
        ("month,day,name\n1,2,Ábel\n2,30,Nobody\n", "name_days_no_day", 3),
        ("month,day,name\n1,2,\n", "name_days_no_name", 2),
        ("name,from_easter\nPascha,400\n", "name_days_no_day", 2),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", "name_days_none", 0),
    ],
)
def test_a_file_that_cannot_be_read_says_the_line(text, code, line):
    with pytest.raises(Unreadable) as refused:
        read(text)

    assert (refused.value.code, refused.value.line) == (code, line)


def test_movable_days_hang_on_the_easter_of_their_calendar():
    # Easter 2027: 28 March, and 2 May for the Orthodox churches.
    thomas = Listed("Thomas", from_easter=7)

    assert day_in(2027, thomas, orthodox=False) == date(2027, 4, 4)
    assert day_in(2027, thomas, orthodox=True) == date(2027, 5, 9)
    assert day_in(2027, Listed("Elemér", 2, 29), orthodox=False) is None


# --- Who is greeted ------------------------------------------------------------------


@pytest.mark.django_db
def test_names_are_compared_without_accents_and_case():
    made(on(6, 23, "Jānis", "Łucja", "Анна", "Іван", "D’Arcy"))
    switched_on()
    for given in ("janis", "JĀNIS Pēteris", "Lucja", "АННА", "D’ARCY"):
        named(given)
    for given in ("Jan", "Peteris Jan", "Anna", "", "小明", "בת שבע", "J. P."):
        named(given)

    people = [given for given, _on in greeted(NOW, NOW + DAY)]

    assert sorted(people) == ["D’ARCY", "JĀNIS Pēteris", "Lucja", "janis", "АННА"]


@pytest.mark.django_db
def test_the_country_counts_before_the_language_and_the_older_calendar_first():
    made(on(6, 23, "Eva"), name="Latvija", country="LV", language="lv")
    made(on(6, 24, "Eva", "Zane"), name="More", country="LV", language="lv")
    made(on(6, 22, "Eva"), name="Česko", country="CZ", language="cs")
    switched_on()
    named("Eva", language="cs")
    named("Zane")
    named("Eva", country="CZ", language="lv")
    named("Eva", country="GB", language="lv-LV")
    named("Eva", country="", language="en")

    found = greeted(*(NOW + hours * DAY for hours in (-2, -1, 0, 1, 2)))

    assert found == [
        ("Eva", "2027-06-22"),
        ("Eva", "2027-06-23"),
        ("Eva", "2027-06-23"),
        ("Zane", "2027-06-24"),
    ]


@pytest.mark.django_db
def test_a_name_on_several_days_is_greeted_once_a_year_on_the_chosen_one():
    made([*on(6, 23, "Anna"), *on(7, 26, "Anna")])
    switched_on()
    named("Anna")
    assert greeted(NOW) == [("Anna", "2027-06-23")]

    name_days.choose(NameDay.objects.get(month=7), now=NOW)
    (row,) = Message.objects.select_related("customer")
    stale = kinds.get("name_day").no_longer_due([row], NOW)
    assert stale[row.pk].code == "superseded_date_changed"

    # It went all the same: the other day of that year adds nothing.
    Message.objects.update(state="sent", final_at=NOW)
    assert greeted(NOW + 32 * DAY, NOW + 33 * DAY) == []
    assert greeted(NOW + 399 * DAY) == [("Anna", "2028-07-26")]


@pytest.mark.django_db
def test_another_name_is_planned_anew_and_a_calendar_put_aside_greets_nobody():
    calendar = made([*on(6, 23, "Anna"), *on(6, 24, "Zane")])
    switched_on()
    person = named("Anna")
    greeted(NOW)

    customers.update_customer(person, changes={"given_name": "Zane"}, now=NOW)
    assert greeted(NOW + DAY) == [("Zane", "2027-06-24")]

    name_days.use(calendar, is_used=False, now=NOW)
    (row,) = Message.objects.filter(state="planned").select_related("customer")
    assert kinds.get("name_day").no_longer_due([row], NOW)


# --- Several given names -------------------------------------------------------------

# Days of the packages. Latvia's: Anna 26 July, Marija the 22nd, Jānis 24 June, Pēteris
# the 29th. Czechia's: Anna 26 July, Marie 12 September, Adam and Eva 24 December.
SEVERAL = {
    ("Anna Maria", "LV"): (["07-26"], ["07-26"]),
    ("Anna Marie", "CZ"): (["07-26"], ["07-26", "09-12"]),
    ("JANIS Pēteris", "LV"): (["06-24"], ["06-24", "06-29"]),
    ("Anna-Marija", "LV"): (["07-26"], ["07-26", "07-22"]),
    # The first that has a day, and two of one day are one greeting.
    ("Zaphod Pēteris", "LV"): (["06-29"], ["06-29"]),
    ("Adam Eva", "CZ"): (["12-24"], ["12-24"]),
    ("Obiwan", "LV"): ([], []),
    ("小明 大衛", "LV"): ([], []),
    ("בת שבע", "LV"): ([], []),
}


@pytest.mark.django_db
@pytest.mark.parametrize("names", ["first", "each"])
def test_of_several_given_names_the_first_that_has_a_day_is_greeted_or_each(names):
    for package in ("latvia", "czechia"):
        name_days.load_packaged(package, now=LONG_AGO)
    automation = switched_on(names=names)
    people = {person: named(*person[:1], country=person[1]).pk for person in SEVERAL}
    found = {pk: [] for pk in people.values()}
    # A month after the other, each day in one of them.
    for month in range(1, 13):
        last = (date(2027, month, 28) + 4 * DAY).replace(day=1) - DAY
        window = SimpleNamespace(first_on=date(2027, month, 1), last_on=last)
        due = kinds.get("name_day").due(automation, window, NOW)
        for row in next_due(due, reach=Reach(), most=99):
            found[row.customer_id].append((row.occurrence, f"{row.due_on:%m-%d}"))

    expected = {pk: SEVERAL[person][names == "each"] for person, pk in people.items()}
    assert {pk: sorted(day for _, day in rows) for pk, rows in found.items()} == {
        pk: sorted(days) for pk, days in expected.items()
    }
    occurrences = {pk: dict(map(reversed, rows)) for pk, rows in found.items()}
    assert {
        pk: [occurrences[pk][day] for day in days] for pk, days in expected.items()
    } == {pk: ["2027", "2027:2"][: len(days)] for pk, days in expected.items()}


@pytest.mark.django_db
def test_a_second_name_that_is_greeted_no_more_is_given_up():
    made([*on(6, 23, "Anna"), *on(6, 24, "Zane")])
    automation = switched_on(names="each")
    person = named("Anna Zane")
    assert greeted(NOW, NOW + DAY) == [
        ("Anna Zane", "2027-06-23"),
        ("Anna Zane", "2027-06-24"),
    ]

    def stale():
        rows = Message.objects.select_related("customer").order_by("due_on")
        found = kinds.get("name_day").no_longer_due(rows, NOW)
        return [row.occurrence for row in rows if row.pk in found]

    assert stale() == []
    Automation.objects.filter(pk=automation.pk).update(params={"names": "first"})
    assert stale() == ["2027:2"]
    Automation.objects.filter(pk=automation.pk).update(params={"names": "each"})
    customers.update_customer(person, changes={"given_name": "Zane"}, now=NOW)
    assert greeted(NOW + DAY) == [("Zane", "2027-06-24")]


@pytest.mark.django_db
def test_a_name_that_is_corrected_on_its_day_is_not_greeted_twice():
    made([*on(7, 26, "Anna"), *on(6, 23, "Zane")])
    switched_on(names="each")
    person = named("Anna Zane")
    greeted(NOW)
    Message.objects.update(state="sent", final_at=NOW)

    customers.update_customer(person, changes={"given_name": "Zane"}, now=NOW)

    assert greeted(NOW) == []
    rows = Message.objects.filter(due_on=date(2027, 6, 23))
    assert [row.occurrence for row in rows] == ["2027:2"]
