"""Shape and limits of what staff type about automations; services hold the rules."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from crm import audiences, segment_fields
from crm.models import Segment, User
from crm.rules import customer_search
from messaging import kinds, words
from messaging.kinds import Kind
from messaging.models import Automation
from messaging.rules.choices import Reentry
from messaging.rules.resting import EVERY_DAY
from web import form_fields as fields
from web.error_messages import for_field

_STORED = (
    *("name", "send_hour", "offset_days", "life_days", "weekdays", "rests"),
    *("reentry", "reentry_days", "version"),
)
_REENTRY = [
    (Reentry.PER_OCCURRENCE.value, _("On every occasion")),
    (Reentry.AFTER_DAYS.value, _("Again after some days")),
    (Reentry.NEVER.value, _("Once only")),
]
_HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]
_WEEKDAYS = [(day, WEEKDAYS[day - 1]) for day in EVERY_DAY]


def _owners() -> list[tuple[str, object]]:
    people = User.objects.filter(is_active=True).order_by("name", "id")
    return [
        ("", _("Everybody’s")),
        (segment_fields.NOBODY, _("Nobody’s")),
        *((str(person.pk), str(person)) for person in people),
    ]


def _segments() -> list[tuple[str, object]]:
    return [
        ("", _("Everybody")),
        *((str(row.pk), row.name) for row in Segment.objects.all()),
    ]


def _left_out() -> list[tuple[str, object]]:
    return [("", _("Nobody is left out")), *_segments()[1:]]


class NameForm(forms.Form):
    """What a new automation or a copy is called."""

    name = fields.TextField(name="name", most=120, required=True, label=_("Name"))


class AudienceForm(forms.Form):
    """What the customer list filters by."""

    owner = fields.LazyChoiceField(label=_("Whose customers"), choices=_owners)
    segment = fields.LazyChoiceField(
        required=False,
        label=_("Segment"),
        help_text=_("Who is in it is asked again when the mail is written."),
        choices=_segments,
    )
    outside = fields.LazyChoiceField(
        required=False,
        label=_("Without the segment"),
        choices=_left_out,
    )
    open = forms.BooleanField(required=False, label=_("Only with an open follow-up"))
    q = fields.TextField(
        name="q",
        most=customer_search.MOST_TYPED,
        label=_("Found by"),
        help_text=_("As in the search for customers: a name, an address, a number."),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        # Anyone who left since it was saved stays until somebody else is chosen.
        owner = str(self.initial.get("owner", ""))
        field = self.fields["owner"]
        assert isinstance(field, forms.ChoiceField)
        choices = _owners()
        if owner not in dict(choices):
            choices.append((owner, segment_fields.owner_name(owner)))
        field.choices = choices

    @property
    def audience(self) -> str:
        """The query string of what was chosen; of a valid form."""
        # A kind may have a field of its own that is named like a filter of the list.
        chosen = {name: self.cleaned_data[name] for name in AudienceForm.base_fields}
        is_open = "1" if chosen["open"] else ""
        return audiences.query_of({**chosen, "open": is_open})

    @staticmethod
    def chosen(audience: str) -> dict[str, object]:
        """The initial values of the fields."""
        values = dict(parse_qsl(audience))
        return {
            "q": values.get("q", ""),
            "owner": values.get("owner", ""),
            "segment": values.get("segment", ""),
            "outside": values.get("outside", ""),
            "open": values.get("open") == "1",
        }


class AutomationForm(AudienceForm, NameForm):
    """Its name, for whom and when it runs, and how long a mail waits."""

    audience_names = ("owner", "segment", "outside", "open", "q")

    send_hour = forms.TypedChoiceField(
        choices=_HOURS,
        coerce=int,
        label=_("Hour"),
        help_text=_("In the customer’s own zone, then the shop’s."),
    )
    offset_days = forms.IntegerField(
        min_value=-60,
        max_value=365,
        label=_("Days after"),
        help_text=_("0 is the day itself; below 0 is before it."),
    )
    life_days = forms.IntegerField(
        min_value=1,
        max_value=60,
        label=_("Days it may wait"),
        help_text=_(
            "Counted from the day it is due. What could not go by then lapses, with "
            "its reason."
        ),
    )
    weekdays = forms.TypedMultipleChoiceField(
        choices=_WEEKDAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        label=_("On these days"),
        help_text=_("What is due on another day goes on the next of these."),
        error_messages={"required": for_field("weekdays", "required")},
    )
    rests = forms.BooleanField(
        required=False,
        label=_("Not on days off and public holidays"),
        help_text=_(
            "Of the customer’s country, then the shop’s: Friday and Saturday in "
            "Israel, Saturday and Sunday in most others. Holidays of a region only are "
            "not known."
        ),
    )
    reentry = forms.ChoiceField(
        choices=_REENTRY,
        label=_("How often"),
        help_text=_("Whether somebody who got it once may get it again."),
    )
    reentry_days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=3650,
        label=_("Days until it may come again"),
        help_text=_("Only with “Again after some days”."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    # As it is in the table; `of` sets it.
    stored: Mapping[str, Any]

    field_order = ("name", "owner", "segment", "outside", "open", "q")

    def __init__(
        self,
        *args: Any,
        only: Collection[str] = (),
        own: Mapping[str, forms.Field] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        # Those of the kind, which fill `params`.
        self.own = dict(own or {})
        self.fields.update(self.own)
        for name in [one for one in self.fields if only and one not in only]:
            if name != "version":
                del self.fields[name]
        # Anyone who pressed a part of the sentence goes on in its form.
        next(iter(self.fields.values())).widget.attrs["autofocus"] = True

    @property
    def asks_for_audience(self) -> bool:
        return "owner" in self.fields

    @classmethod
    def of(
        cls, automation: Automation, data: Any = None, *, only: Collection[str] = ()
    ) -> "AutomationForm":
        """The form of a stored automation, bound where `data` is given; `only` these
        fields of it, or all."""
        values = {name: getattr(automation, name) for name in _STORED}
        audience, params = automation.audience, automation.params
        form = cls(
            data,
            initial={**params, **values, **cls.chosen(audience)},
            only=only,
            own=own_fields(automation),
        )
        for name in kinds.get(automation.kind).fixed_settings & form.fields.keys():
            del form.fields[name]
        form.stored = {**values, "audience": audience, "params": params}
        return form

    def changes(self) -> dict[str, Any]:
        """What the service is asked for; of a valid form. What it has no field for
        stays as it is."""
        found = {
            name: self.cleaned_data[name] for name in _STORED if name in self.fields
        }
        if "owner" in self.fields:
            found["audience"] = self.audience
        own = {
            name: self.cleaned_data[name] for name in self.own if name in self.fields
        }
        return {**self.stored, **found, "params": {**self.stored["params"], **own}}


def own_fields(automation: Automation) -> dict[str, forms.Field]:
    """The fields that only automations of this kind have."""
    form_class = kinds.get(automation.kind).params_form
    return dict(form_class().fields) if form_class else {}


class WordingForm(forms.Form):
    """One field for each text of a step; empty is the product's own words. Of a picture
    there is its name and a file that takes its place."""

    def __init__(self, kind: Kind, *args: Any, origin: int = 1, **more: Any) -> None:
        super().__init__(*args, **more)
        for field in words.fields_of(kind, origin):
            if field.is_picture:
                self.fields[field.name] = forms.CharField(
                    required=False, label=field.label, widget=forms.HiddenInput
                )
                self.fields["picture_file"] = forms.FileField(
                    required=False,
                    label=_("Choose a picture"),
                    help_text=_(
                        "JPEG, PNG or GIF, at most 700 kB; larger ones are made "
                        "smaller where scripts run. It stands above the greeting."
                    ),
                    widget=forms.FileInput(attrs={"accept": "image/*"}),
                )
                continue
            build = fields.MultilineField if field.long else fields.TextField
            self.fields[field.name] = build(
                name=field.name,
                most=2_000 if field.long else 200,
                label=field.label,
            )

    @property
    def texts(self) -> dict[str, str]:
        """What was typed, by the names of the texts."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "picture_file"
        }
