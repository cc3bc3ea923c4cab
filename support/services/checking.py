"""Which server checks the senders of a mailbox: staff say so, or it is learnt."""

from collections.abc import Sequence
from datetime import datetime

from crm.services import audit
from support.models import Mail, Mailbox
from support.rules import checks
from support.rules.checks import Checked
from support.rules.choices import Direction, MailSource

_LOOKED_AT = 10


def results(found: Sequence[Checked], mailbox: Mailbox | None) -> dict[str, str]:
    """What to keep with a mail: who stands at the top, and the results that count."""
    if not found:
        return {}
    server = mailbox.auth_server if mailbox else ""
    return {"server": found[0].server, **checks.counting(found, server)}


def learn(mailbox: Mailbox, server: str, *, now: datetime) -> None:
    """Note the name of the server that checks, unless there is one."""
    rows = Mailbox.objects.filter(pk=mailbox.pk, auth_server="")
    if rows.update(auth_server=server):
        reference = f"mailbox:{mailbox.pk}"
        audit.record("mailbox.changed", reference, now=now, fields=["auth_server"])


def learn_from_mails(mailbox: Mailbox, *, now: datetime) -> None:
    """Note the name that the last mails agree on. A header without one may be
    anybody's."""
    if mailbox.auth_server:
        return
    rows = Mail.objects.filter(raw__mailbox=mailbox, direction=Direction.IN.value)
    rows = rows.exclude(raw__source=MailSource.FORM.value)
    last = rows.order_by("-raw_id").values_list("auth__server", "from_address")
    seen = [(server or "", address) for server, address in last[:_LOOKED_AT]]
    server = checks.agreed(seen)
    if server not in ("", checks.NAMELESS):
        learn(mailbox, server, now=now)
