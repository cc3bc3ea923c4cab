"""The test of an automation that staff send to themselves."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.kinds import Letter, LetterKind, register
from messaging.models import Message
from messaging.services import trial_mails


class AutomationTest(LetterKind):
    """A mail of an automation, to the member of staff who tries it."""

    name = trial_mails.KIND
    label = _("Test of an automation")
    summary = _("Shows a member of staff how a mail reads. No customer gets it.")
    priority = 3
    life = timedelta(hours=1)

    def letters(self, messages: Sequence[Message], now: datetime) -> dict[int, Letter]:
        return trial_mails.letters(messages, now=now)

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        words = gettext("They asked for a test of this automation.")
        return {message.pk: words for message in messages}


register(AutomationTest())
