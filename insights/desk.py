"""What this app adds to the pages of the desk: see `crm/page_parts`."""

from django.utils.translation import gettext_lazy as _

from crm.access import Capability
from crm.page_parts import MenuGroup, MenuLine, register

register(
    MenuGroup(name="learn", order=40, label=_("Learn")),
    MenuLine(
        name="insights",
        order=80,
        capability=Capability.SEE_INSIGHTS,
        label=_("Insights"),
        icon="trend",
        url_name="insights:overview",
        group="learn",
        key="i",
    ),
)
