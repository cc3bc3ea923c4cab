"""Conditions about who somebody is, and what was talked about with them."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from babel import Locale
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from crm import selectors
from crm.condition_fields import Asked, ConditionField, Kind
from crm.models import Segment, Tag, User
from crm.rules import dates
from crm.rules.choices import LeapDay
from crm.rules.segment_tree import Is
from crm.sql import conditions as shapes
from crm.sql import distinct
from web.rules import places
from web.rules.numbers import whole_number

WHO = _("Who they are")
NOBODY = "none"


def column(name: str) -> sql.Composable:
    """A column of the customer `c` of the statement."""
    return sql.Identifier("c", name)


def _about_day(name: str) -> Callable[[Asked], sql.Composable]:
    return lambda asked: shapes.compared(column(name), asked)


def _about_text(name: str) -> Callable[[Asked], sql.Composable]:
    return lambda asked: shapes.text_of(column(name), asked)


def _about_choice(name: str) -> Callable[[Asked], sql.Composable]:
    return lambda asked: shapes.chosen(column(name), asked)


def _has(name: str) -> Callable[[Asked], sql.Composable]:
    def where(asked: Asked) -> sql.Composable:
        sign = "<>" if asked.condition.is_ is Is.YES else "="
        return sql.SQL("({column} {sign} '')").format(
            column=column(name),
            sign=sql.SQL(sign),
        )

    return where


# --- Owner, tags, segments -----------------------------------------------------------


def _owned(asked: Asked) -> sql.Composable:
    values = asked.condition.values
    ids = [pk for value in values if (pk := whole_number(value))]
    parts: list[sql.Composable] = [
        sql.SQL("(c.owner_id = ANY({}))").format(sql.Literal(ids))
    ]
    if NOBODY in values:
        parts.append(sql.SQL("(c.owner_id IS NULL)"))
    is_one = sql.SQL(" OR ").join(parts)
    if asked.condition.is_ is Is.ANY_OF:
        return sql.SQL("({})").format(is_one)
    return sql.SQL("(({}) IS NOT TRUE)").format(is_one)


def _owners() -> Mapping[str, str]:
    rows = User.objects.order_by("name", "id")
    return {**{str(row.pk): str(row) for row in rows}, NOBODY: str(_("nobody"))}


def _tagged(asked: Asked) -> sql.Composable:
    ids = [int(value) for value in asked.condition.values]
    carrying = sql.SQL(
        "SELECT customer_id AS id FROM crm_customer_tags WHERE tag_id = ANY({})"
    ).format(sql.Literal(ids))
    return shapes.among(carrying, is_in=asked.condition.is_ is Is.ANY_OF)


def _tags() -> Mapping[str, str]:
    return {str(pk): name for pk, name in Tag.objects.values_list("pk", "name")}


def _segments() -> Mapping[str, str]:
    return {str(pk): name for pk, name in Segment.objects.values_list("pk", "name")}


def _sources() -> Mapping[str, str]:
    return {source: source for source in distinct.values_of("crm_customer", "source")}


def _countries() -> Mapping[str, str]:
    names = Locale.parse((get_language() or "en").split("-")[0]).territories
    return {code: str(names.get(code, code)) for code in sorted(places.COUNTRIES)}


def _languages() -> Mapping[str, str]:
    return {code: str(name) for code, name in settings.LANGUAGES}


# --- Days ----------------------------------------------------------------------------


def _birthday(asked: Asked) -> sql.Composable:
    """Yearly days: 29 February falls where the shop's settings say."""
    if asked.condition.is_ is Is.KNOWN:
        return sql.SQL("(c.birth_month IS NOT NULL)")
    if asked.condition.is_ is Is.UNKNOWN:
        return sql.SQL("(c.birth_month IS NULL)")
    period = asked.condition.period
    assert period is not None
    leap = LeapDay(selectors.business().leap_day)
    found = yearly_between(asked.today, period.after(asked.today), leap)
    return sql.SQL("(c.birth_month * 100 + c.birth_day = ANY({}))").format(
        sql.Literal(sorted(found))
    )


def yearly_between(first: date, last: date, leap: LeapDay) -> set[int]:
    """Month times 100 plus day of every yearly date that falls on one of these days,
    both included; all of them where that is a year or more."""
    days = min((last - first).days, 366)
    found = set()
    for ahead in range(days + 1):
        day = first + timedelta(days=ahead)
        found.add(day.month * 100 + day.day)
        if dates.yearly(2, 29, day.year, leap) == day:
            found.add(229)
    return found


FIELDS = (
    ConditionField(
        name="country",
        order=10,
        label=_("Country"),
        section=WHO,
        kind=Kind.CHOICE,
        where=_about_choice("country"),
        choices=_countries,
    ),
    ConditionField(
        name="postcode",
        order=10,
        label=_("Postcode"),
        section=WHO,
        kind=Kind.TEXT,
        where=_about_text("postcode"),
    ),
    ConditionField(
        name="city",
        order=10,
        label=_("Town or city"),
        section=WHO,
        kind=Kind.TEXT,
        where=_about_text("city"),
    ),
    ConditionField(
        name="region",
        order=10,
        label=_("State, province or county"),
        section=WHO,
        kind=Kind.TEXT,
        where=_about_text("region"),
    ),
    ConditionField(
        name="street",
        order=10,
        label=_("Has a street for letters and parcels"),
        section=WHO,
        kind=Kind.FLAG,
        where=_has("street"),
    ),
    ConditionField(
        name="language",
        order=11,
        label=_("Language"),
        section=WHO,
        kind=Kind.CHOICE,
        where=_about_choice("language"),
        choices=_languages,
    ),
    ConditionField(
        name="owner",
        order=12,
        label=_("Owner"),
        section=WHO,
        kind=Kind.CHOICE,
        where=_owned,
        choices=_owners,
    ),
    ConditionField(
        name="tag",
        order=13,
        label=_("Tag"),
        section=WHO,
        kind=Kind.CHOICE,
        where=_tagged,
        choices=_tags,
    ),
    ConditionField(
        name="company",
        order=14,
        label=_("Company"),
        section=WHO,
        kind=Kind.TEXT,
        where=_about_text("organisation"),
    ),
    ConditionField(
        name="heard_from",
        order=15,
        label=_("Heard of us from"),
        section=WHO,
        kind=Kind.TEXT,
        where=_about_text("heard_from"),
    ),
    ConditionField(
        name="email",
        order=16,
        label=_("Has an email address"),
        section=WHO,
        kind=Kind.FLAG,
        where=_has("email"),
    ),
    ConditionField(
        name="phone",
        order=17,
        label=_("Has a telephone number"),
        section=WHO,
        kind=Kind.FLAG,
        where=_has("phone_text"),
    ),
    ConditionField(
        name="since",
        order=18,
        label=_("Customer since"),
        section=WHO,
        kind=Kind.DAY,
        where=_about_day("since_on"),
    ),
    ConditionField(
        name="birthday",
        order=19,
        label=_("Birthday"),
        section=WHO,
        kind=Kind.DAY,
        where=_birthday,
        operators=(Is.IN_NEXT, Is.KNOWN, Is.UNKNOWN),
    ),
    ConditionField(
        name="source",
        order=20,
        label=_("Source of the record"),
        section=WHO,
        kind=Kind.CHOICE,
        where=_about_choice("source"),
        choices=_sources,
    ),
    ConditionField(
        name="segment",
        order=21,
        label=_("Segment"),
        section=WHO,
        kind=Kind.CHOICE,
        # Put together with the conditions of that segment: crm/segment_people.py.
        where=lambda asked: sql.SQL("false"),
        choices=_segments,
    ),
)
