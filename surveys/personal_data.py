"""The rows of surveys that belong to a customer: exported, erased and merged."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.personal_rows import Merged, PersonalRows, Steps, register
from surveys.choices import InvitationState
from surveys.models import (
    Answer,
    AskRequest,
    CommentReading,
    Invitation,
    Press,
    ReferralWish,
    Response,
    ResponseTheme,
    ResponseVersion,
    ScheduledAsk,
)
from surveys.services import schedule_merging


def _before_erasure(ids: Collection[int], now: datetime) -> None:
    waiting = Invitation.objects.open().filter(customer__in=ids)
    waiting.update(state=InvitationState.REVOKED.value)


register(
    Steps(
        before_erasure=_before_erasure,
        before_merge=schedule_merging.join,
        before_undo=schedule_merging.part,
    ),
    # Worked out: they keep no record whose import is undone.
    PersonalRows(
        # The name in merges that are stored.
        name="turns",
        model=ScheduledAsk,
        deleted=True,
        unused=Q(pk__isnull=False),
        once=("asking",),
    ),
    # The key is the program's own, and may say anything.
    PersonalRows(
        name="ask_requests",
        model=AskRequest,
        label=_("Asked for by another program"),
        exported={"survey__name": _("Survey"), "requested_at": _("Asked for")},
        deleted=True,
        once=("survey", "key"),
    ),
    PersonalRows(
        name="invitations",
        model=Invitation,
        label=_("Asked for an answer"),
        exported={
            "survey__name": _("Survey"),
            "invited_at": _("Invited"),
            "state": _("State"),
            "declined_at": _("Said no"),
        },
        # The order it is about, by the number that the books have.
        kept=("occurrence",),
        once=("survey", "occurrence"),
        renamed="occurrence",
    ),
    PersonalRows(
        name="presses",
        model=Press,
        customer="invitation__customer_id",
        label=_("Answers pressed in mails"),
        exported={
            "pressed_at": _("Pressed"),
            "score": _("Score"),
            "choice": _("Choice"),
            "agent": _("Browser"),
            "network": _("Network"),
        },
        deleted=True,
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="answers",
        model=Response,
        label=_("Answers"),
        exported={
            "survey__name": _("Survey"),
            "first_at": _("Answered"),
            "score": _("Score"),
            "comment": _("Comment"),
            "state": _("State"),
        },
        blanked={"comment": ""},
        # The way it came, and what the link at the till carried: of lists of staff's.
        # The products of its order, as numbers; a file's answer, as a hash.
        kept=("language", "country", "declared", "product_ids", "import_key"),
        follows="invitation",
    ),
    PersonalRows(
        name="further_answers",
        model=Answer,
        customer="response__customer_id",
        label=_("Answers to further questions"),
        exported={
            "response__survey__name": _("Survey"),
            "question": _("Question"),
            "number": _("Number"),
            "choices": _("Choices"),
            "text": _("Words"),
            "day": _("Day"),
        },
        blanked={"text": "", "day": None},
        # The keys of the survey's own questions and choices.
        kept=("question", "choices"),
        merged=Merged.STAY,
    ),
    # Worked out of the words, which go with them.
    PersonalRows(
        name="read_comments",
        model=CommentReading,
        customer="response__customer_id",
        deleted=True,
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="themes",
        model=ResponseTheme,
        customer="response__customer_id",
        label=_("Subjects of answers"),
        exported={"theme__name": _("Theme")},
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="referral_wishes",
        model=ReferralWish,
        customer="response__customer_id",
        label=_("Wishes to recommend us"),
        exported={"wished_at": _("Said"), "withdrawn_at": _("Taken back")},
        deleted=True,
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="earlier_answers",
        model=ResponseVersion,
        customer="response__customer_id",
        label=_("Earlier answers"),
        exported={
            "replaced_at": _("Replaced"),
            "score": _("Score"),
            "comment": _("Comment"),
            "answers": _("Answers to further questions"),
        },
        deleted=True,
        merged=Merged.STAY,
    ),
)
