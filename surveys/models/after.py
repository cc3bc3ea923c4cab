"""What follows on an answer of one band."""

from django.db import models
from django.db.models import Q

from crm.models.fields import choice_check, pairs
from surveys.choices import AnswerBand, NextStep
from surveys.models.surveys import Survey


class AfterAnswer(models.Model):
    """By when somebody writes and with which words they may begin, of an unhappy
    answer; what is offered on the page of thanks, of a happy one. No row: as usual."""

    survey = models.ForeignKey(
        Survey, on_delete=models.CASCADE, related_name="after", db_index=False
    )
    band = models.CharField(max_length=6, choices=pairs(AnswerBand))
    # Working days; 0: the same one, or the next where it is late.
    within_days = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Asked again, some weeks after the follow-up was closed (surveys/kinds/again.py).
    asks_again = models.BooleanField(default=True, db_default=True)
    next_step = models.CharField(
        max_length=7,
        choices=pairs(NextStep),
        default=NextStep.NOTHING.value,
        db_default=NextStep.NOTHING.value,
    )
    link = models.URLField(max_length=500, blank=True, default="", db_default="")
    # By language: "reply", or "label" of the link.
    words = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "band"], name="after_answer_once"
            ),
            choice_check("band", AnswerBand, name="after_answer_band"),
            choice_check("next_step", NextStep, name="after_answer_step"),
            models.CheckConstraint(
                condition=Q(within_days__lte=10), name="after_answer_days"
            ),
            models.CheckConstraint(
                condition=Q(next_step="nothing", link="")
                | Q(next_step="refer", band="happy", link="")
                | Q(next_step="share", band="happy", link__startswith="https://"),
                name="after_answer_step_has_link",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} {self.band}"
