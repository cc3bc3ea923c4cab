"""The settings that are loyalty's."""

from django.utils.translation import gettext_lazy as _

from crm.access import Capability
from crm.page_parts import SettingsPage

PARTS = (
    SettingsPage(
        name="name_days",
        order=42,
        capability=Capability.CHANGE_SETTINGS,
        label=_("Name days"),
        url_name="loyalty:name-days",
    ),
)
