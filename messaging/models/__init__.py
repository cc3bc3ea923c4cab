"""May we write, what we wrote and why not, did it arrive."""

from messaging.models.automation import Automation, Sweep
from messaging.models.circuit import Circuit, Refusal
from messaging.models.forecasts import (
    Forecast,
    ForecastDay,
    ForecastMail,
    ForecastMark,
    ForecastPerson,
)
from messaging.models.ledger import Message
from messaging.models.mails import Body, Link
from messaging.models.permission import (
    BudgetRule,
    Consent,
    Hold,
    Suppression,
)
from messaging.models.pictures import MailPicture
from messaging.models.runs import Run
from messaging.models.sending import MailGrant, SendingAccount
from messaging.models.steps import AutomationStep, AutomationVersion, Wording

__all__ = [
    "Automation",
    "AutomationStep",
    "AutomationVersion",
    "Body",
    "BudgetRule",
    "Circuit",
    "Consent",
    "Forecast",
    "ForecastDay",
    "ForecastMail",
    "ForecastMark",
    "ForecastPerson",
    "Hold",
    "Link",
    "MailGrant",
    "MailPicture",
    "Message",
    "Refusal",
    "Run",
    "SendingAccount",
    "Suppression",
    "Sweep",
    "Wording",
]
