"""JSON as the standard has it: no duplicate keys, no NaN, no endless bodies."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser


class BodyTooLarge(APIException):
    """The body of a request is larger than the API reads."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too large."
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    """Reads JSON: no duplicate names, no NaN, within bounds."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """As DRF's, but too large a body, NaN and repeated names are refused."""
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise BodyTooLarge
        try:
            return json.loads(
                body.decode("utf-8"),
                parse_constant=_no_constant,
                object_pairs_hook=_no_twins,
            )
        except (ValueError, RecursionError) as error:
            raise ParseError("This is not valid JSON.") from error


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON.")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A key stands twice.")
    return found
