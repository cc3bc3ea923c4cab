"""Shape and limits of what staff type; the rules themselves stand in crm/rules."""

from crm.forms.contact import FollowUpForm, InteractionForm, PlanForm
from crm.forms.customers import CustomerForm
from crm.forms.exports import ExportForm
from crm.forms.facts import Fact, facts
from crm.forms.passwords import (
    ChangePasswordForm,
    ForgottenForm,
    NewPasswordForm,
    OwnPasswordForm,
)
from crm.forms.retention import RetentionForm
from crm.forms.settings import BusinessForm, PreferencesForm
from crm.forms.sign_in import CodeForm, SignInForm
from crm.forms.team import InvitationForm, RoleForm

__all__ = [
    "BusinessForm",
    "ChangePasswordForm",
    "CodeForm",
    "OwnPasswordForm",
    "InvitationForm",
    "RoleForm",
    "CustomerForm",
    "ExportForm",
    "Fact",
    "FollowUpForm",
    "ForgottenForm",
    "InteractionForm",
    "NewPasswordForm",
    "PlanForm",
    "PreferencesForm",
    "RetentionForm",
    "SignInForm",
    "facts",
]
