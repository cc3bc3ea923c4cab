"""What can be done to many customers: checked, described in words, given to the SQL."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.customer_facts import BY_NAME, FACTS, CustomerFact, Kind
from crm.models import Tag, User
from crm.rules.choices import BulkAction
from crm.services import customer_tags, customers, follow_ups
from crm.services.bulk import custom
from web.errors import InvalidValue
from web.rules import text


def fields_to_set() -> list[CustomerFact]:
    """Facts of one column out of which nothing else is worked out."""
    return [fact for fact in FACTS if _is_settable(fact)]


def _is_settable(fact: CustomerFact) -> bool:
    plain = fact.kind is Kind.LISTED or fact.kind is Kind.LINE
    return plain and fact.in_form and not fact.is_searchable


def checked(
    action: BulkAction, values: Mapping[str, Any], *, now: datetime
) -> dict[str, Any]:
    """The options as they are stored with the run. Raises InvalidValue.

    TAG takes `tag`, a name; UNTAG `tag`, a Tag; ASSIGN `owner`, a User or None;
    FOLLOW_UP `why`, `due_on` and `assignee`; FIELD `field`, a name ("custom.KEY" of
    one that staff made), and `value`.
    """
    if action is BulkAction.TAG:
        name = text.one_line(values["tag"], field="tag", most=60)
        if not name:
            raise InvalidValue(fields={"tag": "required"})
        tag = customer_tags.tag_named(name)
        return {"tag": tag.pk, "name": tag.name}
    if action is BulkAction.UNTAG:
        return {"tag": values["tag"].pk, "name": values["tag"].name}
    if action is BulkAction.ASSIGN:
        owner: User | None = values["owner"]
        return {"owner": owner.pk if owner else None}
    if action is BulkAction.FIELD:
        return _checked_field(values["field"], values["value"], now)
    return _checked_follow_up(values, now)


def _checked_field(name: str, value: Any, now: datetime) -> dict[str, Any]:
    if name.startswith(custom.PREFIX):
        return custom.checked(name, value)
    if name not in {fact.name for fact in fields_to_set()}:
        raise InvalidValue(fields={"field": "unknown_field"})
    return {"field": name, "value": customers.normal_value(name, value, now=now)}


def _checked_follow_up(values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    why = text.one_line(values["why"], field="why", most=300)
    if not why:
        raise InvalidValue(fields={"why": "required"})
    day: date = follow_ups.valid_day(values["due_on"], now)
    assignee: User | None = values["assignee"]
    return {
        "why": why,
        "due_on": day.isoformat(),
        "assignee": assignee.pk if assignee else None,
    }


def column_of(action: BulkAction, options: Mapping[str, Any]) -> str:
    """The column that is set, or "custom" for a value in it; empty where the change is
    in another table."""
    if action is BulkAction.ASSIGN:
        return "owner_id"
    if custom.is_custom(options):
        return "custom"
    return str(options.get("field", ""))


def fields_of(action: BulkAction, options: Mapping[str, Any]) -> list[str]:
    """The names of the facts that change, for the audit and for receivers."""
    if action in (BulkAction.TAG, BulkAction.UNTAG):
        return ["tags"]
    if action is BulkAction.ASSIGN:
        return ["owner"]
    return [options["field"]] if action is BulkAction.FIELD else []


def parameters(action: BulkAction, options: Mapping[str, Any]) -> dict[str, Any]:
    """For the SQL of crm/sql/bulk.py."""
    if action is BulkAction.ASSIGN:
        return {"value": options["owner"]}
    if custom.is_custom(options):
        return custom.parameters(options)
    return dict(options)


# --- In words ------------------------------------------------------------------------


def in_words(action: BulkAction, options: Mapping[str, Any]) -> str:
    """What is done, in the reader's language, without a full stop."""
    if action is BulkAction.TAG:
        return _("Add the tag “%(tag)s”") % {"tag": _tag_name(options)}
    if action is BulkAction.UNTAG:
        return _("Take the tag “%(tag)s” off") % {"tag": _tag_name(options)}
    if action is BulkAction.ASSIGN:
        owner = _colleague(options["owner"])
        return _("New owner: %(name)s") % {"name": owner or _("nobody")}
    if action is BulkAction.FOLLOW_UP:
        day = date_format(date.fromisoformat(options["due_on"]), "DATE_FORMAT")
        return _("Follow-up for %(day)s: %(why)s") % {"day": day, "why": options["why"]}
    if custom.is_custom(options):
        return custom.in_words(options)
    fact = BY_NAME[options["field"]]
    words = {"field": fact.label, "value": options["value"] or _("empty")}
    return _("%(field)s: %(value)s") % words


def _tag_name(options: Mapping[str, Any]) -> str:
    tag = Tag.objects.filter(pk=options["tag"]).first()
    return tag.name if tag else str(options["name"])


def _colleague(pk: int | None) -> str:
    user = User.objects.filter(pk=pk).first() if pk else None
    return str(user) if user else ""
