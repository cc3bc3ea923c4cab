"""`Idempotency-Key`: a write may be sent again, and is done once.

The answer is kept with a hash of the request, in the transaction of its effect: either
both are there or neither. The same key with another request is refused (409). Answers
that refuse are not kept, for nothing was done: the client mends the request and may
take the same key. Kept for a day at least (crm/services/purging.py).
"""

import hashlib
import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from crm.models import ApiToken
from crm.services import api_answers
from web.api.views import same_answer

HEADER = "Idempotency-Key"
# A string in an HTTP header that every proxy leaves as it is.
PATTERN = r"[!-~]{1,200}"
_KEY = re.compile(PATTERN)

Operation = Callable[..., Response]


def idempotent(operation: Operation) -> Operation:
    """A method of a view that writes: the same key does it once."""

    @wraps(operation)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = _key(request)
        if key is None:
            return operation(view, request, *args, **kwargs)
        given: list[Response] = []

        def act() -> tuple[int, str]:
            given.append(operation(view, request, *args, **kwargs))
            body = JSONRenderer().render(given[0].data).decode()
            return given[0].status_code, body

        status, body = api_answers.once(
            # HasScope lets in requests with a token only.
            token=cast(ApiToken, request.auth),
            key=key,
            request_hash=_hash(request),
            act=act,
            now=timezone.now(),
        )
        return given[0] if given else same_answer(json.loads(body), status)

    return once


def _key(request: Request) -> str | None:
    key = request.headers.get(HEADER)
    if key is not None and not _KEY.fullmatch(key):
        words = "Send 1 to 200 visible ASCII characters."
        raise ValidationError({HEADER: [words]})
    return key


def _hash(request: Request) -> bytes:
    """Of what is asked for: blanks and the order of keys change nothing."""
    condition = request.headers.get("If-Match")
    asked = [request.method, request.path, condition, request.data]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).digest()
