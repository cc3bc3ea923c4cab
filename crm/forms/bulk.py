"""What is done to many customers: a form for each action."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm import custom_facts
from crm.customer_facts import BY_NAME
from crm.forms.custom_facts import form_field
from crm.forms.customers import field_of
from crm.models import Tag, User
from crm.rules.choices import BulkAction
from crm.rules.custom_values import name_of
from crm.services.bulk.actions import fields_to_set
from web import form_fields as fields


class _OneField(forms.Form):
    """A field of `crm/services/bulk/actions.py` each, by its name."""

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class TagForm(_OneField):
    """The tag to add to many customers."""

    tag = fields.TextField(
        name="tag", label=_("Tag"), help_text=_("A new one, or one there is."), most=60
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["tag"].required = True


class UntagForm(_OneField):
    """The tag to take off many customers."""

    tag = forms.ModelChoiceField(Tag.objects.order_by("name"), label=_("Tag"))


class AssignForm(_OneField):
    """The new owner of many customers; empty: none."""

    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True).order_by("name", "id"),
        required=False,
        label=_("Owner"),
        empty_label=_("Nobody"),
    )


class FollowUpForm(_OneField):
    """The follow-up to open for many customers."""

    why = fields.TextField(name="why", label=_("What to do"), help_text="", most=300)
    due_on = fields.Day(name="due_on", label=_("By"), help_text="")
    assignee = forms.ModelChoiceField(
        User.objects.filter(is_active=True).order_by("name", "id"),
        required=False,
        label=_("For whom"),
        empty_label=_("Nobody in particular"),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("why", "due_on"):
            self.fields[name].required = True


class FactForm(_OneField):
    """A fact, or a field that staff made, with the control that a customer's own form
    has."""

    def __init__(self, *args: Any, fact: str, **more: Any) -> None:
        super().__init__(*args, **more)
        own = custom_facts.field_named(fact)
        self._fact = name_of(own.key) if own else fact
        self.fields["value"] = form_field(own) if own else field_of(BY_NAME[fact])

    def values(self) -> dict[str, Any]:
        return {"field": self._fact, "value": self.cleaned_data["value"]}


_FORMS: dict[BulkAction, type[_OneField]] = {
    BulkAction.TAG: TagForm,
    BulkAction.UNTAG: UntagForm,
    BulkAction.ASSIGN: AssignForm,
    BulkAction.FOLLOW_UP: FollowUpForm,
}


def choices() -> dict[str, Any]:
    """What can be chosen: name in the address -> label. A fact is "field-NAME", one
    that staff made "field-custom_7"."""
    return {
        BulkAction.TAG.value: _("Add a tag"),
        BulkAction.UNTAG.value: _("Take a tag off"),
        BulkAction.ASSIGN.value: _("Change the owner"),
        BulkAction.FOLLOW_UP.value: _("Open a follow-up"),
        **{f"field-{fact.name}": fact.label for fact in fields_to_set()},
        **{f"field-{own.name}": own.label for own in custom_facts.fields()},
    }


def chosen(name: str) -> tuple[BulkAction, str]:
    """The action of such a name, and which fact it sets; adding a tag for another."""
    if name not in choices():
        return BulkAction.TAG, ""
    if name.startswith("field-"):
        return BulkAction.FIELD, name.removeprefix("field-")
    return BulkAction(name), ""


def form_for(name: str, data: Any = None) -> _OneField:
    """The form of one choice, filled with what was sent."""
    action, fact = chosen(name)
    if action is BulkAction.FIELD:
        return FactForm(data, fact=fact)
    return _FORMS[action](data)
