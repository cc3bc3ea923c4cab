"""What segments may ask of people's usual purchases, and which programmes use them."""

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from crm.condition_fields import Asked, ConditionField, Kind, register
from crm.rules.segment_tree import Is
from crm.services.segments import Use, register_uses
from crm.sql import conditions as shapes
from loyalty.models import Programme, RuleVersion


def _days_late(asked: Asked) -> sql.Composable:
    """Days since the first of their usual products ran out, as this customer buys; who
    has bought it since is not late. Of people without a usual purchase nothing is
    known."""
    days = int(asked.number)
    day = sql.Literal(asked.today - timedelta(days=days))
    sign = sql.SQL("<=" if asked.condition.is_ is Is.AT_LEAST else ">=")
    found = sql.SQL(
        "SELECT customer_id AS id FROM loyalty_nextpurchase GROUP BY customer_id"
        " HAVING min(due_on) {sign} {day}"
    ).format(sign=sign, day=day)
    return shapes.among(found, is_in=True)


def _uses(segment_ids: set[int]) -> list[Use]:
    """The programmes that take their members from one of these, or leave it out, or
    have a rule, ended or not, that did."""
    ruled = RuleVersion.objects.filter(
        Q(only_for__in=segment_ids) | Q(not_for__in=segment_ids)
    )
    asked = (
        Q(segment__in=segment_ids)
        | Q(left_out__in=segment_ids)
        | Q(pk__in=ruled.values("rule__programme"))
    )
    return [
        Use(row.name, reverse("loyalty:programme", args=[row.pk]))
        for row in Programme.objects.filter(asked).order_by("name", "pk")
    ]


register_uses(_uses)
register(
    ConditionField(
        name="usual.late",
        order=45,
        label=_("Days late for what they usually buy"),
        section=_("Orders"),
        kind=Kind.NUMBER,
        where=_days_late,
    )
)
