"""The admin's own form of a customer, with the rules and words of the shop's pages."""

from typing import Any

from django import forms
from django.utils import timezone

from crm.forms.customers import CustomerForm, changes_of
from crm.models import Customer
from crm.services import customers
from web import form_fields as fields
from web.error_messages import add_to_form
from web.errors import DomainError, StaleVersion


class CustomerRepairForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    """Refuses what the service would, beside the field and before anything is lost."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Customer
        fields = ("given_name",)  # Django wants one; the page chooses its own.

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        ours = {
            **CustomerForm().fields,
            "greeting_name": fields.TextField(name="greeting_name", most=120),
        }
        for name in set(ours) & set(self.fields) - {"owner", "version"}:
            self.fields[name] = ours[name]
        # Before what was typed is written upon it.
        self._seen = self.instance.version

    @property
    def changes(self) -> dict[str, Any]:
        return changes_of(self)

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            try:
                if self.cleaned_data["version"] != self._seen:
                    raise StaleVersion
                now = timezone.now()
                customers.check_changes(self.instance, changes=self.changes, now=now)
            except DomainError as error:
                add_to_form(self, error)
        return self.cleaned_data
