"""Surveys, their drafts, and what is published of them."""

from datetime import datetime

from django.db import transaction

from crm.models import User
from crm.services import audit
from surveys.choices import SurveyKind, SurveyState, VersionState
from surveys.models import Survey, SurveyVersion
from surveys.rules.questionnaire import Questionnaire, to_json


@transaction.atomic
def make(
    *,
    name: str,
    kind: SurveyKind,
    questionnaire: Questionnaire,
    now: datetime,
    by: User | None = None,
) -> Survey:
    """A survey that is a draft: nobody is asked it before it is published."""
    survey = Survey.objects.create(name=name, kind=kind.value)
    SurveyVersion.objects.create(
        survey=survey,
        number=1,
        state=VersionState.DRAFT.value,
        content=to_json(questionnaire),
        made_at=now,
        made_by=by,
    )
    audit.record("survey.made", f"survey:{survey.pk}", now=now, fields=["name"])
    return survey


@transaction.atomic
def make_live(
    *, name: str, kind: SurveyKind, questionnaire: Questionnaire, now: datetime
) -> Survey:
    """One that comes with the program or with an automation, and is live at once."""
    survey = Survey.objects.create(name=name, kind=kind.value)
    survey.live_version = SurveyVersion.objects.create(
        survey=survey,
        number=1,
        state=VersionState.PUBLISHED.value,
        content=to_json(questionnaire),
        made_at=now,
        published_at=now,
    )
    survey.state = SurveyState.LIVE.value
    survey.save(update_fields=["live_version", "state"])
    return survey


@transaction.atomic
def publish(survey: Survey, *, now: datetime) -> SurveyVersion | None:
    """Its draft is what people answer from now on; those who have begun keep theirs.
    None where there is no draft."""
    locked = Survey.objects.select_for_update(no_key=True).get(pk=survey.pk)
    draft = locked.versions.filter(state=VersionState.DRAFT.value).first()
    if draft is None:
        return None
    draft.state = VersionState.PUBLISHED.value
    draft.published_at = now
    draft.save(update_fields=["state", "published_at"])
    locked.live_version = draft
    if locked.state == SurveyState.DRAFT:
        locked.state = SurveyState.LIVE.value
    locked.version += 1
    locked.save(update_fields=["live_version", "state", "version"])
    survey.refresh_from_db()
    audit.record("survey.published", f"survey:{survey.pk}", now=now, fields=["version"])
    return draft
