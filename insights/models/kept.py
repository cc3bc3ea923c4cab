"""What was said and what was done: figures as they were first shown, or last counted,
marks, and answers that pages need not ask for again."""

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact

from crm.models.fields import choice_check, pairs
from insights.choices import WITHOUT_BASE, Basis, Closed, Metric, Unit
from loyalty.models import Programme
from web.rules.money import MOST_PLACES

FEWEST_MONTHS, MOST_MONTHS = 1, 24
_TYPE_OF_ROWS = Func(
    F("rows"), function="jsonb_typeof", output_field=models.TextField()
)


class Published(models.Model):
    """`count` of `base`, as a figure was when its period was first counted as over.
    Later orders change the figure; this row tells that they did.

    Customers kept of those at the start; buyers of a cohort (`part`: its first day);
    revenue now of that of then, and of earlier customers of all (`part`: the currency,
    or the currency and -earlier), and spend for those gained (`part`: the currency);
    promoters less detractors of the answers (`part`: the survey; without a basis); who
    is counted for a signal of loyalty (`part`: its name); who had bought on a second
    day of all who had bought by the end. Of nothing, as `count` alone: who came for the
    first time or again (`part`: new or back), and new ones by source (`part`).

    All of them go when the definition changes: by another one nothing is late.
    """

    figure = models.CharField(max_length=9, choices=pairs(Closed))
    basis = models.CharField(max_length=8, choices=pairs(Basis), blank=True)
    unit = models.CharField(max_length=7, choices=pairs(Unit))
    starts_on = models.DateField()
    part = models.CharField(max_length=60, blank=True)
    base = models.DecimalField(max_digits=20, decimal_places=MOST_PLACES)
    count = models.DecimalField(max_digits=20, decimal_places=MOST_PLACES)
    published_at = models.DateTimeField()
    # The newest order and the newest change of a contract that there were: those with a
    # higher number came in later.
    last_order = models.BigIntegerField()
    last_change = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["figure", "basis", "unit", "starts_on", "part"],
                name="published_once",
            ),
            models.CheckConstraint(
                condition=(
                    Q(base__gt=0)
                    | Q(base=0, figure__in=[one.value for one in WITHOUT_BASE])
                )
                & (
                    ~Q(figure__in=["retention", "cohort", "signal", "repeat"])
                    | Q(count__range=(0, F("base")))
                ),
                name="published_of_its_base",
            ),
            choice_check("figure", Closed, name="published_figure"),
            models.CheckConstraint(
                condition=(~Q(figure="score") & Q(basis__in=[b.value for b in Basis]))
                | Q(figure="score", basis=""),
                name="published_basis",
            ),
            choice_check("unit", Unit, name="published_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.figure} {self.basis} {self.unit} {self.starts_on} {self.part}"


class Breakage(models.Model):
    """What became of what was earned in a programme in a month: so many units are left,
    were used, and ran out, as they were when that was last counted
    (`insights/services/breakage.py`)."""

    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    month = models.DateField()
    left = models.DecimalField(max_digits=18, decimal_places=MOST_PLACES)
    used = models.DecimalField(max_digits=18, decimal_places=MOST_PLACES)
    ran_out = models.DecimalField(max_digits=18, decimal_places=MOST_PLACES)
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "month"], name="breakage_once"
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="breakage_is_of_a_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.month:%Y-%m}"


class Mark(models.Model):
    """Something that was done on a day, to be looked at in the time after it.

    What is measured, and for how many months before and after, is fixed when the mark
    is made: nobody chooses them once the figures are there.
    """

    metric = models.CharField(max_length=9, choices=pairs(Metric))
    basis = models.CharField(max_length=8, choices=pairs(Basis))
    # The first day of the month from which on it is measured.
    month = models.DateField()
    months = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        ordering = ["-month", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="mark_has_words"),
            models.CheckConstraint(
                condition=Q(month__day=1), name="mark_is_of_a_month"
            ),
            models.CheckConstraint(
                condition=Q(months__range=(FEWEST_MONTHS, MOST_MONTHS)),
                name="mark_months",
            ),
            choice_check("metric", Metric, name="mark_metric"),
            choice_check("basis", Basis, name="mark_basis"),
        ]

    def __str__(self) -> str:
        return self.words


class KeptAnswer(models.Model):
    """What a slow statement answered: its rows, as JSON. Counted again once an hour.

    It is found by the statement itself (insights/selectors/kept.py), so that another
    day, time or zone is another answer.
    """

    key = models.CharField(max_length=64, primary_key=True)
    rows = models.JSONField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(key__regex="^[0-9a-f]{64}$"), name="kept_answer_key"
            ),
            models.CheckConstraint(
                condition=Exact(_TYPE_OF_ROWS, Value("array")),
                name="kept_answer_has_rows",
            ),
        ]

    def __str__(self) -> str:
        return self.key
