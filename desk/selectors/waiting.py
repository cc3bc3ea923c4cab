"""How much waits for a person: the numbers of Today's tabs and of the menu."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crm.page_parts import Count, MenuLine, Tab, TodayItems, parts_for
from crm.request_context import RequestContext
from desk.sql import counts


def on_tabs(context: RequestContext, tabs: Sequence[Tab]) -> dict[Tab, int]:
    """How many items each of these tabs of Today has for this person. A page that shows
    several asks for all of them before its menu does."""
    found = _found(context, tabs)
    return {
        tab: sum(found.get(each, 0) for each in _counts_of_tab(context, tab))
        for tab in tabs
    }


def beside(context: RequestContext, line: MenuLine) -> int:
    """The number beside this line of the menu."""
    if not line.counts:
        return 0
    found = _found(context, [Tab.MINE])
    return sum(found.get(each, 0) for each in line.counts)


@dataclass
class _Counted:
    """What a page has counted so far, and which tabs that is of."""

    tabs: set[Tab] = field(default_factory=set)
    found: dict[Count, int] = field(default_factory=dict)


def _found(context: RequestContext, tabs: Sequence[Tab]) -> Mapping[Count, int]:
    """What waits, in one statement of a page: its tabs, and what any menu shows."""
    counted = context.once(_Counted)
    if not counted.tabs.issuperset(tabs):
        wanted = [each for each in _wanted(context, tabs) if each not in counted.found]
        counted.found |= counts.count(wanted, context)
        counted.tabs |= set(tabs)
    return counted.found


def _wanted(context: RequestContext, tabs: Sequence[Tab]) -> list[Count]:
    """Without those that this person may not see."""
    on_tabs = [each for tab in tabs for each in _counts_of_tab(context, tab)]
    lines = [each for line in parts_for(MenuLine, context) for each in line.counts]
    return [
        each
        for each in dict.fromkeys([*on_tabs, *lines])
        if each.capability is None or context.can(each.capability)
    ]


def _counts_of_tab(context: RequestContext, tab: Tab) -> list[Count]:
    parts = parts_for(TodayItems, context)
    return [found for part in parts if (found := part.count_on(tab))]
