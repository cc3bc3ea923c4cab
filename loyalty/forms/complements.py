"""What goes with a product, as staff say it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import Product
from loyalty.services import complements
from web import form_fields as fields


class ChooseForm(forms.Form):
    """Another product by its code, in the same shop."""

    sku = fields.TextField(
        name="sku",
        most=120,
        required=True,
        label=_("Code of the product that goes with it"),
        attrs={"dir": "ltr", "autocomplete": "off"},
    )

    def product(self, beside: Product) -> Product | None:
        """The one of this code; None, and an error in the form, where there is none."""
        sku = self.cleaned_data["sku"]
        found = Product.objects.filter(source=beside.source, sku=sku).first()
        if found is None:
            self.add_error("sku", _("No product has this code. Nothing was changed."))
        return found


ACTIONS = {
    "hide": complements.hide,
    "leave": complements.leave_to_count,
}
