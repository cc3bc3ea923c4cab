"""Where "Tell us what went wrong" leads, in mails and on the pages behind their links:
to the form of the app that holds conversations, which registers here.
"""

from collections.abc import Callable

# Customer id to the path of the form that knows who they are.
GivePath = Callable[[int], str]
_givers: list[GivePath] = []


def register(give: GivePath) -> None:
    """Lead there; there is one such form at most."""
    _givers[:] = [give]


def path_for(customer_id: int | None) -> str:
    """The path for this customer; "" where there is no form, or nobody is known."""
    if customer_id is None or not _givers:
        return ""
    return _givers[0](customer_id)
