"""What an automation was: each version with who made it, when, and what changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import audiences
from messaging import gifts, kinds, words
from messaging.forms.steps import STOP_RULES
from messaging.models import Automation, AutomationVersion
from messaging.models.steps import MOST_STEPS
from messaging.rules import pictures
from messaging.services.former_settings import SETTINGS

MOST_SHOWN = 50
# Names of what staff can change; other columns are the product's own affair.
LABELS: dict[str, Any] = {
    "name": gettext_lazy("Name"),
    "audience": gettext_lazy("For whom"),
    "send_hour": gettext_lazy("Hour"),
    "offset_days": gettext_lazy("Days after"),
    "life_days": gettext_lazy("Days it may wait"),
    "weekdays": gettext_lazy("Days of the week"),
    "rests": gettext_lazy("Not on days off and public holidays"),
    "reentry": gettext_lazy("How often"),
    "reentry_days": gettext_lazy("Days until it may come again"),
    "params": gettext_lazy("Own settings"),
    "is_on": gettext_lazy("On"),
    "holdout_percent": gettext_lazy("Held out of a hundred"),
}
STEP_LABELS: dict[str, Any] = {
    "wait_days": gettext_lazy("Days after the step before has left"),
    "stop_on": gettext_lazy("What ends a run before it"),
    "has_offer": gettext_lazy("It holds an offer"),
    "without_offer_allowed": gettext_lazy("Without the offer for others"),
    "gift": gettext_lazy("It gives"),
}


@dataclass(frozen=True)
class Change:
    """One value before and after. `language`: of words, else ""."""

    label: str
    before: str
    after: str
    language: str = ""


@dataclass(frozen=True)
class VersionShown:
    """`changes` against the version before; None for the first one. `words`: (step,
    language) of which it has words of staff that are not those of today;
    `has_settings`: it has settings that are not."""

    version: AutomationVersion
    changes: list[Change] | None
    words: list[tuple[int, str]]
    has_settings: bool


def versions_of(
    automation: Automation, *, before: int | None = None
) -> list[VersionShown]:
    """The last so many, the newest first; or those before the one of that number."""
    newest = automation.versions.order_by("-number").first()
    if newest is None:
        return []
    asked = automation.versions.select_related("made_by").order_by("-number")
    if before is not None:
        asked = asked.filter(number__lt=before)
    rows = list(asked[: MOST_SHOWN + 1])
    befores = [*rows[1:], None]
    today = _words(newest.content)
    return [
        VersionShown(
            row,
            list(_changes(automation, before.content, row.content)) if before else None,
            [
                (step, language)
                for (step, language), texts in _words(row.content).items()
                if texts and today.get((step, language)) != texts
            ],
            any(_settings_back(newest.content, row.content)),
        )
        for row, before in zip(rows, befores, strict=True)
    ][:MOST_SHOWN]


def settings_back(version: AutomationVersion) -> list[Change]:
    """What is not as it was then, of the settings that can be put back: as it is now,
    and as it was."""
    newest = version.automation.versions.latest("number")
    return list(_settings_back(newest.content, version.content))


def _settings_back(
    today: Mapping[str, Any], then: Mapping[str, Any]
) -> Iterator[Change]:
    for name in SETTINGS:
        if name in then and today.get(name) != then[name]:
            one, other = (_shown(name, it.get(name)) for it in (today, then))
            yield Change(str(LABELS[name]), one, other)
    both = zip(today.get("steps", []), then.get("steps", []), strict=False)
    for number, (now, old) in enumerate(both, start=1):
        yield from _step_changes(number, now, old)


def words_in(version: AutomationVersion, step: int, language: str) -> dict[str, str]:
    """Staff's words of a step in one language, as they were."""
    return dict(_words(version.content).get((step, language), {}))


def _words(content: Mapping[str, Any]) -> dict[tuple[int, str], Mapping[str, str]]:
    return {
        (number, language): texts
        for number, step in enumerate(content.get("steps", []), start=1)
        for language, texts in step.get("words", {}).items()
    }


def _changes(
    automation: Automation, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    for name, label in LABELS.items():
        if before.get(name) != after.get(name):
            one, other = (_shown(name, it.get(name)) for it in (before, after))
            yield Change(str(label), one, other)
    steps = [it.get("steps", []) for it in (before, after)]
    for number in range(max(map(len, steps))):
        old, new = (it[number] if number < len(it) else None for it in steps)
        yield from _step_changes(number + 1, old, new)
    yield from _word_changes(automation, _words(before), _words(after))


def _step_changes(
    number: int, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Iterator[Change]:
    step = _("Step %(n)s") % {"n": number}
    if old is None or new is None:
        there = _("there")
        yield Change(step, there if old else "", there if new else "")
        return
    for name, label in STEP_LABELS.items():
        if old.get(name) != new.get(name):
            one, other = (_shown(name, it.get(name)) for it in (old, new))
            yield Change(f"{step}: {label}", one, other)


def _word_changes(
    automation: Automation,
    before: Mapping[tuple[int, str], Mapping[str, str]],
    after: Mapping[tuple[int, str], Mapping[str, str]],
) -> Iterator[Change]:
    labels = _field_labels(automation)
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key, {}), after.get(key, {})
        for name in dict.fromkeys((*old, *new)):
            if old.get(name, "") != new.get(name, ""):
                label = str(labels.get(name, name))
                one, other = (_word_shown(name, it.get(name, "")) for it in (old, new))
                yield Change(label, one, other, key[1])


def _word_shown(name: str, text: str) -> str:
    if name == words.PICTURE and (found := pictures.sides(text)):
        return _("%(width)s × %(height)s pixels, no. %(name)s") % {
            "width": found[0],
            "height": found[1],
            "name": text[:6],
        }
    return text


def _field_labels(automation: Automation) -> dict[str, Any]:
    kind = kinds.get(automation.kind)
    return {
        field.name: field.label
        for origin in range(MOST_STEPS + 1)
        for field in words.fields_of(kind, origin)
    }


def _shown(name: str, value: Any) -> str:
    if name == "gift" and value is not None and (giver := gifts.giver()):
        return str(dict(giver.choices(value)).get(value, value))
    if name == "audience":
        return audiences.in_words(value or "")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "weekdays" and value:
        return ", ".join(str(WEEKDAYS_ABBR[day - 1]) for day in value)
    if name == "stop_on" and value:
        return ", ".join(str(STOP_RULES.get(rule, rule)) for rule in value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
