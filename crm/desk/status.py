"""Whether workers and clock are alive, by their last heartbeats."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from crm.models import Heartbeat
from crm.page_parts import Status, StatusSource
from crm.request_context import RequestContext
from crm.services.heartbeat import LATE_AFTER
from web.spans import span


def _read(context: RequestContext) -> Sequence[Status]:
    rows = Heartbeat.objects.filter(name__in=("worker", "beat"))
    beats = dict(rows.values_list("name", "at"))
    return [
        _status(_("Jobs"), beats.get("worker"), context.now),
        _status(_("Clock"), beats.get("beat"), context.now),
    ]


def _status(label: str, at: datetime | None, now: datetime) -> Status:
    if at is None:
        return Status(label, False, _("Never seen at work"))
    text = _("Last seen %(span)s ago") % {"span": span(now - at)}
    return Status(label, now - at <= LATE_AFTER, text, seen_at=at)


PARTS = (StatusSource(name="heartbeats", order=20, read=_read),)
