"""The desk's own lines of the menu and its own page of settings."""

from django.utils.translation import gettext_lazy as _

from crm.access import Capability
from crm.page_parts import MenuGroup, MenuLine, SettingsPage, register

# Its number is that of the tab Mine, whatever apps bring to it.
TODAY = MenuLine(
    name="today",
    order=10,
    capability=Capability.SEE_MESSAGES,
    label=_("Today"),
    icon="sun",
    url_name="desk:today",
    group="work",
    key="t",
)

register(
    MenuGroup(name="settings", order=90, is_apart=True),
    TODAY,
    MenuLine(
        name="customers",
        order=20,
        capability=Capability.SEE_CUSTOMERS,
        label=_("Customers"),
        icon="people",
        url_name="desk:customer-list",
        group="work",
        key="c",
    ),
    MenuLine(
        name="settings",
        order=90,
        capability=Capability.SEE_MESSAGES,
        label=_("Settings"),
        icon="settings",
        url_name="desk:settings",
        group="settings",
    ),
    SettingsPage(
        name="settings", order=10, label=_("General"), url_name="desk:settings"
    ),
)
