"""What this app adds to the pages of the desk: see `crm/page_parts`."""

from crm.page_parts import register
from loyalty.desk import campaigns, purchase_habits, rewards, settings

register(
    *campaigns.PARTS,
    *purchase_habits.PARTS,
    *rewards.PARTS,
    *settings.PARTS,
)
