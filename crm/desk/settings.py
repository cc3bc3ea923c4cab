"""The menu's first group and the settings that are the crm's."""

from django.utils.translation import gettext_lazy as _

from crm.access import Capability
from crm.page_parts import MenuGroup, MenuLine, SettingsPage

PARTS = (
    MenuGroup(name="work", order=10),
    MenuLine(
        name="segments",
        order=22,
        capability=Capability.SEE_SEGMENTS,
        label=_("Segments"),
        icon="filter",
        url_name="crm:segment-list",
        group="work",
    ),
    SettingsPage(
        name="security",
        order=20,
        label=_("Your sign-in"),
        url_name="crm:security",
    ),
    SettingsPage(
        name="team",
        order=30,
        capability=Capability.MANAGE_TEAM,
        label=_("Team"),
        url_name="crm:team",
    ),
    SettingsPage(
        name="custom_fields",
        order=33,
        capability=Capability.CHANGE_SETTINGS,
        label=_("Fields of customers"),
        url_name="crm:custom-field-list",
    ),
    SettingsPage(
        name="retention",
        order=50,
        capability=Capability.CHANGE_SETTINGS,
        label=_("How long data is kept"),
        url_name="crm:retention",
    ),
    SettingsPage(
        name="administration",
        order=90,
        capability=Capability.USE_ADMIN,
        label=_("Administration"),
        url_name="admin:index",
    ),
)
