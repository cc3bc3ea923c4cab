"""Two years of answers from before the story, brought along by file as a shop would.

They tell why people left in the year behind: for some weeks the coffee was stale, the
scores fell, and rose again once that was mended.
"""

import csv
import random
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from django.core.management import call_command

from desk.demo import story, texts
from desk.demo.buying import STALE_COFFEE
from desk.demo.people import Person

SURVEY = "Relationship"
_COLUMNS = ("customer_id", "survey", "answered_at", "score", "comment", "language")
_QUARTERS, _A_QUARTER = 8, timedelta(days=91)
_ANSWERS = 64
_SCORES = story.SCORES | {"low": (0, 2, 4, 5, 6)}
_BANDS = ("high", "middle", "low")
_USUAL, _WHILE_STALE = (60, 27, 13), (34, 31, 35)


def answers(people: Sequence[Person], *, today: date, dice: random.Random) -> None:
    """Everything that was answered before the story begins, by the import command."""
    rows = list(_rows(people, today=today, dice=dice))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(_COLUMNS)
            writer.writerows(rows)
        call_command("import_answers", str(path), verbosity=0)


def _rows(
    people: Sequence[Person], *, today: date, dice: random.Random
) -> Iterator[tuple[str, ...]]:
    begin = today - timedelta(days=story.DAYS)
    for quarter in range(_QUARTERS, 0, -1):
        first = begin - quarter * _A_QUARTER
        known = [person for person in people if person.since < first]
        for person in dice.sample(known, min(_ANSWERS, len(known))):
            day = first + timedelta(days=dice.randrange(_A_QUARTER.days))
            yield _row(person, day, today - day, dice)


def _row(
    person: Person, day: date, ago: timedelta, dice: random.Random
) -> tuple[str, ...]:
    is_stale = STALE_COFFEE[0] < ago.days < STALE_COFFEE[1]
    [band] = dice.choices(_BANDS, _WHILE_STALE if is_stale else _USUAL)
    language = person.place.language
    words = texts.COMMENTS[language or "en"][band]
    comment = dice.choice(words) if dice.random() < 0.4 else ""
    score = dice.choice(_SCORES[band])
    at = f"{day.isoformat()} {dice.randrange(8, 21):02}:{dice.randrange(60):02}"
    return person.external_id, SURVEY, at, str(score), comment, language
