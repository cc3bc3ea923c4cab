"""What an app may add to the pages of many apps, which compose and know no app.

An app declares its parts in `<app>/desk.py` (a module, or a package for an app that has
many) and registers them there: `register(TimelineSource(...))`. Autodiscovered when
Django starts.
"""

from crm.page_parts.calendar import CalendarItems
from crm.page_parts.customers import (
    Cell,
    ColumnKind,
    CustomerAction,
    CustomerBadge,
    CustomerColumn,
    CustomerPanel,
    GlanceCell,
    LabelledCell,
    OpenSection,
    glance,
)
from crm.page_parts.lateness import due_words, late_words
from crm.page_parts.menu import MenuGroup, MenuLine, SettingsPage
from crm.page_parts.places import Place, RowPlace, place_of, with_places
from crm.page_parts.registry import Part, parts_for, parts_of, register
from crm.page_parts.replies import ReplySource, ReplyStart
from crm.page_parts.status import (
    DoctorCheck,
    Finding,
    SettingsPanel,
    Status,
    StatusSource,
)
from crm.page_parts.timeline import (
    ReadEntries,
    TimelineEntry,
    TimelineFilter,
    TimelineSource,
)
from crm.page_parts.today import (
    MOST_COUNTED,
    MOST_ITEMS,
    Count,
    FollowUpOrigin,
    Tab,
    Task,
    TodayItems,
    TodayPanel,
    asks_outcome,
)

__all__ = [
    "MOST_COUNTED",
    "MOST_ITEMS",
    "CalendarItems",
    "Cell",
    "ColumnKind",
    "Count",
    "CustomerAction",
    "CustomerBadge",
    "CustomerColumn",
    "CustomerPanel",
    "DoctorCheck",
    "Finding",
    "FollowUpOrigin",
    "GlanceCell",
    "LabelledCell",
    "MenuGroup",
    "MenuLine",
    "OpenSection",
    "Part",
    "Place",
    "ReadEntries",
    "ReplySource",
    "ReplyStart",
    "RowPlace",
    "SettingsPage",
    "SettingsPanel",
    "Status",
    "StatusSource",
    "Tab",
    "Task",
    "TimelineEntry",
    "TimelineFilter",
    "TimelineSource",
    "TodayItems",
    "TodayPanel",
    "due_words",
    "glance",
    "late_words",
    "parts_for",
    "parts_of",
    "place_of",
    "register",
    "with_places",
    "asks_outcome",
]
