"""One more address or telephone number of a person."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.rules.choices import AddressKind
from crm.services.addresses import MOST_LABEL
from web import form_fields as fields


class AddressForm(forms.Form):
    """An address or a number; the service tells which is none."""

    value = fields.TextField(
        most=254, required=True, name="value", label=_("Address or number")
    )
    label = fields.TextField(
        most=MOST_LABEL,
        name="label",
        label=_("Label"),
        help_text=_("Such as work, private, or whose it is."),
    )


class NewAddressForm(AddressForm):
    """A further address to add, of either kind."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=(
            (AddressKind.EMAIL.value, _("Email")),
            (AddressKind.PHONE.value, _("Phone")),
        ),
    )
    field_order = ("kind", "value", "label")
