"""Tries with codes that are none are slowed down, by rows of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from crm.services import attempts
from crm.services.attempts import Limit
from loyalty.errors import CodeUnknown

# Of one person at a till, or one visitor of a shop.
_CLIENT = Limit("code", most=10)
# Of all visitors of a shop together.
_SHOP = Limit("codes of a shop", most=1_000)


@contextmanager
def counted(*, client: str, shop: str = "", now: datetime) -> Iterator[None]:
    """What is done inside is a try; only a code that is none counts. Outside of any
    transaction: a refusal must not undo the count. Raises TooManyAttempts."""
    taken = [attempts.take(_SHOP, shop, now=now)] if shop else []
    if client:
        try:
            taken.append(attempts.take(_CLIENT, client, now=now))
        except Exception:
            _give_back(taken)
            raise
    try:
        yield
    except CodeUnknown:
        raise
    except BaseException:
        _give_back(taken)
        raise
    _give_back(taken)


def _give_back(taken: list[attempts.Taken]) -> None:
    for one in taken:
        attempts.give_back(one)
