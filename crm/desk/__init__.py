"""What this app adds to the pages of the desk: see `crm/page_parts`."""

from django.utils.translation import gettext_lazy as _

from crm.desk import (
    companies,
    facts,
    follow_ups,
    imports,
    jobs,
    merges,
    personal_data,
    returns,
    settings,
    status,
    subscriptions,
)
from crm.desk.conversations import FOLLOW_UPS, INTERACTIONS
from crm.desk.orders import ORDERS
from crm.desk.segments import SEGMENT_MOVES
from crm.page_parts import TimelineFilter, register

register(
    TimelineFilter(name="conversations", order=1, label=_("Conversations")),
    TimelineFilter(name="orders", order=2, label=_("Orders")),
    INTERACTIONS,
    FOLLOW_UPS,
    ORDERS,
    SEGMENT_MOVES,
    *follow_ups.PARTS,
    *facts.PARTS,
    *companies.PARTS,
    *subscriptions.PARTS,
    *personal_data.PARTS,
    *settings.PARTS,
    *status.PARTS,
    *jobs.PARTS,
    *imports.PARTS,
    *merges.PARTS,
    *returns.PARTS,
)
