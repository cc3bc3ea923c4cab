"""One shape for every error: {"code", "message", "fields"}."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from web.error_messages import for_field
from web.errors import DomainError


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Refusals get their code; what is unknown crashes and is logged.

    In JSON, whatever a request (of the schema, say) wanted its answer in.
    """
    _answer_in_json(context["request"])
    if isinstance(error, DomainError):
        fields = {name: _said(name, code) for name, code in error.fields.items()}
        return _shape(error.code, error.message, fields, error.status)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        fields = _flatten(response.data)
        return _shape("invalid", "Some fields need another value.", fields, 400)
    response.data = {
        "code": _code(error),
        "message": _text(error),
        "fields": {},
    }
    return response


def _answer_in_json(request: Request) -> None:
    request.accepted_renderer = JSONRenderer()
    request.accepted_media_type = JSONRenderer.media_type


def _shape(code: str, message: str, fields: Mapping[str, str], status: int) -> Response:
    return Response(
        {"code": code, "message": message, "fields": dict(fields)}, status=status
    )


def _said(field: str, code: str) -> str:
    """What a form would say beside the field; `lines.0.sku` is a `sku`."""
    return str(for_field(field.rpartition(".")[2], code))


def _code(error: Exception) -> str:
    if isinstance(error, Http404):
        return "not_found"
    if isinstance(error, PermissionDenied):
        return "not_allowed"
    if isinstance(error, exceptions.APIException):
        return str(error.default_code)
    return "error"


def _text(error: Exception) -> str:
    if isinstance(error, exceptions.APIException):
        return str(error.detail)
    return "There is no such record." if isinstance(error, Http404) else str(error)


def _flatten(detail: Any, prefix: str = "") -> dict[str, str]:
    """DRF nests its errors; flattened, `lines.0.sku` names the place just as well."""
    if isinstance(detail, Mapping):
        parts = [(f"{prefix}{key}", value) for key, value in detail.items()]
    elif isinstance(detail, list) and any(isinstance(d, Mapping) for d in detail):
        parts = [(f"{prefix}{index}", value) for index, value in enumerate(detail)]
    else:
        first = detail[0] if isinstance(detail, list) and detail else detail
        return {prefix.rstrip("."): str(first)}
    found: dict[str, str] = {}
    for key, value in parts:
        if value:
            found.update(_flatten(value, f"{key}."))
    return found
