"""`If-Match`: change only what has not changed since it was read (RFC 9110, 13.1.1)."""

import re
from typing import NoReturn

from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request

from web.errors import StaleVersion

# "*", or entity tags with commas between.
_TAG = r'(?:W/)?"[!#-~]*"'
PATTERN = rf"(\*|{_TAG}( ?, ?{_TAG})*)"
_PARTS = re.compile(r'(W/)?"([!#-~]*)"')


class PreconditionFailed(APIException):
    """The version in If-Match is not the present one."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "This is not the version you have seen. Read it again."
    default_code = "precondition_failed"


def matched_version(request: Request, current: int) -> int | None:
    """The version that `If-Match` allows to be changed; None: any.

    Raises PreconditionFailed where `current` is not among its tags; a weak tag matches
    nothing. What is no list of tags is a mistake and refused as one.
    """
    wanted = request.headers.get("If-Match")
    if wanted is None or wanted == "*":
        return None
    if not re.fullmatch(PATTERN, wanted):
        raise ValidationError({"If-Match": ['Send an ETag, like "3".']})
    seen = {value for weak, value in _PARTS.findall(wanted) if not weak}
    if str(current) not in seen:
        raise PreconditionFailed
    return current


def refuse_stale(error: StaleVersion, version: int | None) -> NoReturn:
    """Somebody was faster between the look at `If-Match` and the lock."""
    if version is None:
        raise error
    raise PreconditionFailed from error
