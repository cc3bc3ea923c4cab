"""The way to the imports in the menu."""

from django.utils.translation import gettext_lazy as _

from crm.access import Capability
from crm.page_parts import MenuLine

PARTS = (
    MenuLine(
        name="imports",
        order=25,
        capability=Capability.IMPORT_DATA,
        label=_("Imports"),
        icon="import",
        url_name="crm:import-list",
        group="work",
    ),
)
