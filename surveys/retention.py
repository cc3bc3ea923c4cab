"""What of the surveys is forgotten after a time."""

from django.utils.translation import gettext_lazy as _

from crm.kept_data import Fixed, register
from surveys.services import presses, requests

register(
    Fixed(
        name="presses in mails",
        order=40,
        label=_("What was pressed in mails, also by machines"),
        how_long=_("90 days"),
        delete=presses.forget,
    ),
    Fixed(
        name="requests to ask",
        order=41,
        label=_("Whom other programs wanted to be asked a survey"),
        how_long=_("400 days"),
        delete=requests.forget,
    ),
)
