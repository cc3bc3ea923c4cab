"""Data of the mail that is deleted after a time."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from crm.kept_data import Fixed, Retention, older, register
from crm.services.purging import delete_in_slices
from messaging.models import Body, Link
from messaging.services import pictures

# An expired link opens the same page as one that never was; kept a while for questions.
LINK_GRACE = timedelta(days=30)


def _delete_bodies(before: datetime) -> int:
    return delete_in_slices(Body, stored_at__lt=before)


def _delete_links(now: datetime) -> int:
    return delete_in_slices(Link, expires_at__lt=now - LINK_GRACE)


register(
    Retention(
        setting="body_keep_days",
        order=10,
        label=_("Texts of mails"),
        holds=_(
            "What we wrote to whom, word for word. That a mail was sent, when and why"
            " stays."
        ),
        unit=_("texts of mails"),
        count=older(Body, "stored_at"),
        delete=_delete_bodies,
    ),
    Fixed(
        name="links",
        order=40,
        label=_("Links in mails"),
        how_long=_("30 days after they stop opening anything"),
        delete=_delete_links,
    ),
    Fixed(
        name="pictures of mails",
        order=40,
        label=_("Pictures that no mail of an automation has, nor ever had"),
        how_long=_("a day"),
        delete=pictures.forget,
    ),
)
