"""Whom other programs asked for, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from messaging.selectors import outbox
from messaging.selectors.outlooks import outlooks
from surveys.choices import InvitationState
from surveys.models import AskRequest, Invitation, Survey
from surveys.services import requests
from web import paging

PAGE = 50


@dataclass(frozen=True)
class RequestRow:
    """`chip` and `reason` as the outbox shows the mail; no chip: no automation has
    looked yet. `is_answered`: by the link of that mail."""

    request: AskRequest
    message_id: int | None = None
    chip: str = ""
    reason: str | Promise = ""
    is_answered: bool = False


@dataclass(frozen=True)
class RequestsPage:
    """One page of the requests of other programs."""

    rows: list[RequestRow]
    page: paging.Page[AskRequest]


def requests_page(
    survey: Survey, *, older: str = "", newer: str = "", now: datetime
) -> RequestsPage:
    """One page of those of 400 days, the newest first; `older` and `newer` are places
    of web.paging."""
    page = paging.page(
        AskRequest.objects.filter(survey=survey).select_related("customer"),
        by="requested_at",
        size=PAGE,
        older=older,
        newer=newer,
    )
    return RequestsPage(rows_of(page.rows, now=now), page)


def rows_of(asked: Sequence[AskRequest], *, now: datetime) -> list[RequestRow]:
    """Each with what came of it."""
    mails = requests.mails(asked)
    ahead = outlooks(list(mails.values()), now=now)
    answered = set(
        Invitation.objects.filter(
            message__in=mails.values(), state=InvitationState.ANSWERED.value
        ).values_list("message_id", flat=True)
    )
    rows = []
    for one in asked:
        mail = mails.get(one.pk)
        if mail is None:
            rows.append(RequestRow(one))
            continue
        shown = outbox.row_of(mail, ahead.get(mail.pk))
        rows.append(
            RequestRow(one, mail.pk, shown.chip, shown.reason, mail.pk in answered)
        )
    return rows


def has_requests(survey: Survey) -> bool:
    """Whether any program asked for somebody."""
    return AskRequest.objects.filter(survey=survey).exists()
