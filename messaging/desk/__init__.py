"""What this app adds to the pages of the desk: see `crm/page_parts`."""

from django.utils.translation import gettext_lazy as _

from crm.access import Capability
from crm.page_parts import MenuGroup, MenuLine, register
from messaging.desk import (
    coming,
    consents,
    doctor,
    next_mail,
    series,
    status,
    timeline,
    today,
)

register(
    MenuGroup(name="bring_back", order=30, label=_("Bring back")),
    MenuLine(
        name="automations",
        order=70,
        capability=Capability.SEE_AUTOMATIONS,
        label=_("Automations"),
        icon="bolt",
        url_name="messaging:automation-list",
        group="bring_back",
        key="a",
    ),
    MenuLine(
        name="calendar",
        order=71,
        capability=Capability.SEE_AUTOMATIONS,
        label=_("Calendar"),
        icon="calendar",
        url_name="messaging:calendar",
        group="bring_back",
    ),
    *timeline.PARTS,
    *today.PARTS,
    *next_mail.PARTS,
    *coming.PARTS,
    *consents.PARTS,
    *series.PARTS,
    *status.PARTS,
    *doctor.PARTS,
)
