"""How much waits for a person: the numbers of Today's tabs and of the menu."""

from collections.abc import Sequence

from crm.page_parts import Count, MenuLine, Tab, TodayItems, parts_for
from crm.request_context import RequestContext
from desk.sql import counts


def on_tabs(context: RequestContext, tabs: Sequence[Tab]) -> dict[Tab, int]:
    """How many items each of these tabs of Today has for this person. A page that shows
    several asks for all of them before its menu does."""
    found = _found(context, tabs)
    return {
        tab: sum(found[each] for each in _counts_of_tab(context, tab) if each in found)
        for tab in tabs
    }


def beside(context: RequestContext, line: MenuLine) -> int:
    """The number beside this line of the menu."""
    if not line.counts:
        return 0
    found = _found(context, [Tab.MINE])
    return sum(found.get(each, 0) for each in line.counts)


def _found(context: RequestContext, tabs: Sequence[Tab]) -> dict[Count, int]:
    """What waits, in one statement of a page: its tabs, and what any menu shows."""
    found = context.once(_nothing_yet)
    new = [each for each in _wanted(context, tabs) if each not in found]
    found |= counts.count(new, context)
    return found


def _nothing_yet() -> dict[Count, int]:
    return {}


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
