"""A direct kind for tests: its mail holds a secret, made afresh at each attempt."""

from datetime import timedelta

from messaging.kinds import DirectKind, MailContext
from messaging.models import Automation


class NoticeKind(DirectKind):
    name = "notice"
    label = "Notice"
    summary = "A direct kind for tests."
    template = "emails/tests/notice"
    priority = 5
    life = timedelta(hours=1)
    keeps_body = False
    made = 0

    def prepare(self, messages, now):
        return {message.pk: self._context() for message in messages}

    def explain(self, messages):
        return {message.pk: "Somebody asked for it." for message in messages}

    def sample(self, language, now):
        return self._context()

    def _context(self):
        self.made += 1
        return MailContext(values={"secret": f"secret-{self.made}"})


class OpenNoticeKind(NoticeKind):
    name = "open-notice"
    keeps_body = True


def automations_of(kind):
    return Automation.objects.filter(kind=kind.name)
