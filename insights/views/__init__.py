"""The pages of Insights, and the frame that they share: a row of tabs."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Tab:
    """A page of Insights that stands in the row of tabs."""

    name: str
    label: str | Promise
    url_name: str


# In the order in which they stand. A page takes `_tabs.html` with its name as `here`.
TABS = (
    Tab("overview", _("Overview"), "insights:overview"),
    Tab("retention", _("Retention"), "insights:retention"),
    Tab("money", _("Money"), "insights:money"),
    Tab("where-from", _("Where from"), "insights:where-from"),
    Tab("signals", _("Signals"), "insights:signals"),
    Tab("save-list", _("Save-list"), "insights:save-list"),
    Tab("scores", _("Scores"), "insights:scores"),
)
