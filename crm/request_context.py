"""Who reads a page, at which moment, in which zone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone

from crm.access import Capability
from crm.models import Business, User
from crm.rules.dates import moment_at, zone_of
from crm.staff import business_of, staff_of

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True)
class RequestContext:
    """`now` is in the reader's zone, so that its date is the reader's day."""

    user: User
    business: Business
    zone: ZoneInfo
    now: datetime
    _read: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, read: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """`read(*args, **kwargs)`, asked once a request however many parts show it.

        The arguments must be hashable. Only for pages that change nothing: what is
        written after the first reading does not show.
        """
        key = (read, args, tuple(sorted(kwargs.items())))
        if key not in self._read:
            self._read[key] = read(*args, **kwargs)
        found: _T = self._read[key]
        return found

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def day(self) -> tuple[datetime, datetime]:
        """When the reader's day begins and ends."""
        tomorrow = self.today + timedelta(days=1)
        return moment_at(self.today, 0, self.zone), moment_at(tomorrow, 0, self.zone)

    def can(self, capability: Capability) -> bool:
        return self.user.can(capability)

    @property
    def replies(self) -> bool:
        return self.can(Capability.REPLY)

    @property
    def sees_customers(self) -> bool:
        return self.can(Capability.SEE_CUSTOMERS)

    @property
    def sees_notes(self) -> bool:
        return self.can(Capability.SEE_NOTES)

    @property
    def logs_contact(self) -> bool:
        return self.can(Capability.LOG_CONTACT)

    @property
    def edits_customers(self) -> bool:
        return self.can(Capability.EDIT_CUSTOMERS)

    @property
    def sees_messages(self) -> bool:
        return self.can(Capability.SEE_MESSAGES)


def request_context(request: HttpRequest) -> RequestContext:
    """Read the clock once. Staff without a zone of their own read in the shop's."""
    business = business_of(request)
    user = staff_of(request)
    zone = zone_of(user.time_zone, business.time_zone)
    timezone.activate(zone)
    context = RequestContext(user, business, zone, timezone.now().astimezone(zone))
    request.context = context  # type: ignore[attr-defined] # read by templates and views of this request
    return context
