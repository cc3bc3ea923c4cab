"""What the frame of every staff page shows: the shop, and what waits for a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import cached_property

from crm import selectors
from crm.access import Capability
from crm.models import Business, User
from crm.request_context import RequestContext
from crm.rules.dates import zone_of
from desk.rules import DAYS_AHEAD
from desk.sql import counts
from messaging.selectors.mail_server import keeps_mail


@dataclass(frozen=True)
class Counts:
    """Only what waits for this person; nothing they may not act on."""

    today: int
    follow_ups: int
    outbox: int
    reviews: int


class Shell:
    """Worked out when a template asks, so that parts of pages pay nothing for it."""

    def __init__(
        self, user: User, now: datetime, business: Business | None = None
    ) -> None:
        self.user = user
        self._now = now
        self._business = business

    @cached_property
    def business(self) -> Business:
        return self._business or selectors.business()

    @property
    def business_name(self) -> str:
        return self.business.name

    @property
    def keeps_mail(self) -> bool:
        return keeps_mail()

    @cached_property
    def counts(self) -> Counts:
        zone = zone_of(self.user.time_zone, self.business.time_zone)
        reader = RequestContext(
            self.user, self.business, zone, self._now.astimezone(zone)
        )
        return counts_for(reader, waiting(reader))


def waiting(reader: RequestContext) -> Mapping[str, int]:
    """What waits, for everybody: narrowed to a role by `counts_for`."""
    until = reader.today + timedelta(days=DAYS_AHEAD)
    return counts.waiting(me=reader.user.pk, until=until, day=reader.day)


def counts_for(reader: RequestContext, found: Mapping[str, int]) -> Counts:
    tasks = found["mine"] if reader.sees_customers else 0
    follow_ups = found["mine_all"] if reader.sees_customers else 0
    uncertain = found["uncertain"] if reader.can(Capability.DECIDE_MESSAGES) else 0
    reviews = found["held_reviews"] if reader.can(Capability.MODERATE_REVIEWS) else 0
    circuits = min(found["open_circuits"], 1)
    return Counts(
        today=tasks + uncertain + min(reviews, 1) + circuits,
        follow_ups=follow_ups,
        outbox=uncertain + circuits,
        reviews=reviews,
    )
