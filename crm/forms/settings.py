"""The shop's settings, and a person's own."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from crm.models import Business, User
from crm.rules.choices import ConsentBasis, LeapDay
from web import form_fields as fields

LEAP_DAYS = [
    (LeapDay.FEB_28.value, _("28 February")),
    (LeapDay.MAR_1.value, _("1 March")),
]
BASES = [
    (ConsentBasis.EXISTING.value, _("Existing customers, until they stop it")),
    (ConsentBasis.OPT_IN.value, _("Only those who agreed")),
]
THEMES = [("", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))]


def whole_number(low: int, high: int, **more: Any) -> forms.IntegerField:
    """A field for a number from `low` to `high`; one sentence says what is wrong."""
    validators = [MinValueValidator(low), MaxValueValidator(high)]
    widget = forms.NumberInput(attrs={"min": low, "max": high, "inputmode": "numeric"})
    wrong = _("Enter a whole number from %(low)s to %(high)s") % {
        "low": low,
        "high": high,
    }
    messages = dict.fromkeys(("invalid", "required"), wrong)
    field = forms.IntegerField(
        validators=validators, widget=widget, error_messages=messages, **more
    )
    for validator in validators:
        validator.message = wrong
    return field


class BusinessForm(forms.Form):
    """Everything about the shop that staff may change; the service holds the rules."""

    name = fields.TextField(
        name="name", most=120, required=True, label=_("Name of the shop")
    )
    public_url = fields.TextField(
        name="public_url",
        most=200,
        required=True,
        label=_("Public address"),
        help_text=_("Links in mails begin with it, such as https://shop.example."),
    )
    postal_address = fields.TextField(
        name="postal_address",
        most=300,
        label=_("Postal address"),
        help_text=_("Stands at the foot of every mail."),
    )
    from_name = fields.TextField(
        name="from_name", most=75, required=True, label=_("Sender’s name")
    )
    from_transactional = fields.EmailField(
        name="from_transactional", required=True, label=_("Sender of receipts")
    )
    from_survey = fields.EmailField(
        name="from_survey", required=True, label=_("Sender of surveys")
    )
    from_loyalty = fields.EmailField(
        name="from_loyalty", required=True, label=_("Sender of reminders")
    )
    from_marketing = fields.EmailField(
        name="from_marketing", required=True, label=_("Sender of offers")
    )
    reply_to = fields.EmailField(
        name="reply_to", label=_("Answers go to"), help_text=_("Empty: to the sender.")
    )
    language = fields.LazyChoiceField(
        label=_("Language"), required=True, choices=lambda: fields.languages()[1:]
    )
    time_zone = fields.LazyChoiceField(
        label=_("Time zone"), required=True, choices=lambda: fields.time_zones()[1:]
    )
    country = fields.LazyChoiceField(label=_("Country"), choices=fields.countries)
    currency = fields.TextField(
        name="currency", most=3, required=True, label=_("Currency")
    )
    leap_day = forms.ChoiceField(
        choices=LEAP_DAYS, label=_("29 February, in other years")
    )
    quiet_from = whole_number(0, 23, label=_("Nothing is sent from, hour"))
    quiet_until = whole_number(
        0,
        23,
        label=_("Nothing is sent until, hour"),
        help_text=_("By the customer’s clock. The same hour twice: never quiet."),
    )
    assumed_delivery_days = whole_number(
        0,
        90,
        label=_("Days until an order is taken for delivered"),
        help_text=_("Where nobody reports the delivery."),
    )
    survey_basis = forms.ChoiceField(choices=BASES, label=_("Surveys go to"))
    loyalty_basis = forms.ChoiceField(choices=BASES, label=_("Reminders go to"))
    campaign_alone_up_to = whole_number(
        0,
        100_000,
        label=_("People a marketer may write to alone"),
        help_text=_("A larger campaign waits for the yes of a manager or owner."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    @property
    def shown(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "version"]

    @classmethod
    def of(cls, business: Business) -> "BusinessForm":
        names = cls.base_fields
        return cls(initial={name: getattr(business, name) for name in names})


class PreferencesForm(forms.Form):
    """How one member of staff likes to read."""

    language = fields.LazyChoiceField(
        label=_("Language"), choices=lambda: settings.STAFF_LANGUAGES
    )
    time_zone = fields.LazyChoiceField(label=_("Time zone"), choices=fields.time_zones)
    theme = fields.LazyChoiceField(label=_("Colours"), choices=THEMES)
    single_keys = forms.BooleanField(
        required=False,
        label=_("Single keys"),
        help_text=_("j and k move, e is done, ? lists them all."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # One language is no choice; what was chosen before stays as it is.
        if len(settings.STAFF_LANGUAGES) < 2:
            del self.fields["language"]

    @classmethod
    def of(cls, user: User) -> "PreferencesForm":
        return cls(initial={name: getattr(user, name) for name in cls.base_fields})
