"""Conditions about a record: where it came from, what finds it, what was noted."""

from collections.abc import Callable, Collection, Mapping
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from crm import audiences, contact_sources, selectors
from crm.condition_fields import Asked, ConditionField, Kind, LookUp
from crm.models import ImportRun
from crm.rules.segment_tree import Is
from crm.segment_fields.facts import WHO
from crm.sql import conditions as shapes
from web.rules.numbers import whole_number

CONTACT = _("Contact")


def _flag(rows: str) -> Callable[[Asked], sql.Composable]:
    """Whether there are such rows; `rows` gives the customers as `id`."""
    return lambda asked: shapes.among(
        sql.SQL(rows),
        is_in=asked.condition.is_ is Is.YES,
    )


def _searched(asked: Asked) -> sql.Composable:
    """What the search of the customer list finds, each pattern by its own index."""
    typed = asked.condition.values[0]
    found = audiences.compiled(
        urlencode({"q": typed}),
        country=selectors.business().country,
        today=asked.today,
    )
    assert found is not None
    return shapes.among(found, is_in=True)


def _imported(asked: Asked) -> sql.Composable:
    """The last import that made or changed the record."""
    ids = [int(value) for value in asked.condition.values]
    is_one = sql.SQL("(c.last_import_id = ANY({}))").format(sql.Literal(ids))
    if asked.condition.is_ is Is.ANY_OF:
        return is_one
    return sql.SQL("({} IS NOT TRUE)").format(is_one)


def _imports(rows: "QuerySet[ImportRun]") -> Mapping[str, str]:
    found = rows.values_list("pk", "file_name", "started_at")
    return {
        str(pk): f"{name}, {date_format(started_at, 'DATE_FORMAT')}"
        for pk, name, started_at in found
    }


def _named_imports(values: Collection[str]) -> Mapping[str, str]:
    ids = [pk for value in values if (pk := whole_number(value)) is not None]
    return _imports(ImportRun.objects.filter(is_dry_run=False, pk__in=ids))


def _search_imports(text: str, most: int) -> Mapping[str, str]:
    rows = ImportRun.objects.filter(is_dry_run=False, file_name__icontains=text)
    return _imports(rows.order_by("-started_at", "-pk")[:most])


def _last_contact(asked: Asked) -> sql.Composable:
    """The shop's day of the last contact, logged or written."""
    contacts = contact_sources.all_rows()
    if asked.condition.is_ in (Is.KNOWN, Is.UNKNOWN):
        spoken = sql.SQL("SELECT customer_id AS id FROM ({}) one").format(contacts)
        return shapes.among(spoken, is_in=asked.condition.is_ is Is.KNOWN)
    last = shapes.day_of(sql.SQL("max(at)"), selectors.business().zone_name)
    having = shapes.compared(last, asked)
    found = sql.SQL(
        "SELECT customer_id AS id FROM ({rows}) one GROUP BY customer_id"
        " HAVING {having}"
    ).format(rows=contacts, having=having)
    return shapes.among(found, is_in=True)


FIELDS = (
    ConditionField(
        name="import",
        order=22,
        label=_("Last import"),
        section=WHO,
        kind=Kind.CHOICE,
        where=_imported,
        look_up=LookUp(_named_imports, _search_imports),
    ),
    ConditionField(
        name="search",
        order=23,
        label=_("Found by the search"),
        section=WHO,
        kind=Kind.TEXT,
        where=_searched,
        operators=(Is.CONTAINS,),
    ),
    ConditionField(
        name="contact.last",
        order=60,
        label=_("Last contact"),
        section=CONTACT,
        kind=Kind.DAY,
        where=_last_contact,
    ),
    ConditionField(
        name="follow_up.open",
        order=61,
        label=_("Has an open follow-up"),
        section=CONTACT,
        kind=Kind.FLAG,
        where=_flag(
            "SELECT customer_id AS id FROM crm_followup"
            " WHERE state IN ('open', 'taken')"
        ),
    ),
)
