"""Conditions about the companies that somebody belongs to."""

from collections.abc import Callable, Collection, Mapping
from typing import LiteralString

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from crm import company_pages
from crm.condition_fields import Asked, ConditionField, Kind, LookUp
from crm.models import Company
from crm.rules.segment_tree import Is
from crm.segment_fields.facts import WHO
from crm.sql import conditions as shapes
from web.rules.numbers import whole_number


def _of_company(text: LiteralString) -> Callable[[Asked], sql.Composable]:
    """Asked of a text of any company of theirs, `c`, of its parent `p`, or of the link
    `m`; unknown: none of them says it."""

    def where(asked: Asked) -> sql.Composable:
        is_in = asked.condition.is_ is not Is.UNKNOWN
        value = sql.SQL("coalesce({}, '')").format(sql.SQL(text))
        theirs = sql.SQL(
            "SELECT m.customer_id AS id FROM crm_companyperson m"
            " JOIN crm_company c ON c.id = m.company_id"
            " LEFT JOIN crm_company p ON p.id = c.parent_id WHERE {}"
        ).format(
            shapes.text_of(value, asked)
            if is_in
            else sql.SQL("({} <> '')").format(value)
        )
        return shapes.among(theirs, is_in=is_in)

    return where


def _linked(asked: Asked) -> sql.Composable:
    ids = [pk for value in asked.condition.values if (pk := whole_number(value))]
    theirs = sql.SQL(
        "SELECT customer_id AS id FROM crm_companyperson WHERE company_id = ANY({})"
    ).format(sql.Literal(ids))
    return shapes.among(theirs, is_in=asked.condition.is_ is Is.ANY_OF)


def _named(values: Collection[str]) -> Mapping[str, str]:
    ids = [pk for value in values if (pk := whole_number(value)) is not None]
    return _words(Company.objects.filter(pk__in=ids))


def _search(text: str, most: int) -> Mapping[str, str]:
    """By name or domain, as the list of companies is searched."""
    return _words(company_pages.matching(text).order_by(Lower("name"), "pk")[:most])


def _words(rows: "QuerySet[Company]") -> Mapping[str, str]:
    """Names are not unique: the domain, or the parent, tells two of them apart."""
    return {
        str(pk): f"{name} ({more})" if (more := domain or parent) else name
        for pk, name, domain, parent in rows.values_list(
            "pk", "name", "domain", "parent__name"
        )
    }


FIELDS = (
    ConditionField(
        name="company.one",
        order=14,
        label=_("Belongs to the company"),
        section=WHO,
        kind=Kind.CHOICE,
        where=_linked,
        look_up=LookUp(_named, _search),
    ),
    ConditionField(
        name="company.name",
        order=14,
        label=_("Linked company"),
        section=WHO,
        kind=Kind.TEXT,
        where=_of_company("c.name"),
    ),
    ConditionField(
        name="company.parent",
        order=14,
        label=_("Linked company’s parent"),
        section=WHO,
        kind=Kind.TEXT,
        where=_of_company("p.name"),
    ),
    ConditionField(
        name="company.domain",
        order=14,
        label=_("Linked company’s domain"),
        section=WHO,
        kind=Kind.TEXT,
        where=_of_company("c.domain"),
    ),
    ConditionField(
        name="company.role",
        order=14,
        label=_("Role in the company"),
        section=WHO,
        kind=Kind.TEXT,
        where=_of_company("m.role"),
    ),
)
