"""Whether mail, jobs and clock work, in one line and in detail."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from crm.models import Heartbeat
from messaging.models import Circuit
from messaging.selectors.circuits import headline
from messaging.selectors.mail_server import keeps_mail
from support.models import Mailbox
from support.selectors.mailboxes import TROUBLE
from web.spans import span

# Both parts beat every minute; three missed beats are no accident.
LATE_AFTER = timedelta(minutes=3)
# Each is read every minute; a long pass over others may come in between.
UNREAD_AFTER = timedelta(minutes=15)
PARTS = ("worker", "beat")


@dataclass(frozen=True)
class Part:
    """One thing that must work: what it is, how it stands, in words."""

    label: str
    is_well: bool
    text: str


@dataclass(frozen=True)
class Health:
    parts: list[Part]
    line: str

    @property
    def is_well(self) -> bool:
        return all(part.is_well for part in self.parts)


def health(now: datetime, circuits: list[Circuit]) -> Health:
    """How mail, workers and clock are, by the heartbeats and the open circuits."""
    beats = dict(Heartbeat.objects.filter(name__in=PARTS).values_list("name", "at"))
    parts = [
        _mail(circuits),
        _part(_("Jobs"), beats.get("worker"), now),
        _part(_("Clock"), beats.get("beat"), now),
    ]
    return Health(parts, _line(parts, list(beats.values()), now))


def mailboxes(now: datetime) -> list[Part]:
    """How each mailbox that is read is: when it was, or what is wrong, in words."""
    rows = Mailbox.objects.filter(is_on=True).exclude(host="").order_by("name", "pk")
    return [_mailbox(row, now) for row in rows]


def _mailbox(row: Mailbox, now: datetime) -> Part:
    label = _("Mailbox %(name)s") % {"name": row.name}
    if row.trouble:
        return Part(label, False, _troubled(row, now))
    if row.read_at is None:
        return Part(label, True, _("Not read yet"))
    text = _("Read %(span)s ago") % {"span": span(now - row.read_at)}
    return Part(label, now - row.read_at <= UNREAD_AFTER, text)


def _troubled(row: Mailbox, now: datetime) -> str:
    words = [str(TROUBLE.get(row.trouble, row.trouble))]
    if row.read_at:
        words.append(_("Read %(span)s ago.") % {"span": span(now - row.read_at)})
    if row.next_try_at and row.next_try_at > now:
        words.append(_("Next try in %(span)s.") % {"span": span(row.next_try_at - now)})
    return " ".join(words)


def _mail(circuits: list[Circuit]) -> Part:
    if circuits:
        return Part(_("Mail"), False, headline(circuits))
    if keeps_mail():
        return Part(_("Mail"), True, _("Kept here, no mail server"))
    return Part(_("Mail"), True, _("Working"))


def _part(label: str, at: datetime | None, now: datetime) -> Part:
    if at is None:
        return Part(label, False, _("Never seen at work"))
    text = _("Last seen %(span)s ago") % {"span": span(now - at)}
    return Part(label, now - at <= LATE_AFTER, text)


def _line(parts: list[Part], beats: list[datetime], now: datetime) -> str:
    ill = [part for part in parts if not part.is_well]
    if not ill:
        text = _("Mail, jobs and clock are working. Checked %(span)s ago.")
        if keeps_mail():
            text = _(
                "Mail is kept here, no mail server. Jobs and clock are working."
                " Checked %(span)s ago."
            )
        return text % {"span": span(now - min(beats))}
    words = [f"{part.label}: {_lower(part.text)}" for part in ill]
    return "; ".join(words) + "."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
