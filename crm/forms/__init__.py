"""Shape and limits of what staff type; the rules themselves stand in crm/rules."""

from crm.forms.contact import FollowUpForm, InteractionForm, PlanForm
from crm.forms.customers import CustomerForm
from crm.forms.facts import Fact, facts
from crm.forms.passwords import ForgottenForm, NewPasswordForm
from crm.forms.settings import BusinessForm, PreferencesForm
from crm.forms.sign_in import SignInForm

__all__ = [
    "BusinessForm",
    "CustomerForm",
    "Fact",
    "FollowUpForm",
    "ForgottenForm",
    "InteractionForm",
    "NewPasswordForm",
    "PlanForm",
    "PreferencesForm",
    "SignInForm",
    "facts",
]
