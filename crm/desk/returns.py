"""The way to the returns that found no purchase."""

from django.utils.translation import gettext_lazy

from crm.access import Capability
from crm.page_parts import MenuLine

PARTS = (
    MenuLine(
        name="returns",
        order=27,
        capability=Capability.EDIT_CUSTOMERS,
        label=gettext_lazy("Returns"),
        icon="undo",
        url_name="crm:return-list",
        group="work",
    ),
)
