"""How much somebody on the team may see of what was answered in confidence."""

from enum import Enum, auto

from crm.access import Capability
from crm.models import User
from surveys.models import Survey, SurveyVersion


class Confidence(Enum):
    """Anyone who sees customers sees on their timelines when each of them answered, and
    would know an answer by its time; so they get figures of everybody alone."""

    BY_NAME = auto()
    NAMELESS = auto()  # each answer, but not whose it is
    COUNTED = auto()


def confidence_of(user: User, survey: Survey) -> Confidence:
    """What this user may see of this survey's answers; of one that never promised
    confidence, all."""
    if user.can(Capability.SEE_CONFIDENTIAL) or survey.pk not in promised([survey.pk]):
        return Confidence.BY_NAME
    sees_customers = user.can(Capability.SEE_CUSTOMERS)
    return Confidence.COUNTED if sees_customers else Confidence.NAMELESS


def promised(surveys: list[int] | None = None) -> set[int]:
    """The ids of surveys, of these or of all, that have promised confidence once: in
    any version, as answers stand under each."""
    rows = SurveyVersion.objects.filter(content__confidential=True)
    if surveys is not None:
        rows = rows.filter(survey__in=surveys)
    return set(rows.values_list("survey", flat=True))
