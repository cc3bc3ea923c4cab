"""Who of our own people is asking."""

from datetime import date
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone

from crm import selectors
from crm.models import Business, User
from crm.rules.dates import zone_of


def staff_of(request: HttpRequest) -> User:
    """The signed-in user; only for views that need a login."""
    assert isinstance(request.user, User)
    return request.user


def business_of(request: HttpRequest) -> Business:
    """The shop as this page shows it, read once a request. What changes it, or decides
    by it, reads it anew."""
    found: Business | None = getattr(request, "business", None)
    if found is None:
        found = selectors.business()
        request.business = found  # type: ignore[attr-defined] # of this request alone
    return found


def zone_of_reader(request: HttpRequest) -> ZoneInfo:
    """Where this person reads and types times."""
    return zone_of(staff_of(request).time_zone, business_of(request).time_zone)


def today_of_reader(request: HttpRequest) -> date:
    """Today's date in the zone of the signed-in user."""
    return timezone.now().astimezone(zone_of_reader(request)).date()
