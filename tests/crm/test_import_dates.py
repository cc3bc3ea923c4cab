"""Dates as files write them, against days that were written on purpose."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.models import Order
from crm.services.imports.reasons import in_words, note_in_words
from crm.services.imports.values import Moment, Refused, birthday, moments
from crm.services.imports.values.date_forms import Day, full_year
from crm.services.imports.values.date_orders import date_order_of
from tests.crm.importing import NOW, buy, people, refusals

ZONE = ZoneInfo("Asia/Jerusalem")
READ = {order: moments(ZONE, ZONE, NOW, order=order) for order in ("", "dmy", "mdy")}
SERIALS = moments(ZONE, ZONE, NOW, has_serials=True)


def at(text, order=""):
    found = READ[order](text)
    if isinstance(found, Refused):
        return str(found)
    return datetime.fromisoformat(found.at).astimezone(UTC).isoformat()[:16]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-09-03 10:14:00 -0400", "2026-09-03T14:14"),
        ("2026-09-03 10:15:00 +00:00", "2026-09-03T10:15"),
        ("2026-09-03 10:15:00 UTC", "2026-09-03T10:15"),
        ("2026-09-03T10:15:00.000+0000", "2026-09-03T10:15"),
        ("2026-09-03T10:15:00+00", "2026-09-03T10:15"),
        ("2026-09-03 10:15:00Z", "2026-09-03T10:15"),
        ("2026-09-03 10:15 EST", "2026-09-03T15:15"),
        ("2026-09-03T10:15:00[Europe/Paris]", "2026-09-03T08:15"),
        ("Thu Sep 03 2026 10:15:00 GMT+0200 (CEST)", "2026-09-03T08:15"),
        ("Thu, 03 Sep 2026 10:15:00 +0200", "2026-09-03T08:15"),
        ("2026-09-03 9:15", "2026-09-03T06:15"),
        ("2026-09-03 12:15 AM", "2026-09-02T21:15"),
        ("2026-09-03 12:15 pm", "2026-09-03T09:15"),
        ("2026/09/03 3:15 p.m.", "2026-09-03T12:15"),
        ("Sep 3, 2026 at 3:15 PM", "2026-09-03T12:15"),
        ("3 בספטמבר 2026 3:15 אחה״צ", "2026-09-03T12:15"),
        ("2026年9月3日 下午3:15", "2026-09-03T12:15"),
        ("2026年9月3日上午10時15分", "2026-09-03T07:15"),
        ("13.05.2026 10:15", "2026-05-13T07:15"),
    ],
)
def test_a_moment_is_read_in_its_own_zone_or_in_the_one_that_was_said(text, moment):
    assert at(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        *("2026-05-03", "2026/05/03", "2026.5.3", "20260503", "3 May 2026", "3-May-26"),
        *("May 3, 2026", "May 3rd 2026", "Sunday, 3 May 2026", "3rd of May 2026"),
        *("3 במאי 2026", "יום ראשון, 3 במאי 2026", "2026年5月3日", "2026年5月3號"),
        *("3 五月, 2026", "２０２６-０５-０３", "٢٠٢٦-٠٥-٠٣"),
        *("'2026-05-03", '="2026-05-03"'),
        "\u200f2026-05-03\u200e",
    ],
)  # fmt: skip
def test_a_day_is_read_in_each_language_of_our_pages(text):
    assert READ[""](text) == Moment("2026-05-03T00:00:00+03:00", "2026-05-03")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("05/03/2026", "date_ambiguous"),
        ("5.3.2026 10:15", "date_ambiguous"),
        ("3/9/26", "date_short_year"),
        ("13/05/26", "date_short_year"),
        ("45000", "date_is_number"),
        ("1756894500", "date_is_number"),
        ("2026-02-29", "date_invalid"),
        ("29/02/2026", "date_invalid"),
        ("31 April 2026", "date_invalid"),
        ("2026-09-03T24:00:00Z", "date_invalid"),
        ("2026-09-03 13:15 PM", "date_invalid"),
        ("2026-09-03 10:15 IST", "date_invalid"),
        ("2026-09-03 晚上12:30", "date_invalid"),
        ("2026-W36-4", "date_invalid"),
        ("5/2026", "date_invalid"),
        ("May 2026", "date_invalid"),
        ("yesterday", "date_invalid"),
        ("12 May June 2026", "date_invalid"),
        ("1899-12-31", "date_too_early"),
        ("3 May 2031", "date_in_future"),
    ],
)
def test_what_is_no_day_or_two_is_refused(text, code):
    assert at(text) == code


@pytest.mark.parametrize(
    ("text", "dmy", "mdy"),
    [
        ("05/03/2026", date(2026, 3, 5), date(2026, 5, 3)),
        ("5.3.2026", date(2026, 3, 5), date(2026, 5, 3)),
        ("05-03-26", date(2026, 3, 5), date(2026, 5, 3)),
        ("05/03/98", date(1998, 3, 5), date(1998, 5, 3)),
        ("13/05/2026", date(2026, 5, 13), None),
        ("05/13/2026", None, date(2026, 5, 13)),
        ("29.02.2024", date(2024, 2, 29), None),
        ("2026-05-03", date(2026, 5, 3), date(2026, 5, 3)),
    ],
)
def test_an_order_that_was_said_holds_for_every_cell(text, dmy, mdy):
    for order, day in (("dmy", dmy), ("mdy", mdy)):
        found = READ[order](text)
        expected = "date_invalid" if day is None else str(day)
        assert getattr(found, "day", found) == expected


@given(
    st.dates(date(1950, 1, 1), date(2026, 11, 20)),
    st.sampled_from(["dmy", "mdy"]),
    st.sampled_from("/.-"),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_a_day_that_is_written_by_a_said_order_is_read_back(day, order, mark, padded):
    parts = {
        "d": f"{day.day:02}" if padded else str(day.day),
        "m": f"{day.month:02}" if padded else str(day.month),
        "y": str(day.year),
    }

    assert READ[order](mark.join(parts[one] for one in order)).day == str(day)


@given(st.dates(date(2000, 1, 1), date(2026, 11, 20)), st.sampled_from(["dmy", "mdy"]))
@settings(max_examples=60, deadline=None)
def test_without_a_said_order_a_day_is_read_right_or_not_at_all(day, order):
    parts = {"d": f"{day.day:02}", "m": f"{day.month:02}", "y": str(day.year)}
    found = READ[""]("/".join(parts[one] for one in order))

    assert str(found) == "date_ambiguous" or found.day == str(day)
    assert (found == "date_ambiguous") == (day.day <= 12 and day.day != day.month)


@given(st.dates(date(1900, 3, 1), date(2026, 11, 20)), st.integers(0, 86_399))
@settings(max_examples=40, deadline=None)
def test_the_days_of_spreadsheets_are_counted_only_where_that_is_said(day, second):
    """1 January 1970 is 25,569 there."""
    days = 25_569 + (day - date(1970, 1, 1)).days
    moment = datetime.combine(day, datetime.min.time()) + timedelta(seconds=second)

    assert SERIALS(f"{days}").day == str(day)
    assert SERIALS(f"{days + second / 86_400:.8f}").at[:19] == moment.isoformat()[:19]
    assert at(str(days)) == "date_is_number"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1990-05-12", (1990, 5, 12)),
        ("05-12", (None, 5, 12)),
        ("--05-12", (None, 5, 12)),
        ("12 May", (None, 5, 12)),
        ("May 12, 1990", (1990, 5, 12)),
        ("12-May-90", (1990, 5, 12)),
        ("12 במאי", (None, 5, 12)),
        ("5月12日", (None, 5, 12)),
        ("31/12", (None, 12, 31)),
        ("13.4.1980", (1980, 4, 13)),
        ("0000-05-12", (None, 5, 12)),
        ("1604-05-12", (None, 5, 12)),
        ("1990-05-12 00:00:00", (1990, 5, 12)),
        ("02-29", (None, 2, 29)),
        ("29/02", (None, 2, 29)),
        ("", (None, None, None)),
        ("N/A", (None, None, None)),
        ("05/12", "birthday_ambiguous"),
        ("3.4.1980", "birthday_ambiguous"),
        ("12-May-25", "birthday_short_year"),
        ("2025-02-29", "birthday_invalid"),
        ("0000-00-00", "birthday_invalid"),
        ("2027-01-01", "birthday_invalid"),
    ],
)
def test_a_birthday_is_read_with_a_year_and_without(text, parts):
    assert birthday(NOW)(text) == parts


def test_a_birthday_follows_the_order_that_was_said():
    read = birthday(NOW, order="dmy")

    assert read("05/12") == read("05-12") == (None, 12, 5)
    assert read("3.4.80") == (1980, 4, 3)


def test_a_column_tells_its_order_where_one_of_its_cells_does():
    found = date_order_of(["05/03/2026", "13/05/2026", "2026-05-01", "soon"])

    assert (found.order, found.proof, found.ambiguous) == ("dmy", "13/05/2026", 1)
    assert found.example == "05/03/2026"
    assert date_order_of(["5/13/2026", "1/2/2026"]).order == "mdy"
    assert date_order_of(["05/03/2026", "05/05/2026"]).order == ""
    assert date_order_of(["05/12", "31/12"]).order == "dmy"
    assert date_order_of(["05-12", "5/12"]).example == "5/12"
    assert date_order_of(["21-03-05", "98-12-31"]).order == "ymd"
    assert date_order_of(["98-12-31", "31/12/2026"]).order == ""
    both = date_order_of(["13/05/2026", "05/13/2026"])
    assert (both.order, both.proof, both.against) == ("", "13/05/2026", "05/13/2026")


@pytest.mark.django_db
def test_the_refusal_says_what_the_date_could_be_and_what_settles_it(tmp_path):
    rejects = tmp_path / "rejects.csv"
    report = buy(
        tmp_path,
        "O1,C1,05/03/2026,TEA,1,1",
        "O2,C1,13/05/2026,TEA,1,1",
        rejects=rejects,
    )

    assert refusals(report) == {"date_ambiguous": 1}
    assert "“05/03/2026” is 5 March or 3 May" in rejects.read_text()
    assert "--date-format dmy or mdy" in in_words("date_ambiguous")
    assert report.notes == {"dates_day_first": 1}
    assert report.notes.examples["dates_day_first"] == ["13/05/2026"]
    assert "--date-format dmy" in note_in_words("dates_day_first")
    assert Order.objects.get().external_id == "O2"


@pytest.mark.django_db
def test_the_order_of_dates_is_said_once_for_a_file(tmp_path):
    buy(tmp_path, "O1,C1,05/03/2026,TEA,1,1", date_order="mdy")
    people(
        tmp_path,
        "external_id,birthday,customer_since",
        "C1,4/5/1980,05/03/2020",
        date_order="mdy",
    )

    order = Order.objects.select_related("customer").get()
    assert order.ordered_on == date(2026, 5, 3)
    assert (order.customer.birth_month, order.customer.birth_day) == (4, 5)
    assert order.customer.since_on == date(2020, 5, 3)


@pytest.mark.django_db
def test_spreadsheet_days_are_read_from_a_file_that_is_said_to_have_them(tmp_path):
    buy(tmp_path, "O1,C1,46145,TEA,1,1", serial_dates=True)

    assert Order.objects.get().ordered_on == date(2026, 5, 3)


def test_a_century_turns_at_fifty():
    days = [Day(year, 5, 12, is_short=True) for year in (49, 50)]

    assert [full_year(day).year for day in days] == [2049, 1950]


@pytest.mark.parametrize(
    ("written", "clock"),
    [("中午11:30", "11:30"), ("中午12:30", "12:30"), ("中午1:00", "13:00")],
)
def test_noon_has_an_hour_on_either_side(written, clock):
    found = datetime.fromisoformat(READ[""](f"2026年5月3日 {written}").at)

    assert found.strftime("%H:%M") == clock


def test_parts_of_a_second_are_parts_of_it():
    found = datetime.fromisoformat(READ["dmy"]("03/05/2026 10:15:30.5").at)

    assert found.microsecond == 500_000


def test_serial_days_begin_where_spreadsheets_agree_with_the_calendar():
    """They hold 1900 for a leap year, so what lies before 1 March is another day."""
    assert SERIALS("61").day == "1900-03-01"
    assert isinstance(SERIALS("60"), Refused)
