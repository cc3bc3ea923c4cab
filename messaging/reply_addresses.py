"""Where the answers to our mails go: to the shop's one address, unless an app that
reads mail gives each mail an address of its own.

Such an app calls `register` when Django starts.
"""

from collections.abc import Callable, Mapping, Sequence

from crm.models import Business
from messaging.models import Message

# Message id to the address; asked once for a whole group. Those that are missing get
# the shop's.
GiveAddresses = Callable[[Sequence[Message]], Mapping[int, str]]
_givers: list[GiveAddresses] = []


def register(give: GiveAddresses) -> None:
    """Ask this app where answers go; there is one at most."""
    _givers[:] = [give]


def of(messages: Sequence[Message], business: Business) -> dict[int, str]:
    """Message id to the address for answers; "" where there is none."""
    own: dict[int, str] = {}
    for give in _givers:
        own.update(give(messages))
    return {message.pk: own.get(message.pk, business.reply_to) for message in messages}
