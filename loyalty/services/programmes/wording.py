"""What members read of programmes and first steps, in each language."""

from collections.abc import Mapping
from dataclasses import dataclass

from loyalty.models import Programme, ProgrammeWords, Rule, RuleWords
from web.errors import InvalidValue


@dataclass(frozen=True)
class Words:
    """What members read in one language; an empty name: none in it. `unit_one` and
    `unit_many`: what one and several units are called; empty: our own words."""

    name: str
    terms: str = ""
    unit_one: str = ""
    unit_many: str = ""


def write(programme: Programme, words: Mapping[str, Words]) -> set[str]:
    """Write those of these languages; {"words"} where any changed. Raises InvalidValue
    for a field with the language at its end, such as "name_he"."""
    before = {row.language: row for row in programme.words.all()}
    changed = False
    for language, one in words.items():
        row = before.get(language)
        was = Words(row.name, row.terms, row.unit_one, row.unit_many) if row else None
        if one == was or (was is None and one == Words("")):
            continue
        changed = True
        if one == Words(""):
            programme.words.filter(language=language).delete()
            continue
        if wrong := _wrong(one):
            raise InvalidValue(fields={f"{wrong}_{language}": "required"})
        ProgrammeWords.objects.update_or_create(
            programme=programme,
            language=language,
            defaults={
                "name": one.name,
                "terms": one.terms,
                "unit_one": one.unit_one,
                "unit_many": one.unit_many,
            },
        )
    programme.__dict__.pop("wording", None)
    return {"words"} if changed else set()


def _wrong(one: Words) -> str:
    """Which of them is missing beside the others."""
    if not one.name:
        return "name"
    if bool(one.unit_one) != bool(one.unit_many):
        return "unit_many" if one.unit_one else "unit_one"
    return ""


def write_step(rule: Rule, names: Mapping[str, str]) -> bool:
    """What a first step is called in each of these languages, "" for none in it;
    whether any changed."""
    before = dict(rule.words.values_list("language", "name"))
    after = {**before, **names}
    for language, name in names.items():
        if name:
            RuleWords.objects.update_or_create(
                rule=rule, language=language, defaults={"name": name}
            )
        else:
            rule.words.filter(language=language).delete()
    return {key: name for key, name in after.items() if name} != before
