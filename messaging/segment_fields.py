"""What segments may ask of mails and permissions."""

from urllib.parse import parse_qsl

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from crm import selectors
from crm.condition_fields import Asked, ConditionField, Kind, register
from crm.rules.segment_tree import Is
from crm.services.segments import Use, register_uses
from crm.sql import conditions as shapes
from messaging import kinds
from messaging.models import Automation
from messaging.rules.choices import Category
from web.rules.numbers import whole_number

SECTION = _("Mails")


def _consent(granted: bool, asked: Asked) -> sql.Composable:
    """The last consent or withdrawal for one of these classes, of the record itself."""
    found = sql.SQL(
        "SELECT said.customer_id AS id FROM (SELECT DISTINCT ON (customer_id, category)"
        " customer_id, granted FROM messaging_consent WHERE category = ANY({classes})"
        " ORDER BY customer_id, category, id DESC) said WHERE said.granted = {granted}"
    ).format(
        classes=sql.Literal(list(asked.condition.values)), granted=sql.Literal(granted)
    )
    return shapes.among(found, is_in=asked.condition.is_ is Is.ANY_OF)


def _got(asked: Asked) -> sql.Composable:
    found = sql.SQL(
        "SELECT customer_id AS id FROM messaging_message WHERE state = 'sent'"
        " AND customer_id IS NOT NULL AND kind = ANY({kinds}) {since}"
    ).format(kinds=sql.Literal(list(asked.condition.values)), since=_since(asked))
    return shapes.among(found, is_in=asked.condition.is_ is Is.ANY_OF)


def _since(asked: Asked) -> sql.Composable:
    """Narrows mails to those of `within`, by days of the shop."""
    if asked.since is None:
        return sql.SQL("")
    begin = shapes.begin_of(asked.since, selectors.business().zone_name)
    return sql.SQL("AND final_at >= {}").format(begin)


def _number_got(asked: Asked) -> sql.Composable:
    rows = sql.SQL(
        "FROM messaging_message WHERE state = 'sent' AND customer_id IS NOT NULL"
        " {since}"
    ).format(since=_since(asked))
    return shapes.counted(rows, sql.SQL("count(*)"), asked)


def _bounced(asked: Asked) -> sql.Composable:
    """Mail to the person came back as undeliverable, or was called spam."""
    found = sql.SQL(
        "SELECT m.customer_id AS id FROM messaging_message m"
        " JOIN messaging_suppression s ON s.address_hash = m.address_hash"
        " WHERE m.customer_id IS NOT NULL AND s.lifted_at IS NULL"
        " AND s.reason IN ('bounce', 'complaint')"
    )
    return shapes.among(found, is_in=asked.condition.is_ is Is.YES)


def _classes() -> dict[str, str]:
    return {
        Category.SURVEY.value: str(_("surveys")),
        Category.LOYALTY.value: str(_("reminders and greetings")),
        Category.MARKETING.value: str(_("offers")),
        Category.BIRTHDAY.value: str(_("birthday greetings")),
    }


def _uses(segment_ids: set[int]) -> list[Use]:
    """The automations whose audience names one of these segments."""
    found = []
    for row in Automation.objects.filter(archived_at=None).exclude(audience=""):
        values = dict(parse_qsl(row.audience))
        named = {values.get(name, "") for name in ("segment", "outside")}
        kind = kinds.get(row.kind)
        if any(whole_number(one) in segment_ids for one in named):
            url = reverse("messaging:automation", args=[row.pk])
            found.append(Use(str(row), url, not kind.may_choose_by_opinion))
    return found


register_uses(_uses)
register(
    ConditionField(
        name="mail.got",
        order=50,
        label=_("Got the mail"),
        section=SECTION,
        kind=Kind.CHOICE,
        where=_got,
        choices=lambda: {kind.name: str(kind.label) for kind in kinds.all_kinds()},
        takes_within=True,
    ),
    ConditionField(
        name="mail.count",
        order=54,
        label=_("Number of mails they got"),
        section=SECTION,
        kind=Kind.NUMBER,
        where=_number_got,
        takes_within=True,
    ),
    ConditionField(
        name="mail.bounced",
        order=53,
        label=_("Mail came back or was called spam"),
        section=SECTION,
        kind=Kind.FLAG,
        where=_bounced,
    ),
    ConditionField(
        name="mail.agreed",
        order=51,
        label=_("Said yes to"),
        section=SECTION,
        kind=Kind.CHOICE,
        where=lambda asked: _consent(True, asked),
        choices=_classes,
    ),
    ConditionField(
        name="mail.stopped",
        order=52,
        label=_("Said no to"),
        section=SECTION,
        kind=Kind.CHOICE,
        where=lambda asked: _consent(False, asked),
        choices=_classes,
    ),
)
