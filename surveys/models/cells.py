"""Answers counted beforehand: what results are read from.

A trigger writes one narrow row for each change of an answer (`CellDelta`), which nobody
waits for; a task adds them to the sums (`Cell`). Figures read both, so that an answer
counts at once. See surveys/sql/cells.py.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

from crm.models.fields import choice_check, pairs
from surveys.choices import CountedBy
from surveys.models.surveys import Survey
from surveys.rules.questionnaire import Scale

NO_SCORE = -1


class Cell(models.Model):
    """How many confirmed answers of one day, or month, gave a score or a choice.

    `question` is empty for the lead question; then `by` says what `value` is of: a
    country, a language, an owner, a version, a product, or everybody. Everybody's are
    by day; the others by month, because the days of a product would be as many rows as
    there are answers. Of a further question `value` is a choice; without a value: how
    many answered it.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, db_index=False)
    question = models.CharField(max_length=40, blank=True)
    scale = models.CharField(max_length=4, choices=pairs(Scale), blank=True)
    by = models.CharField(max_length=8, choices=pairs(CountedBy))
    # A day of the shop; of a month its first.
    day = models.DateField()
    value = models.CharField(max_length=40, blank=True)
    score = models.SmallIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "question", "scale", "by", "day", "value", "score"],
                include=["count"],
                name="survey_cell_once",
            ),
            choice_check("by", CountedBy, name="survey_cell_by"),
            models.CheckConstraint(
                condition=Q(score__range=(NO_SCORE, 10)), name="survey_cell_score"
            ),
            models.CheckConstraint(
                condition=Q(by="all") | Q(question="", day__day=1),
                name="survey_cell_groups_by_month",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.day} {self.by} {self.value}: {self.count}"


class CellDelta(models.Model):
    """One answer that began to count or ceased to, until it is added to the cells."""

    # Without keys to other tables: a row of it lives for a minute.
    survey_id = models.BigIntegerField(db_index=True)
    at = models.DateTimeField()
    question = models.CharField(max_length=40, blank=True)
    scale = models.CharField(max_length=4, blank=True)
    value = models.CharField(max_length=40, blank=True)
    score = models.SmallIntegerField()
    change = models.SmallIntegerField()
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=10, blank=True)
    owner_id = models.BigIntegerField(null=True, blank=True)
    version_id = models.BigIntegerField(null=True, blank=True)
    product_ids = ArrayField(models.BigIntegerField(), default=list, db_default=[])

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(change__in=[-1, 1]), name="survey_cell_delta_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.change:+d}"


class CellBook(models.Model):
    """The one row that says in which time zone the days of the cells are, and names the
    state that they are in: triggers give it another name whenever they change."""

    time_zone = models.CharField(max_length=64)
    state = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID())
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="survey_cell_book_is_one"),
        ]

    def __str__(self) -> str:
        return self.time_zone


class Spread(models.Model):
    """Of two neighbouring spans of days, how the answers of people who gave several go
    together: what the doubt of a movement is reckoned from (surveys/rules/changes.py).

    Kept only where there are so many answers that a page cannot wait for it.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, db_index=False)
    scale = models.CharField(max_length=4, choices=pairs(Scale))
    by = models.CharField(max_length=8, choices=pairs(CountedBy))
    value = models.CharField(max_length=40, blank=True)
    first = models.DateField()
    # The first day of the later span, and its last.
    middle = models.DateField()
    last = models.DateField()
    sums = ArrayField(models.BigIntegerField(), size=10)
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "scale", "by", "first", "middle", "last", "value"],
                name="spread_once",
            ),
            choice_check("by", CountedBy, name="spread_by"),
            models.CheckConstraint(
                condition=Q(sums__len=10), name="spread_has_ten_sums"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.by} {self.value} {self.middle}"


class AskedCount(models.Model):
    """How many were asked in 12 months and how many of them have answered, of a survey
    with so many that a page cannot count them."""

    survey = models.OneToOneField(
        Survey, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    asked = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(asked__gte=models.F("answered")), name="asked_count_adds_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id}: {self.answered} of {self.asked}"
