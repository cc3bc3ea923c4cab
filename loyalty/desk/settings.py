"""The settings that are loyalty's, and the line of what came of reminders."""

from django.utils.translation import gettext_lazy as _

from crm.access import Capability
from crm.page_parts import MenuLine, SettingsPage

PARTS = (
    MenuLine(
        name="reorders",
        order=73,
        capability=Capability.SEE_INSIGHTS,
        label=_("Reorders"),
        icon="refresh",
        url_name="loyalty:reorders",
        group="bring_back",
    ),
    SettingsPage(
        name="name_days",
        order=42,
        capability=Capability.CHANGE_SETTINGS,
        label=_("Name days"),
        url_name="loyalty:name-days",
    ),
    SettingsPage(
        name="goes_with",
        order=43,
        capability=Capability.EDIT_AUTOMATIONS,
        label=_("Goes with it"),
        url_name="loyalty:complement-list",
    ),
    SettingsPage(
        name="order_link",
        order=44,
        capability=Capability.CHANGE_SETTINGS,
        label=_("Ordering from mails"),
        url_name="loyalty:order-link",
    ),
)
