"""Do a write of the API once for each key, however often and together it comes."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from crm.errors import KeyReused
from crm.models import ApiAnswer, ApiToken


@transaction.atomic
def once(
    *,
    token: ApiToken,
    key: str,
    request_hash: bytes,
    act: Callable[[], tuple[int, str]],
    now: datetime,
) -> tuple[int, str]:
    """The status and body of `act`, which is called for the first of a key only.

    Others with the key wait for the first and get its answer. Raises KeyReused where
    the key came with another request. What `act` raises leaves nothing behind.
    """
    answer, is_first = ApiAnswer.objects.get_or_create(
        token=token,
        key=key,
        defaults={"request_hash": request_hash, "status": 0, "created_at": now},
    )
    if bytes(answer.request_hash) != request_hash:
        raise KeyReused
    if is_first:
        answer.status, answer.body = act()
        answer.save(update_fields=["status", "body"])
    return answer.status, answer.body
