"""Edit the questions of a survey: always in a draft, which goes live as a whole."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from crm.models import User
from crm.services import audit
from surveys.choices import SurveyKind, SurveyState, VersionState
from surveys.errors import NotPublishable
from surveys.models import Survey, SurveyVersion
from surveys.rules.questionnaire import Questionnaire, parse, to_json
from surveys.services import making
from web.errors import InvalidValue, StaleVersion
from web.rules import text

LONGEST_NAME = 120


def content_of(survey: Survey) -> dict[str, Any]:
    """What is edited: the draft, else what is live."""
    draft = draft_of(survey)
    version = draft or survey.live_version
    return version.content if version else {}


def draft_of(survey: Survey) -> SurveyVersion | None:
    """What is not live yet."""
    return survey.versions.filter(state=VersionState.DRAFT.value).first()


@transaction.atomic
def change(
    survey: Survey,
    *,
    version: int,
    how: Callable[[Questionnaire], Questionnaire],
    by: User | None,
    now: datetime,
) -> Survey:
    """Change the questions in a draft, made of what is live where there is none.
    Raises StaleVersion where somebody else changed the survey meanwhile."""
    locked = _locked(survey, version)
    before = content_of(locked)
    after = to_json(how(parse(before)))
    if after != before:
        _write(locked, after, by, now)
        _changed(locked, "questions", now)
    return locked


@transaction.atomic
def put_back(
    survey: Survey,
    *,
    version: int,
    content: dict[str, Any] | None,
    by: User | None,
    now: datetime,
) -> Survey:
    """The draft as it was before a change; None: there was none."""
    locked = _locked(survey, version)
    if content is None:
        locked.versions.filter(state=VersionState.DRAFT.value).delete()
    else:
        _write(locked, to_json(parse(content)), by, now)
    _changed(locked, "questions", now)
    return locked


@transaction.atomic
def rename(survey: Survey, *, version: int, name: str, now: datetime) -> Survey:
    """Under another name, which only staff read."""
    tidy = checked_name(name)
    locked = _locked(survey, version)
    if locked.name != tidy:
        locked.name = tidy
        locked.save(update_fields=["name"])
        _changed(locked, "name", now)
    return locked


@transaction.atomic
def publish(
    survey: Survey, *, version: int, has_problems: bool, now: datetime
) -> SurveyVersion | None:
    """What is a draft is asked from now on. Raises NotPublishable where the check
    found something that would go wrong."""
    if has_problems:
        raise NotPublishable
    locked = _locked(survey, version)
    return making.publish(locked, now=now)


@transaction.atomic
def drop_draft(survey: Survey, *, version: int, now: datetime) -> Survey:
    """What is live stays. A survey that was never live keeps its draft."""
    locked = _locked(survey, version)
    if locked.live_version_id is not None:
        locked.versions.filter(state=VersionState.DRAFT.value).delete()
        _changed(locked, "questions", now)
    return locked


@transaction.atomic
def set_state(survey: Survey, *, state: SurveyState, now: datetime) -> Survey:
    """Close one that is live, or open one that was closed; another one stays."""
    locked = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
    allowed = {SurveyState.LIVE.value, SurveyState.CLOSED.value}
    if {locked.state, state.value} <= allowed and locked.state != state:
        locked.state = state.value
        locked.save(update_fields=["state"])
        _changed(locked, "state", now)
    return locked


@transaction.atomic
def set_archived(survey: Survey, *, archived: bool, now: datetime) -> Survey:
    """Out of the lists and closed, with all its answers; or in them again, closed."""
    locked = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
    if archived is (locked.archived_at is not None):
        return locked
    locked.archived_at = now if archived else None
    if archived and locked.state == SurveyState.LIVE:
        locked.state = SurveyState.CLOSED.value
    locked.save(update_fields=["archived_at", "state"])
    _changed(locked, "archived_at", now)
    return locked


def checked_name(name: str) -> str:
    """Raises InvalidValue."""
    tidy = text.one_line(name, field="name", most=LONGEST_NAME)
    if not tidy:
        raise InvalidValue(fields={"name": "required"})
    return tidy


def make(
    *,
    name: str,
    kind: SurveyKind,
    questionnaire: Questionnaire,
    by: User | None,
    now: datetime,
) -> Survey:
    """A new one, as a draft."""
    return making.make(
        name=checked_name(name), kind=kind, questionnaire=questionnaire, now=now, by=by
    )


def _locked(survey: Survey, version: int) -> Survey:
    locked = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
    if locked.version != version:
        raise StaleVersion
    return locked


def _write(
    survey: Survey, content: dict[str, Any], by: User | None, now: datetime
) -> None:
    draft = draft_of(survey)
    if draft is None:
        newest = survey.versions.order_by("-number").first()
        draft = SurveyVersion(
            survey=survey,
            number=newest.number + 1 if newest else 1,
            state=VersionState.DRAFT.value,
        )
    draft.content, draft.made_at, draft.made_by = content, now, by
    draft.save()


def _changed(survey: Survey, field: str, now: datetime) -> None:
    survey.version += 1
    survey.save(update_fields=["version"])
    audit.record("survey.changed", f"survey:{survey.pk}", now=now, fields=[field])
