"""A company, and who belongs to it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import Company
from crm.services.companies import MOST_NAME, MOST_ROLE
from web import form_fields as fields
from web.error_messages import for_field
from web.rules.numbers import whole_number


class ParentField(fields.TextField):
    """The name of another company, exactly; a number where several have it."""

    def __init__(self, **more: Any) -> None:
        super().__init__(most=MOST_NAME, name="parent", **more)

    def prepare_value(self, value: Any) -> Any:
        return value.name if isinstance(value, Company) else value

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        return company_named(typed, "parent") if typed else None


def company_named(typed: str, field: str) -> Company:
    """The one company of this name, or of the number in it. Raises ValidationError."""
    found = list(Company.objects.filter(name__iexact=typed).order_by("pk")[:2])
    number = whole_number(typed.removeprefix("#"))
    if not found and number is not None:
        found = list(Company.objects.filter(pk=number))
    if len(found) != 1:
        code = "company_ambiguous" if found else "company_unknown"
        raise forms.ValidationError(for_field(field, code), code=code)
    return found[0]


class CompanyForm(forms.Form):
    """Every field that staff may set."""

    name = fields.TextField(most=MOST_NAME, required=True, name="name", label=_("Name"))
    domain = fields.TextField(
        most=253,
        name="domain",
        label=_("Domain"),
        help_text=_("Such as example.org: whoever writes from it may belong here."),
        attrs={"dir": "ltr"},
    )
    parent = ParentField(
        label=_("Parent company"),
        help_text=_("Its name as it stands in the list, or # and its number."),
    )
    address = fields.MultilineField(most=2_000, name="address", label=_("Address"))
    tags = fields.NamesField(
        most=1_000,
        most_each=60,
        name="tags",
        label=_("Tags"),
        help_text=_("With commas between them."),
    )
    note = fields.MultilineField(most=20_000, name="note", label=_("Note"))
    # Of a company that is there; what was on the page.
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @property
    def changes(self) -> dict[str, Any]:
        """All of it, for the service."""
        values = {name: self.cleaned_data[name] for name in values_of(Company())}
        return {**values, "tags": list(values["tags"])}

    @property
    def shown(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "version"]


def values_of(company: Company) -> dict[str, Any]:
    """As the form shows them."""
    return {
        "name": company.name,
        "domain": company.domain,
        "parent": company.parent,
        "address": company.address,
        "tags": str(fields.NameList(company.tags)),
        "note": company.note,
    }


class LinkForm(forms.Form):
    """Which company somebody belongs to, and as what."""

    company = fields.TextField(
        most=MOST_NAME,
        required=True,
        name="company",
        label=_("Company"),
        help_text=_("Its name as it stands in the list, or # and its number."),
    )
    role = fields.TextField(most=MOST_ROLE, name="role", label=_("Role in the company"))

    def clean_company(self) -> Company:
        return company_named(self.cleaned_data["company"], "company")
