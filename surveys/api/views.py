"""Answers that other programs bring: from a kiosk, an app, another shop."""

from typing import ClassVar

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from crm import selectors as crm
from crm.api.idempotency import idempotent
from surveys.api.reading import given_of
from surveys.api.serializers import AnswerIn, AnswerOut
from surveys.models import Survey
from surveys.services import responses
from surveys.services.targets import ByProgram
from surveys.services.versions import questionnaire_of
from web.api import pages
from web.api.fields import ErrorOut
from web.api.views import ApiView
from web.errors import InvalidValue, NotFound

EXAMPLE = OpenApiExample(
    "A score and its reason",
    request_only=True,
    value={
        "customer_id": "C-1001",
        "answers": {"score": 9, "reason": "It came in a day"},
        "language": "en",
    },
)


class Answers(ApiView):
    """Answers of a survey: record one."""

    scopes: ClassVar = {"POST": "answers:write"}

    @extend_schema(
        operation_id="v1_surveys_answers_create",
        parameters=[pages.PATH_ID],
        request=AnswerIn,
        responses={201: AnswerOut, 404: ErrorOut, 410: ErrorOut},
        examples=[EXAMPLE],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """A whole answer to a live survey; with an `Idempotency-Key` twice is once."""
        form = AnswerIn(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        found = Survey.objects.filter(pk=pk).first()
        if found is None or found.live_version_id is None:
            raise NotFound
        questionnaire = questionnaire_of(found.live_version_id)
        language = given["language"]
        if language and language not in dict(settings.LANGUAGES):
            raise InvalidValue(fields={"language": "unknown"})
        made = responses.record(
            ByProgram(found.pk, _customer(given["source"], given["customer_id"])),
            given=given_of(questionnaire, given["answers"]),
            complete=True,
            language=language,
            now=timezone.now(),
        )
        return Response(AnswerOut(made).data, status=status.HTTP_201_CREATED)


def _customer(source: str, external_id: str) -> int | None:
    """None where the program does not say who answers."""
    if not external_id:
        return None
    _named, customer = crm.record_and_kept(source=source, external_id=external_id)
    if customer is None:
        raise NotFound(fields={"customer_id": "unknown"})
    return customer.pk
