"""Whether mail leaves, why it does not, and how many a person gets at most."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from crm.page_parts import SettingsPanel, Status, StatusSource
from crm.request_context import RequestContext
from messaging.models import BudgetRule
from messaging.selectors import circuits
from messaging.selectors.circuits import Stopped, headline, open_circuits
from messaging.selectors.mail_server import keeps_mail


def _read(context: RequestContext) -> Sequence[Status]:
    stopped = context.once(open_circuits)
    if stopped:
        return [Status(_("Mail"), False, headline(stopped))]
    if keeps_mail():
        return [
            Status(
                _("Mail"),
                True,
                _("Kept here, no mail server"),
                instead=_("Mail is kept here, no mail server."),
            )
        ]
    return [Status(_("Mail"), True, _("Working"))]


def _stopped(context: RequestContext) -> list[Stopped]:
    return circuits.stopped(
        context.once(open_circuits),
        sees_customers=context.sees_customers,
        now=context.now,
    )


def _limits(context: RequestContext) -> list[BudgetRule]:
    return list(BudgetRule.objects.all())


PARTS = (
    StatusSource(name="mail", order=10, read=_read),
    SettingsPanel(
        name="stopped_mail",
        order=10,
        template="messaging/_settings_stopped.html",
        read=_stopped,
        in_status=True,
    ),
    SettingsPanel(
        name="contact_limits",
        order=20,
        template="messaging/_contact_limits.html",
        read=_limits,
    ),
)
