"""The questions of published versions, which every page and every answer needs."""

from functools import lru_cache

from surveys.choices import VersionState
from surveys.models import SurveyVersion
from surveys.rules.questionnaire import Questionnaire, parse


@lru_cache(maxsize=100)
def questionnaire_of(version_id: int) -> Questionnaire:
    """What this published version asks. Read once in each process: the database refuses
    every change of one (trigger surveys_version_stays), and gives its id to no other
    while a process runs. Raises SurveyVersion.DoesNotExist, also for a draft."""
    published = SurveyVersion.objects.filter(state=VersionState.PUBLISHED.value)
    return parse(published.values_list("content", flat=True).get(pk=version_id))
