"""How much waits for a person: the numbers of Today's tabs and of the menu."""

from collections.abc import Mapping, Sequence

from crm.page_parts import Count, MenuLine, Tab, TodayItems, parts_for
from crm.request_context import RequestContext
from desk.sql import counts


def on_tab(context: RequestContext, tab: Tab) -> int:
    """How many items this tab of Today has for this person."""
    return _sum(context, _counts_of_tab(context, tab))


def beside(context: RequestContext, line: MenuLine) -> int:
    """The number beside this line of the menu."""
    return _sum(context, line.counts)


def _sum(context: RequestContext, wanted: Sequence[Count]) -> int:
    found = context.once(_waiting, context)
    return sum(found.get(each, 0) for each in wanted)


def _waiting(context: RequestContext) -> Mapping[Count, int]:
    """Whatever any page shows this person, counted in one statement for all pages."""
    tabs = [each for tab in Tab for each in _counts_of_tab(context, tab)]
    lines = [each for line in parts_for(MenuLine, context) for each in line.counts]
    seen = [
        each
        for each in dict.fromkeys([*tabs, *lines])
        if each.capability is None or context.can(each.capability)
    ]
    return counts.count(seen, context)


def _counts_of_tab(context: RequestContext, tab: Tab) -> list[Count]:
    parts = parts_for(TodayItems, context)
    return [found for part in parts if (found := part.count_on(tab))]
