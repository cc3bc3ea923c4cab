"""The base of every view of the API, and the answer where there is none."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class ApiView(APIView):
    """A record that has a version gets it as its ETag, for `If-Match`.

    `scopes` names what each method needs. No OPTIONS: browsers are no clients here.
    """

    scopes: ClassVar[Mapping[str, str]] = {}
    http_method_names = ["get", "head", "post", "patch", "delete"]

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Add the ETag of an answer that has a version."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        data = getattr(answer, "data", None)
        if isinstance(data, Mapping) and "version" in data:
            answer["ETag"] = f'"{data["version"]}"'
        return answer


def parsed(serializer: type[serializers.Serializer[Any]], request: Request) -> Any:
    """The validated input. Raises DRF's ValidationError with the fields at fault."""
    found = serializer(data=request.data)
    found.is_valid(raise_exception=True)
    return found.validated_data


class NoSuchPath(APIView):
    """Everything below /api/ that is no path of it: 404 as JSON, for every method.

    Also where only the closing slash is missing: a redirect would turn a POST into a
    GET without a word.
    """

    scopes: ClassVar[Mapping[str, str]] = {}
    authentication_classes = ()
    permission_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("There is no such path. Each one ends in a slash.")


def same_answer(data: Mapping[str, Any], status: int) -> Response:
    """An answer that was given before to the same request."""
    return Response(data, status=status, headers={"Idempotency-Replayed": "true"})
