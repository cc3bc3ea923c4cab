"""What `manage.py doctor` says of the ledgers of programmes."""

from collections.abc import Iterator
from datetime import datetime

from crm.page_parts import DoctorCheck, Finding
from loyalty.selectors import programme_sums


def _balances(_now: datetime) -> Iterator[Finding]:
    """Is every balance of programmes what its entries add up to?"""
    if wrong := programme_sums.wrong_balances():
        text = f"{len(wrong)} are not what their entries add up to"
        yield Finding("balances", False, f"{text}: manage.py balances --mend")
    else:
        yield Finding("balances", True, "the sums of their entries")


PARTS = (DoctorCheck(name="balances", order=50, read=_balances),)
