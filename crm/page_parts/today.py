"""Parts of Today: what waits for a person, and panels beside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from psycopg import sql

from crm.access import Capability
from crm.models import Customer, FollowUp
from crm.page_parts.registry import Part, parts_of
from crm.request_context import RequestContext

# Beyond this a page shows "1,000 and more"; no one works through such a list in a day.
MOST_COUNTED = 1000
# So many items a source reads for one tab at most.
MOST_ITEMS = 100


class Tab(StrEnum):
    """The tabs of Today."""

    MINE = "mine"
    TEAM = "team"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many rows wait: a sub-select of the one statement that counts for a page.

    `rows` writes a SELECT of the rows, which is asked with LIMIT `most`: no index may
    have to be read further. It is hidden from users without `capability`.
    """

    rows: Callable[[RequestContext], sql.Composable]
    most: int = MOST_COUNTED
    capability: Capability | None = None


@dataclass(frozen=True, kw_only=True)
class Task:
    """One item of Today: who, why, by when, and the one thing to do.

    `url` opens it, `action_url` with the words `action` is its button. `template`
    draws it instead of `desk/_task.html` where these are not enough. `is_now`: it has
    no day and stands under "Now".
    """

    key: str
    icon: str
    tone: str
    who: str
    url: str
    due_on: date
    due_at: datetime | None = None
    is_now: bool = False
    customer: Customer | None = None
    why: str = ""
    note: str = ""
    late: str = ""
    due: str = ""
    action: str = ""
    action_url: str = ""
    template: str = ""


@dataclass(frozen=True, kw_only=True)
class TodayItems(Part):
    """One source of items. `read` takes at most `MOST_ITEMS`, in a fixed number of
    queries.

    `count` counts those on the tab Mine, `team` on Team where that differs,
    `done` on Done today; without it nothing of this source stands there.
    """

    read: Callable[[RequestContext, Tab], Sequence[Task]]
    count: Count
    team: Count | None = None
    done: Count | None = None

    def count_on(self, tab: Tab) -> Count | None:
        """What to count for this tab; None: this source shows nothing there."""
        if tab is Tab.DONE:
            return self.done
        return self.team or self.count if tab is Tab.TEAM else self.count


@dataclass(frozen=True, kw_only=True)
class TodayPanel(Part):
    """A card beside the list: `template`, which finds what was read as `panel`."""

    template: str
    read: Callable[[RequestContext], object]


@dataclass(frozen=True, kw_only=True)
class FollowUpOrigin(Part):
    """What opened a follow-up and explains it, such as a customer's answer.

    Its source key is `name`, a colon and the id of the row. `read` finds the rows of
    these ids in one query; `template` draws one of them as `origin`. With
    `asks_outcome`, whoever closes the follow-up says what came of it.
    """

    icon: str
    tone: str
    template: str
    read: Callable[[Sequence[int]], Mapping[int, object]]
    asks_outcome: bool = False


def asks_outcome(follow_up: FollowUp) -> bool:
    """Whether what opened it wants to know what came of it."""
    name = (follow_up.source_key or "").partition(":")[0]
    parts = parts_of(FollowUpOrigin)
    return any(part.asks_outcome for part in parts if part.name == name)
