"""What this app adds to the pages of the desk: see `crm/page_parts`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg import sql

from crm import selectors as crm
from crm.access import Capability
from crm.models import Customer, FollowUp
from crm.page_parts import (
    Cell,
    ColumnKind,
    CustomerColumn,
    FollowUpOrigin,
    GlanceCell,
    MenuGroup,
    MenuLine,
    ReplySource,
    ReplyStart,
    TimelineEntry,
    TimelineFilter,
    TimelineSource,
    register,
)
from crm.request_context import RequestContext
from crm.rules.dates import local_day
from crm.services import follow_ups
from surveys import words
from surveys.choices import LeftOut, ResponseState
from surveys.models import ReferralWish, Response
from surveys.rules.questionnaire import Scale
from surveys.services import recovery
from surveys.services.after import after_answer, band_of_answer
from web.spans import ago

# --- Timeline ------------------------------------------------------------------------


def _responses(
    context: RequestContext, customer: Customer, moments: dict[int, datetime]
) -> dict[int, TimelineEntry]:
    rows = Response.objects.select_related("survey", "referral_wish")
    rows = rows.filter(pk__in=moments)
    return {row.pk: _response(context, row, moments[row.pk]) for row in rows}


def _response(context: RequestContext, row: Response, at: datetime) -> TimelineEntry:
    if row.is_confidential and not context.can(Capability.SEE_CONFIDENTIAL):
        return TimelineEntry(
            key=f"response-{row.pk}",
            icon="chat",
            heading=_("Answered in confidence"),
            at=at,
            tail=_("to “%(survey)s”") % {"survey": row.survey.name},
        )
    return TimelineEntry(
        key=f"response-{row.pk}",
        icon="chat",
        heading=words.answered(row.scale, row.score),
        at=at,
        tail=_("to “%(survey)s”") % {"survey": row.survey.name},
        quote=row.comment,
        quote_lang=row.language,
        note=_note(row),
        reply_url=(
            reverse("support:reply-to", args=["response", row.pk])
            if context.can(Capability.REPLY)
            else ""
        ),
    )


def _note(row: Response) -> str:
    notes = [_("Changed by the customer.")] if row.version > 1 else []
    wish = getattr(row, "referral_wish", None)
    if wish is not None and wish.withdrawn_at is None:
        notes.append(_("Would like to recommend us."))
    if row.left_out_because:
        notes.append(words.left_out(LeftOut(row.left_out_because)))
    return " ".join(notes)


# --- Mails about answers -------------------------------------------------------------


def _reply_start(pk: int) -> ReplyStart | None:
    """With their words, and the follow-up that is open because of them."""
    row = Response.objects.select_related("customer").filter(pk=pk).first()
    if row is None or row.confirmed_at is None:
        return None
    customer = row.customer
    if customer is None or not customer.is_live:
        return None
    language = customer.language or crm.business().language
    with translation.override(language):
        subject = _("Your answer to our question")
        suggestion = _suggestion(row, language)
    return ReplyStart(
        customer=customer,
        subject=subject,
        suggestion=suggestion,
        words="" if row.is_confidential else row.comment,
        written_at=row.confirmed_at,
        follow_up=FollowUp.objects.filter(
            source_key=recovery.source_key(row), state__in=follow_ups.OWED
        ).first(),
        capability=Capability.SEE_CONFIDENTIAL if row.is_confidential else None,
    )


def _suggestion(row: Response, language: str) -> str:
    """For the unhappy; whoever is happy gets an answer that somebody thinks of."""
    if row.customer is None or not recovery.is_low(row):
        return ""
    after = after_answer(row.survey_id, band_of_answer(row.scale, row.score))
    own = after.words.get(language, "") if after else ""
    return words.suggested_reply(row.customer.greeting_name, own)


# --- The last score ------------------------------------------------------------------


def _answers(customer: Customer | OuterRef) -> QuerySet[Response]:
    """Those of NPS that count and that all of the team may see, the newest first."""
    return Response.objects.filter(
        customer=customer,
        is_confidential=False,
        state=ResponseState.CONFIRMED.value,
        scale=Scale.NPS.value,
    ).order_by("-confirmed_at", "-id")


def _last_score(context: RequestContext, customer: Customer) -> Cell:
    answers = list(_answers(customer)[:2])
    if not answers:
        return Cell(_("None yet"))
    last = answers[0]
    assert last.confirmed_at is not None
    detail = ago(local_day(last.confirmed_at, context.zone), context.today)
    if len(answers) == 2:
        detail = _("%(day)s, was %(score)s") % {
            "day": detail,
            "score": answers[1].score,
        }
    return Cell(_("%(score)s of 10") % {"score": last.score}, detail)


def _score_of(context: RequestContext, row: Customer) -> object:
    return getattr(row, "last_score", None)


# --- Follow-ups that an answer opened ------------------------------------------------


def _origins(ids: Sequence[int]) -> Mapping[int, Response]:
    rows = Response.objects.filter(pk__in=ids).select_related("invitation__order")
    return {row.pk: row for row in rows}


def _wishes(ids: Sequence[int]) -> Mapping[int, ReferralWish]:
    rows = ReferralWish.objects.filter(pk__in=ids)
    return rows.select_related("response__survey").in_bulk()


# --- Parts ---------------------------------------------------------------------------

register(
    TimelineFilter(name="answers", order=4, label=gettext_lazy("Answers")),
    TimelineSource(
        name="response",
        order=4,
        table="surveys_response",
        at=sql.Identifier("confirmed_at"),
        # A provisional answer counts nowhere until a person confirms it.
        only="AND confirmed_at IS NOT NULL",
        filter="answers",
        read=_responses,
    ),
    ReplySource(
        name="response",
        order=20,
        capability=Capability.SEE_SURVEYS,
        read=_reply_start,
    ),
    GlanceCell(
        name="last_score",
        order=20,
        label=gettext_lazy("Last score"),
        read=_last_score,
    ),
    CustomerColumn(
        name="last_score",
        order=30,
        label=gettext_lazy("Score"),
        kind=ColumnKind.NUMBER,
        annotations={
            "last_score": Subquery(_answers(OuterRef("pk")).values("score")[:1])
        },
        read=_score_of,
    ),
    FollowUpOrigin(
        name="response",
        order=10,
        icon="chat",
        tone="warn",
        template="surveys/_follow_up_origin.html",
        read=_origins,
        asks_outcome=True,
    ),
    FollowUpOrigin(
        name="wish",
        order=11,
        icon="chat",
        tone="good",
        template="surveys/_wish_origin.html",
        read=_wishes,
    ),
    MenuGroup(name="listen", order=20, label=gettext_lazy("Listen")),
    MenuLine(
        name="surveys",
        order=50,
        capability=Capability.SEE_SURVEYS,
        label=gettext_lazy("Surveys"),
        icon="chat",
        url_name="surveys:survey-list",
        group="listen",
        key="s",
    ),
)
