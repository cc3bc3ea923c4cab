"""What an undo of imported answers takes back: those that nobody worked with since."""

from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from crm.models import FollowUp
from crm.rules.choices import ImportedThing
from crm.services import audit
from crm.services.imports.undo import CHANGED, USED, Undo, UndoPart, used_elsewhere
from surveys.choices import ResponseState, SurveyState, TaggedBy
from surveys.models import (
    Answer,
    Asking,
    CommentReading,
    Invitation,
    Response,
    ResponseTheme,
    ResponseVersion,
    ShareLink,
    Survey,
)
from surveys.services.recovery import source_key

_DERIVED = (Answer, CommentReading, ResponseTheme, ResponseVersion)
_SORTED = "sorted"


def take_back(undo: Undo, ids: Sequence[int]) -> None:
    """Delete answers that are as they came, with what was read out of their words; the
    others stay, with the reason. A closed survey without any left is put away."""
    rows = Response.objects.select_for_update(no_key=True).filter(pk__in=ids)
    there = list(rows.order_by("pk"))
    left = {
        CHANGED: {
            row.pk for row in there if row.state != ResponseState.CONFIRMED.value
        },
        _SORTED: set(
            ResponseTheme.objects.filter(response__in=there)
            .exclude(by=TaggedBy.KEYWORD.value)
            .values_list("response", flat=True)
        ),
        USED: used_elsewhere(Response, ids, but=_DERIVED) | _followed_up(there),
    }
    gone = {row.pk: row for row in there}
    for reason, kept in left.items():
        undo.keep(ImportedThing.ANSWER, kept & gone.keys(), reason)
        gone = {pk: row for pk, row in gone.items() if pk not in kept}
    Response.objects.filter(pk__in=gone).delete()
    audit.record_many(
        "survey.import_undone",
        ((f"response:{row.pk}", row.customer_id) for row in gone.values()),
        now=undo.now,
    )
    undo.count("removed", len(gone))
    _put_away({row.survey_id for row in gone.values()}, undo)


def _followed_up(rows: Collection[Response]) -> set[int]:
    keys = {source_key(row): row.pk for row in rows}
    found = FollowUp.objects.filter(source_key__in=keys)
    return {keys[key] for key in found.values_list("source_key", flat=True) if key}


def _put_away(surveys: Collection[int], undo: Undo) -> None:
    own = {"survey": OuterRef("pk")}
    Survey.objects.filter(
        ~Exists(Response.objects.filter(**own)),
        ~Exists(Invitation.objects.filter(**own)),
        ~Exists(Asking.objects.filter(**own)),
        ~Exists(ShareLink.objects.filter(**own)),
        pk__in=surveys,
        state=SurveyState.CLOSED.value,
        archived_at=None,
    ).update(archived_at=undo.now)


def _named(ids: list[int]) -> dict[int, tuple[str, str]]:
    rows = Response.objects.filter(pk__in=ids).select_related("survey", "customer")
    return {
        row.pk: (
            row.customer.external_id if row.customer else "",
            f"{row.survey.name}: {row.score}",
        )
        for row in rows
    }


UNDO = UndoPart(
    what=ImportedThing.ANSWER,
    step=take_back,
    named=_named,
    reasons={
        CHANGED: _("It was left out of the figures since."),
        _SORTED: _("Somebody said since what it is about."),
    },
)
