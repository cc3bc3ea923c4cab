"""Programmes: what is counted, who takes part, and what a unit is good for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from crm.access import Role
from crm.models import Segment, User
from crm.models.fields import choice_check, pairs
from loyalty.choices import Expiry, ProgrammeKind, Unit, WhoTakesPart
from loyalty.models.rewards import Reward
from web.rules.money import MOST_PLACES

_COUNTED = [Expiry.DAYS.value, Expiry.MONTH_END.value, Expiry.YEAR_END.value,
            Expiry.INACTIVITY.value]  # fmt: skip
# Days until what was earned can be spent, and until an order counts as delivered.
LONGEST_WAIT = 365
LONGEST_DELIVERY = 90


class Programme(models.Model):
    """A programme and its one ledger. When it runs stands in its periods; changed by
    `services/programmes/` alone."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=pairs(ProgrammeKind))
    unit = models.CharField(max_length=6, choices=pairs(Unit))
    # Decimals of the unit; of money those of its currency.
    places = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Of `worth`, and of the unit where that is money.
    currency = models.CharField(max_length=3)
    # What a unit pays in an order; null: it pays none, and rewards alone take it.
    worth = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    # What share of an order units may pay, in percent; null: all of it.
    share_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    takes_part = models.CharField(
        max_length=7,
        choices=pairs(WhoTakesPart),
        default=WhoTakesPart.ALL.value,
        db_default=WhoTakesPart.ALL.value,
    )
    segment = models.ForeignKey(
        Segment, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Members of this one earn nothing.
    left_out = models.ForeignKey(
        Segment, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    expiry = models.CharField(
        max_length=10,
        choices=pairs(Expiry),
        default=Expiry.NEVER.value,
        db_default=Expiry.NEVER.value,
    )
    # Days, months or years, as `expiry` says.
    expires_after = models.PositiveSmallIntegerField(null=True, blank=True)
    # From when `expiry` counts: what was there before counts from this day.
    expiry_since = models.DateField(null=True, blank=True)
    # Days after delivery until what was earned can be spent.
    returns_days = models.PositiveSmallIntegerField(default=14, db_default=14)
    # Null: as the shop's settings say.
    assumed_delivery_days = models.PositiveSmallIntegerField(null=True, blank=True)
    # Through which day customers were marked whose order arrived by then.
    looked_through = models.DateField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(archived_at=None),
                name="programme_name_once",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="programme_has_name"),
            choice_check("kind", ProgrammeKind, name="programme_kind"),
            choice_check("unit", Unit, name="programme_unit"),
            choice_check("takes_part", WhoTakesPart, name="programme_takes_part"),
            choice_check("expiry", Expiry, name="programme_expiry"),
            models.CheckConstraint(
                condition=Q(places__lte=MOST_PLACES), name="programme_places"
            ),
            models.CheckConstraint(
                condition=Q(kind=ProgrammeKind.PUNCH_CARD.value, unit=Unit.STAMPS.value)
                | Q(
                    ~Q(kind=ProgrammeKind.PUNCH_CARD.value), ~Q(unit=Unit.STAMPS.value)
                ),
                name="programme_card_has_stamps",
            ),
            models.CheckConstraint(
                condition=Q(worth=None) | Q(worth__gt=0), name="programme_worth"
            ),
            models.CheckConstraint(
                condition=Q(share_percent=None)
                | Q(share_percent__gte=1, share_percent__lte=100),
                name="programme_share",
            ),
            models.CheckConstraint(
                condition=Q(
                    takes_part=WhoTakesPart.SEGMENT.value, segment__isnull=False
                )
                | Q(~Q(takes_part=WhoTakesPart.SEGMENT.value), segment=None),
                name="programme_segment",
            ),
            models.CheckConstraint(
                condition=Q(
                    expiry__in=_COUNTED,
                    expires_after__isnull=False,
                    expiry_since__isnull=False,
                )
                | Q(expiry=Expiry.NEVER.value, expires_after=None, expiry_since=None),
                name="programme_expires_after",
            ),
            models.CheckConstraint(
                condition=Q(returns_days__lte=LONGEST_WAIT)
                & (
                    Q(assumed_delivery_days=None)
                    | Q(assumed_delivery_days__lte=LONGEST_DELIVERY)
                ),
                name="programme_waits",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def wording(self) -> "dict[str, ProgrammeWords]":
        """What customers read of it, by language; one query, or none where `words`
        were prefetched."""
        return {row.language: row for row in self.words.all()}

    def called(self, language: str) -> str:
        """Its name in this language; else the shop's own."""
        words = self.wording.get(language)
        return words.name if words else self.name


class ProgrammeVersion(models.Model):
    """How a programme was from a moment on: `terms` are its fields as text, `fields`
    those that changed. Append-only (trigger)."""

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    terms = models.JSONField()
    fields = ArrayField(
        models.CharField(max_length=40), blank=True, default=list, db_default=[]
    )

    class Meta:
        ordering = ["programme", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "number"], name="programme_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} v{self.number}"


class ProgrammeWords(models.Model):
    """What customers read of a programme in one language."""

    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="words"
    )
    language = models.CharField(max_length=10)
    name = models.CharField(max_length=120)
    terms = models.CharField(max_length=4_000, blank=True)
    # One and several of the unit: "leaf", "leaves"; empty: our own words.
    unit_one = models.CharField(max_length=40, blank=True, default="", db_default="")
    unit_many = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        ordering = ["programme", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "language"], name="programme_words_once"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="programme_words_name"),
            models.CheckConstraint(
                condition=Q(unit_one="", unit_many="")
                | ~Q(unit_one="") & ~Q(unit_many=""),
                name="programme_words_unit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.language}"


class ProgrammePeriod(models.Model):
    """When a programme was on, in the shop's days: what is ordered then earns, up to
    the moment at which it was switched off."""

    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="periods"
    )
    from_on = models.DateField()
    # Null: the whole first day counts; else it was switched off earlier on that day.
    began_at = models.DateTimeField(null=True, blank=True)
    # Null: it is on.
    until_on = models.DateField(null=True, blank=True)
    # Null: it is on; or it was switched off while the whole last day still counted.
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["programme", "from_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme"],
                condition=Q(until_on=None),
                name="programme_on_once",
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")),
                name="programme_period_order",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(until_on__isnull=False),
                name="programme_period_end",
            ),
            models.CheckConstraint(
                condition=Q(began_at=None)
                | Q(ended_at=None)
                | Q(ended_at__gte=F("began_at")),
                name="programme_period_moments",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} from {self.from_on}"


class ProgrammeReward(models.Model):
    """A reward that members may take, and what it takes from their balance. Of a punch
    card: what a full card is good for."""

    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="offers"
    )
    reward = models.ForeignKey(Reward, on_delete=models.PROTECT, related_name="+")
    price = models.DecimalField(max_digits=18, decimal_places=MOST_PLACES)

    class Meta:
        ordering = ["programme", "price", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "reward"], name="programme_reward_once"
            ),
            models.CheckConstraint(
                condition=Q(price__gt=0), name="programme_reward_price"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id}: {self.reward_id} for {self.price}"


class HandLimit(models.Model):
    """How much a role may add or take by hand from one member in a day. A role without
    a row may do neither."""

    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="hand_limits"
    )
    role = models.CharField(max_length=8, choices=pairs(Role))
    most = models.DecimalField(max_digits=18, decimal_places=MOST_PLACES)

    class Meta:
        ordering = ["programme", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "role"], name="hand_limit_once"
            ),
            choice_check("role", Role, name="hand_limit_role"),
            models.CheckConstraint(condition=Q(most__gt=0), name="hand_limit_most"),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id}: {self.role} up to {self.most}"
