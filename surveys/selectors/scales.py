"""By which scales a survey's answers are counted."""

from surveys.models import Survey
from surveys.rules.questionnaire import Questionnaire, Scale
from surveys.services import versions

_OF_KIND = {"nps": Scale.NPS, "csat": Scale.CSAT, "ces": Scale.CES}


def questionnaire_of(survey: Survey) -> Questionnaire:
    """As people answer it who begin now; without questions before it was published."""
    if survey.live_version_id is None:
        return Questionnaire()
    return versions.questionnaire_of(survey.live_version_id)


def scale_of(
    survey: Survey, questionnaire: Questionnaire | None = None
) -> Scale | None:
    """That of its lead question now, which no other is mixed with; None where it asks
    for no score."""
    if survey.kind in _OF_KIND:
        return _OF_KIND[survey.kind]
    lead = (questionnaire or questionnaire_of(survey)).lead
    return lead.scale if lead else None
