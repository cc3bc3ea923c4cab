"""What of the surveys is forgotten after a time."""

from django.utils.translation import gettext_lazy as _

from crm.kept_data import Fixed, register
from surveys.services import presses

register(
    Fixed(
        name="presses in mails",
        order=40,
        label=_("Which scores were pressed in mails, also by machines"),
        how_long=_("90 days"),
        delete=presses.forget,
    ),
)
