"""Where "Tell us what went wrong" leads, in mails and on the pages behind their links:
to the form of the app that holds conversations, which registers here.
"""

from collections.abc import Callable

# Customer id to the path of the form that knows who they are; None to everybody's.
GivePath = Callable[[int | None], str]
_givers: list[GivePath] = []


def register(give: GivePath) -> None:
    """Lead there; there is one such form at most."""
    _givers[:] = [give]


def path_for(customer_id: int | None) -> str:
    """The path in a mail to this customer; "" where there is no form, or nobody is
    known: a colleague."""
    return "" if customer_id is None else page_path_for(customer_id)


def page_path_for(customer_id: int | None) -> str:
    """The path on a page of this customer, or (None) of whoever may see it; "" where
    there is no form."""
    return _givers[0](customer_id) if _givers else ""
