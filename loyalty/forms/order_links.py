"""Where mails lead to order."""

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.rules import order_links as rules
from web import form_fields as fields


class OrderLinkForm(forms.Form):
    """The shop's address with places for code and quantity."""

    template = fields.TextField(
        name="template",
        most=rules.MOST,
        label=_("Address of the basket"),
        help_text=_(
            "With {sku} and {quantity} for one product, or {lines} for several "
            "(“CODE:2,OTHER:1”). Empty: mails lead to the page of the product."
        ),
        attrs={"dir": "ltr", "spellcheck": "false", "autocomplete": "off"},
    )
