"""The lists of people behind figures, as addresses name them: for pages and exports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from psycopg.sql import SQL, Composable

from crm import selectors as crm
from insights.choices import Basis
from insights.forms.people import REFERRED, PeopleForm
from insights.forms.programmes import CLOSING, SIDES, STATES, ProgrammePeopleForm
from insights.forms.sides import BY
from insights.metrics.periods import MONTHS, add_months
from insights.metrics.spans import LENGTHS, YEAR, Pair
from insights.selectors import overlaps, programmes
from insights.selectors.asked import RECOMMENDED, Asked, people_of, who
from insights.sql import again, breakage, people, signals
from insights.sql import money as money_sql
from insights.sql import overlaps as heard
from insights.sql import programmes as programme_sql
from loyalty.models import Programme
from web.rules.money import CURRENCIES

CORE = "core"


def of_figure(form: PeopleForm, *, today: date) -> Composable:
    """Those of a valid form, each once, as a SELECT of ids."""
    asked, values = form.asked, form.cleaned_data
    span, group = (asked.period.starts_on, asked.period.ends_on), values["group"]
    cohort = (values["since"], values["until"])
    if group in people.BUYERS:
        return _of_group(people.buyers(group, cohort, span), asked, today)
    if group == again.SOON:
        return _of_group(again.soon(cohort), asked, today)
    if group == again.LATER:
        unit = values["unit"]
        found = again.later(cohort, unit, MONTHS[unit], values["step"])
        return _of_group(found, asked, today)
    if group in signals.SIGNALS:
        zone = crm.business().zone_name
        found = signals.ids(group, asked.basis.value, zone, span)
        return _of_group(found, asked, today)
    if group == REFERRED:
        recommended = who(asked.of("", by=RECOMMENDED), today=today)
        found = people.ids(asked.basis.value, span, "new", recommended)
        return _of_group(found, asked, today)
    if group in heard.HEARD:
        return overlaps.people(asked, group, today=today)
    return people.ids(asked.basis.value, span, group, who(asked, today=today))


def _of_group(select: Composable, asked: Asked, today: date) -> Composable:
    """Those of them who are in the group that is asked for."""
    chosen = people_of(asked.by, asked.value, before=today, today=today)
    if chosen is None:
        return select
    return SQL("SELECT id FROM ({}) AS found (id) WHERE id IN ({})").format(
        select, chosen
    )


def of_programme(
    row: Programme, form: ProgrammePeopleForm, *, today: date
) -> Composable:
    """The same of a figure of a programme."""
    what, month = form.cleaned_data["what"], form.month_on
    if what in STATES:
        any_month = not form.cleaned_data["month"]
        return programme_sql.with_part(
            row, today, what, month=month, any_month=any_month
        )
    if what == "owed":
        return programme_sql.who_owes(row)
    if what in SIDES:
        side, _dash, came_again = what.partition("-")
        asked = programmes.last_days(today, form.asked_days)
        return programme_sql.of_side(
            row, asked, is_member=side == "member", again=bool(came_again)
        )
    assert month is not None
    if what == "lost":
        return breakage.whose_ran_out(row, month)
    if what == CLOSING:
        return programmes.with_balance(row, add_months(month, 1))
    return programme_sql.with_entry(row, what, (month, add_months(month, 1)))


@dataclass(frozen=True)
class MoneyList:
    """Those behind a figure of money; `people`: a SELECT of ids, None for everybody."""

    pair: Pair
    basis: Basis
    currency: str
    group: str
    people: Composable | None

    @property
    def ids(self) -> Composable:
        """All of them, each once, as a SELECT of ids."""
        if self.group == CORE:
            return money_sql.core_ids(self.currency, self.people)
        return money_sql.ids(
            self.pair, self.basis, self.currency, self.group, self.people
        )


def of_money(values: Mapping[str, str], *, today: date) -> MoneyList:
    """As an address names it. What it does not name, or names wrongly, is that of
    everybody now."""
    business, group = crm.business(), values.get("of", "")
    currency, months = values.get("currency", ""), values.get("months", "")
    pair = Pair(
        _day(values.get("to", "")) or today.replace(day=1),
        int(months) if months in map(str, LENGTHS) else YEAR,
    )
    by = values.get("by", "all")
    return MoneyList(
        pair=pair,
        basis=Basis.CONTRACT if values.get("basis") == Basis.CONTRACT else Basis.ORDERS,
        currency=currency if currency in CURRENCIES else business.currency,
        group=group if group in {*money_sql.GROUPS, CORE} else "then",
        people=people_of(by, values.get("value", ""), before=pair.middle, today=today)
        if by in dict(BY)
        else None,
    )


def _day(typed: str) -> date | None:
    """The first day of a month; None for anything else."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if day.day == 1 and 1990 <= day.year < 9000 else None
