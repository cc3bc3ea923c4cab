"""What the frame of every staff page shows: the shop, the menu, and what waits."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils.functional import Promise, cached_property

from crm.models import Business, User
from crm.page_parts import MenuGroup, MenuLine, SettingsPage, Tab, parts_for
from crm.request_context import RequestContext
from crm.rules.dates import zone_of
from crm.staff import business_of
from desk.desk import TODAY
from desk.selectors import waiting
from web.addresses import address


@dataclass(frozen=True)
class Line:
    """A line of the menu with what waits behind it for this person."""

    name: str
    label: str
    icon: str
    url_name: str
    key: str
    count: int


@dataclass(frozen=True)
class Group:
    """A group of lines of the menu."""

    label: str | Promise
    is_apart: bool
    lines: list[Line]


class Shell:
    """Worked out when a template asks, so that parts of pages pay nothing for it.

    What the view has read of the shop already is not read twice.
    """

    def __init__(self, request: HttpRequest, user: User, now: datetime) -> None:
        self.user = user
        self._request = request
        self._now = now

    @cached_property
    def context(self) -> RequestContext:
        given: RequestContext | None = getattr(self._request, "context", None)
        if given:
            return given
        business = business_of(self._request)
        zone = zone_of(self.user.time_zone, business.time_zone)
        return RequestContext(self.user, business, zone, self._now.astimezone(zone))

    @property
    def business(self) -> Business:
        """The settings of the shop."""
        return self.context.business

    @property
    def business_name(self) -> str:
        """The name of the shop."""
        return self.business.name

    @property
    def search_url(self) -> str:
        """Where the search box leads."""
        return address("desk:customer-list")

    @property
    def create_url(self) -> str:
        """Where a customer is created."""
        return address("crm:customer-create")

    @property
    def own_page(self) -> str:
        """The name of the page of one's own account."""
        return "crm:security"

    @cached_property
    def menu(self) -> list[Group]:
        """What this person may open, in groups; a group without lines is left out."""
        lines = parts_for(MenuLine, self.context)
        groups = [
            Group(
                group.label,
                group.is_apart,
                [self._line(line) for line in lines if line.group == group.name],
            )
            for group in parts_for(MenuGroup, self.context)
        ]
        return [group for group in groups if group.lines]

    @property
    def keys(self) -> list[tuple[str, str]]:
        """The letters that lead somewhere after `g`, and where to, in words."""
        lines = [line for group in self.menu for line in group.lines]
        return [(line.key, line.label) for line in lines if line.key]

    def _line(self, line: MenuLine) -> Line:
        count = (
            waiting.on_tabs(self.context, [Tab.MINE])[Tab.MINE]
            if line is TODAY
            else waiting.beside(self.context, line)
        )
        label = str(line.label)
        return Line(line.name, label, line.icon, line.url_name, line.key, count)

    @property
    def settings_pages(self) -> list[SettingsPage]:
        """The tabs of the settings that this person may open."""
        return parts_for(SettingsPage, self.context)
