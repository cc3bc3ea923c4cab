"""Rules of programmes, and their versions, which never change."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crm.models import Segment, User
from crm.models.fields import choice_check, pairs
from loyalty.choices import EarnEvent, Measure, Rounding
from loyalty.models.programmes import Programme
from web.rules.money import MOST_PLACES


class Rule(models.Model):
    """What earns in a programme. How much stands in its versions."""

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="rules"
    )
    event = models.CharField(max_length=8, choices=pairs(EarnEvent))
    # A first step, an occasion: its name for machines ("profile", "birthday").
    key = models.SlugField(max_length=40, blank=True, default="", db_default="")
    name = models.CharField(max_length=120, blank=True, default="", db_default="")
    # Of a rule that was added while its programme ran: orders from then on earn.
    counts_from = models.DateTimeField(null=True, blank=True)
    # Earns nothing from then on.
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["programme", "id"]
        constraints = [
            choice_check("event", EarnEvent, name="rule_event"),
            models.UniqueConstraint(
                fields=["programme", "event", "key"],
                condition=~Q(key="") & Q(ended_at=None),
                name="rule_key_once",
            ),
            models.CheckConstraint(
                condition=~Q(
                    event__in=[EarnEvent.STEP.value, EarnEvent.OCCASION.value], key=""
                ),
                name="rule_has_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id}: {self.event} {self.key}".strip()


class RuleWords(models.Model):
    """What a first step is called in one language."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="words")
    language = models.CharField(max_length=10)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["rule", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "language"], name="rule_words_once"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="rule_words_name"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.language}"


class RuleVersion(models.Model):
    """How much a rule earns, from a moment on. Append-only (trigger): an order counts
    under the version first used for it, else the one in force when it was ordered."""

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # What one occurrence earns: for each `per` of money, visit or item, or once.
    units = models.DecimalField(max_digits=18, decimal_places=MOST_PLACES)
    measure = models.CharField(
        max_length=5,
        choices=pairs(Measure),
        default=Measure.VISIT.value,
        db_default=Measure.VISIT.value,
    )
    per = models.DecimalField(
        max_digits=18, decimal_places=MOST_PLACES, null=True, blank=True
    )
    # Orders in another one earn nothing.
    currency = models.CharField(max_length=3)
    rounding = models.CharField(
        max_length=7,
        choices=pairs(Rounding),
        default=Rounding.DOWN.value,
        db_default=Rounding.DOWN.value,
    )
    factor = models.DecimalField(
        max_digits=6, decimal_places=3, default=1, db_default=1
    )
    # The tax that prices contain, in percent, and that earns nothing; null: it earns.
    tax_percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True
    )
    # The least base of an order.
    minimum = models.DecimalField(
        max_digits=18, decimal_places=MOST_PLACES, null=True, blank=True
    )
    # At most so many units of one order, of a member's orders of a day, of a month.
    cap_order = models.DecimalField(
        max_digits=18, decimal_places=MOST_PLACES, null=True, blank=True
    )
    cap_day = models.DecimalField(
        max_digits=18, decimal_places=MOST_PLACES, null=True, blank=True
    )
    cap_month = models.DecimalField(
        max_digits=18, decimal_places=MOST_PLACES, null=True, blank=True
    )
    # Ids of products and names of categories that alone count; none: all.
    products = ArrayField(
        models.BigIntegerField(), blank=True, default=list, db_default=[]
    )
    categories = ArrayField(
        models.CharField(max_length=120), blank=True, default=list, db_default=[]
    )
    # And those that never do.
    not_products = ArrayField(
        models.BigIntegerField(), blank=True, default=list, db_default=[]
    )
    not_categories = ArrayField(
        models.CharField(max_length=120), blank=True, default=list, db_default=[]
    )
    # Orders with a discount or an offer's code earn nothing.
    not_discounted = models.BooleanField(default=False, db_default=False)
    # Of the members it is for those in this segment alone, and for none of that one.
    only_for = models.ForeignKey(
        Segment, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    not_for = models.ForeignKey(
        Segment, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["rule", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "number"], name="rule_version_once"
            ),
            choice_check("measure", Measure, name="rule_version_measure"),
            choice_check("rounding", Rounding, name="rule_version_rounding"),
            models.CheckConstraint(
                condition=Q(measure=Measure.MONEY.value, per__isnull=False, per__gt=0)
                | Q(~Q(measure=Measure.MONEY.value), per=None),
                name="rule_version_per",
            ),
            models.CheckConstraint(
                condition=Q(units__gt=0) & Q(factor__gt=0), name="rule_version_units"
            ),
            models.CheckConstraint(
                condition=Q(tax_percent=None)
                | Q(tax_percent__gt=0, tax_percent__lt=100),
                name="rule_version_tax",
            ),
            models.CheckConstraint(
                condition=(Q(cap_order=None) | Q(cap_order__gt=0))
                & (Q(cap_day=None) | Q(cap_day__gt=0))
                & (Q(cap_month=None) | Q(cap_month__gt=0))
                & (Q(minimum=None) | Q(minimum__gt=0)),
                name="rule_version_caps",
            ),
        ]
        indexes = [
            # Which version was in force.
            models.Index(F("rule"), F("made_at").desc(), name="rule_version_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} v{self.number}"
