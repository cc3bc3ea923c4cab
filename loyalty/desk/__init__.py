"""What this app adds to the pages of the desk: see `crm/page_parts`."""

from crm.page_parts import register
from loyalty.desk import (
    campaigns,
    doctor,
    programmes,
    purchase_habits,
    rewards,
    settings,
)

register(
    *campaigns.PARTS,
    *programmes.PARTS,
    *purchase_habits.PARTS,
    *rewards.PARTS,
    *settings.PARTS,
    *doctor.PARTS,
)
