"""What this app adds to the pages of the desk: see `crm/page_parts`."""

from crm.page_parts import register
from loyalty.desk import purchase_habits

register(*purchase_habits.PARTS)
