"""Days off and public holidays of countries."""

from datetime import date

from crm.rules import days_off

# From Monday 21 to Monday 28 December 2026.
OFF = {
    "GB": {25, 26, 27, 28},
    # Hanukkah is over, and Christmas Day is a Friday.
    "IL": {25, 26},
    "DE": {25, 26, 27},
    "AE": {26, 27},
    # CLDR knows its weekend, nobody its holidays; then no country at all.
    "TA": {26, 27},
    "": {26, 27},
}


def test_the_days_off_of_a_country_are_its_weekend_and_holidays():
    days = [date(2026, 12, day) for day in range(21, 29)]

    assert {
        country: {day.day for day in days if days_off.is_day_off(day, country)}
        for country in OFF
    } == OFF
    # A Saturday on which people work for a day of the holidays before it.
    assert days_off.is_day_off(date(2026, 10, 7), "CN")
    assert not days_off.is_day_off(date(2026, 10, 10), "CN")


def test_the_country_is_the_customers_then_the_shops_then_none():
    assert days_off.country_of("IL", "GB") == "IL"
    assert days_off.country_of("", "GB") == "GB"
    assert days_off.country_of("XX", "gb") == ""


def test_public_holidays_are_named_in_our_language_or_in_the_countrys_own():
    found = days_off.public_holidays(
        date(2026, 12, 24), date(2027, 1, 1), ["IL", "DE", "DE"], language="he"
    )
    autumn = days_off.public_holidays(
        date(2026, 9, 12), date(2026, 9, 12), ["IL"], language="en"
    )

    assert [(one.on, one.country, one.names) for one in found] == [
        (date(2026, 12, 25), "DE", ("Erster Weihnachtstag",)),
        (date(2026, 12, 26), "DE", ("Zweiter Weihnachtstag",)),
        (date(2027, 1, 1), "DE", ("Neujahr",)),
    ]
    assert [one.names for one in autumn] == [("Rosh Hashanah",)]
