"""What the shop gives: the catalogue of rewards, its words, and what it cost a year."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from crm.access import Role
from crm.models import Product, User
from crm.models.fields import choice_check, pairs
from loyalty.choices import Fulfilment, LimitSpan, RewardKind
from web.rules.money import MOST_PLACES

LONGEST_LIFE = 1_825
MOST_DAYS_TO_DO = 365


class Reward(models.Model):
    """A reward of the catalogue. Its row is the lock under which stock and budget are
    taken: `services/stock.py` alone counts them."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=13, choices=pairs(RewardKind))
    fulfilment = models.CharField(max_length=4, choices=pairs(Fulfilment))
    # Mails with it are marketing.
    is_offer = models.BooleanField(default=False, db_default=False)
    # Whether it may be used in one order together with another offer, and automations
    # give it to people who have one already.
    stacks = models.BooleanField(default=False, db_default=False)
    # What one costs the shop.
    cost = models.DecimalField(
        max_digits=18, decimal_places=MOST_PLACES, default=0, db_default=0
    )
    currency = models.CharField(max_length=3)
    # How many there are in all; null: as many as are wanted.
    stock = models.PositiveIntegerField(null=True, blank=True)
    # How many of them are promised or given.
    taken = models.PositiveIntegerField(default=0, db_default=0)
    # What it may cost in a calendar year; null: without a bound.
    yearly_budget = models.DecimalField(
        max_digits=18, decimal_places=MOST_PLACES, null=True, blank=True
    )
    # Null: one person may have it any number of times.
    limit_per_customer = models.PositiveSmallIntegerField(
        null=True, blank=True, default=1, db_default=1
    )
    limit_span = models.CharField(
        max_length=8,
        choices=pairs(LimitSpan),
        default=LimitSpan.CALENDAR_YEAR.value,
        db_default=LimitSpan.CALENDAR_YEAR.value,
    )
    # The days it is good for, by the shop's own calendar; null: it does not run out.
    life_days = models.PositiveSmallIntegerField(null=True, blank=True)
    # Where somebody of the team does it: within how many days, and who, unless another
    # takes it.
    days_to_do = models.PositiveSmallIntegerField(default=7, db_default=7)
    doer = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Who may give it by hand.
    roles = ArrayField(
        models.CharField(max_length=8), default=list, db_default=[], blank=True
    )
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    amount = models.DecimalField(
        max_digits=18, decimal_places=MOST_PLACES, null=True, blank=True
    )
    # The least order that it counts for.
    minimum = models.DecimalField(
        max_digits=18, decimal_places=MOST_PLACES, null=True, blank=True
    )
    # None: it counts for all.
    products = models.ManyToManyField(Product, blank=True, related_name="+")
    # Put away: nobody gets it any more, and what was given stays good.
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(archived_at=None),
                name="reward_name_once",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="reward_has_name"),
            choice_check("kind", RewardKind, name="reward_kind"),
            choice_check("fulfilment", Fulfilment, name="reward_fulfilment"),
            models.CheckConstraint(
                condition=Q(stock=None) | Q(taken__lte=F("stock")),
                name="reward_in_stock",
            ),
            models.CheckConstraint(
                condition=Q(cost__gte=0)
                & (Q(yearly_budget=None) | Q(yearly_budget__gte=0))
                & (Q(minimum=None) | Q(minimum__gte=0)),
                name="reward_money",
            ),
            # A discount takes off a share or an amount, and nothing else takes any.
            models.CheckConstraint(
                condition=Q(
                    kind=RewardKind.DISCOUNT.value,
                    percent__gt=0,
                    percent__lte=100,
                    percent__isnull=False,
                    amount=None,
                    is_offer=True,
                )
                | Q(
                    kind=RewardKind.DISCOUNT.value,
                    percent=None,
                    amount__gt=0,
                    amount__isnull=False,
                    is_offer=True,
                )
                | Q(~Q(kind=RewardKind.DISCOUNT.value), percent=None, amount=None),
                name="reward_discount",
            ),
            models.CheckConstraint(
                condition=Q(limit_per_customer=None) | Q(limit_per_customer__gte=1),
                name="reward_limit",
            ),
            choice_check("limit_span", LimitSpan, name="reward_limit_span"),
            models.CheckConstraint(
                condition=Q(life_days=None) | Q(life_days__range=(1, LONGEST_LIFE)),
                name="reward_life_days",
            ),
            models.CheckConstraint(
                condition=Q(days_to_do__range=(0, MOST_DAYS_TO_DO)),
                name="reward_days_to_do",
            ),
            models.CheckConstraint(
                condition=Q(roles__contained_by=[role.value for role in Role]),
                name="reward_roles",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def wording(self) -> "dict[str, RewardWords]":
        """What customers read of it, by language; one query, or none where `words`
        were prefetched."""
        return {row.language: row for row in self.words.all()}

    @property
    def has_code(self) -> bool:
        """Whether whoever gets it gets a code."""
        return self.fulfilment in {Fulfilment.CODE.value, Fulfilment.POOL.value}

    @property
    def is_alone(self) -> bool:
        """Whether nobody gets it whose other offer is still good."""
        return self.is_offer and not self.stacks

    @property
    def is_by_hand(self) -> bool:
        """Whether somebody of the team does it."""
        return not self.has_code

    @property
    def left(self) -> int | None:
        """How many are left; None: as many as are wanted."""
        return None if self.stock is None else self.stock - self.taken


class RewardWords(models.Model):
    """What customers read of a reward in one language."""

    reward = models.ForeignKey(Reward, on_delete=models.CASCADE, related_name="words")
    language = models.CharField(max_length=10)
    # Empty: our own word for it.
    name = models.CharField(max_length=120, blank=True)
    terms = models.CharField(max_length=1_000, blank=True)
    # What the card or letter says, with placeholders (rules/cards.py).
    card = models.CharField(max_length=2_000, blank=True, default="", db_default="")

    class Meta:
        ordering = ["reward", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["reward", "language"], name="reward_words_once"
            ),
            models.CheckConstraint(
                condition=~Q(name="", terms="", card=""),
                name="reward_words_say_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reward_id} {self.language}"


class RewardYear(models.Model):
    """What a reward has cost in a calendar year of the shop."""

    reward = models.ForeignKey(Reward, on_delete=models.CASCADE, related_name="years")
    year = models.PositiveSmallIntegerField()
    given = models.PositiveIntegerField(default=0, db_default=0)
    spent = models.DecimalField(
        max_digits=18, decimal_places=MOST_PLACES, default=0, db_default=0
    )

    class Meta:
        ordering = ["reward", "-year"]
        constraints = [
            models.UniqueConstraint(fields=["reward", "year"], name="reward_year_once"),
            models.CheckConstraint(condition=Q(spent__gte=0), name="reward_year_spent"),
        ]

    def __str__(self) -> str:
        return f"{self.reward_id} {self.year}"
