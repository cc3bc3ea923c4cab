"""A colleague to come, and the role of one who is there."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.access import Role
from web import form_fields as fields

ROLES = [
    (Role.OWNER.value, _("Owner")),
    (Role.MANAGER.value, _("Manager")),
    (Role.AGENT.value, _("Agent")),
    (Role.MARKETER.value, _("Marketer")),
    (Role.ANALYST.value, _("Analyst")),
]
MEANINGS = [
    (_("Owner"), _("everything, settings and people too")),
    (_("Manager"), _("all of the work, reviews, automations and the administration")),
    (_("Agent"), _("customers, conversations, follow-ups and what was sent")),
    (_("Marketer"), _("automations, and customers without notes")),
    (_("Analyst"), _("numbers and surveys, no customers")),
]


class RoleForm(forms.Form):
    """The role of a colleague."""

    role = fields.LazyChoiceField(label=_("Role"), required=True, choices=ROLES)


class InvitationForm(RoleForm):
    """A new colleague: address, name and role."""

    email = fields.EmailField(name="email", required=True, label=_("Email address"))
    name = fields.TextField(name="name", most=120, required=True, label=_("Name"))
    field_order = ("email", "name", "role")
