"""A mail on a day that stands in a field which staff made."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext, gettext_lazy

from crm.models import CustomField
from crm.rules.dates import EARLIEST
from loyalty.forms.occasions import CustomDateForm
from loyalty.kinds.greeting import Greeting, leap_day, words_of
from loyalty.kinds.thanks import day_of
from loyalty.rules.anniversary import falls
from loyalty.sql import days as sql
from messaging.kinds import Due, Group, StartingPoint, Window
from messaging.models import Automation, Message

_ = gettext_lazy


class CustomDate(Greeting):
    """Once in a calendar year for each automation, so that one may write a month before
    the day and another on it. A field that was archived has no days."""

    name = "custom_date"
    label = _("A day in a field of yours")
    summary = _(
        "Writes on, before or after a day that stands in a field which you made for "
        "customers, each year or once."
    )
    occasion = _("the day in the field")
    starting_points = (
        StartingPoint(
            name="custom_date",
            group=Group.OCCASION,
            label=_("A day in a field of yours"),
            summary=_("Writes about a day that you note for customers in a field."),
            suits=_("The day they moved in, a check-up, a guarantee that ends."),
            goes=_("On that day, or some days before or after it, each year or once."),
        ),
    )
    occurs_per_automation = True
    stands_alone = True
    default_params = {"field": "", "repeats": "yearly"}
    params_form = CustomDateForm
    wording = words_of(
        _("A day we noted for you: {day}"),
        _("We noted {day} for you. Reply to this mail if we can help."),
        _("If you do not need us for it, there is nothing to do."),
        "day",
    )
    sample_words = {"day": "12 May 2026"}

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        shift = timedelta(days=automation.offset_days)
        once = automation.params.get("repeats") == "once"
        pk = automation.params.get("field") or 0
        field = CustomField.objects.filter(pk=pk, archived_at=None).first()
        span = (window.first_on - shift, window.last_on - shift)
        found = list(_values(field.key, *span, once=once)) if field else []
        return sql.field(int(pk), found, shift, once=once)

    def params_in_words(self, automation: Automation) -> str:
        pk = automation.params.get("field") or 0
        field = CustomField.objects.filter(pk=pk).first()
        if field is None or field.archived_at:
            return gettext("no field yet, so nobody gets it")
        if automation.params.get("repeats") == "once":
            return gettext("the day in “%(field)s”, once") % {"field": field.label}
        return gettext("the day in “%(field)s”, each year") % {"field": field.label}

    def footer(self) -> str:
        return gettext("You get this mail because of a day that we noted for you.")

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        ids = {message.why["field"] for message in messages}
        labels = {row.pk: row.label for row in CustomField.objects.filter(pk__in=ids)}
        return {
            message.pk: gettext("%(field)s on %(day)s.")
            % {
                "field": labels.get(message.why["field"], gettext("A field")),
                "day": day_of(message),
            }
            for message in messages
        }


def _values(
    key: str, first_on: date, last_on: date, *, once: bool
) -> Iterator[tuple[str, date]]:
    """What the field may hold (JSON) of whoever has their day then, and the day."""
    for fall in falls(first_on, last_on, leap_day()):
        month, day = divmod(fall.key, 100)
        years = range(EARLIEST.year, fall.on.year + 1)
        for year in [fall.on.year] if once else years:
            held = f"{year:04}-{month:02}-{day:02}"
            if not once or held == fall.on.isoformat():
                yield json.dumps({key: held}), fall.on
