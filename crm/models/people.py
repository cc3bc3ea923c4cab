"""Customers and their tags."""

from datetime import date

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from crm.models.fields import (
    NameKey,
    NameWords,
    PhoneDigits,
    PostcodeKey,
    choice_check,
    pairs,
)
from crm.models.users import User
from crm.rules import names
from crm.rules.choices import SinceFrom
from web.addresses import address


class Tag(models.Model):
    """A word that staff put on customers; capitals make no other tag."""

    name = models.CharField(max_length=60)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="tag_name_once")]

    def __str__(self) -> str:
        return self.name


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Customers, with the sets that most code asks for."""

    def live(self) -> "CustomerQuerySet":
        """Neither merged away nor erased."""
        return self.filter(merged_into=None, erased_at=None)


LIVE = Q(merged_into=None, erased_at=None)


class Customer(models.Model):
    """Somebody we serve. Emails are not unique: families and offices share them.

    sort_name and email_norm are computed by crm/rules/names.py, search_text by
    crm/rules/search.py, in the services and in the import alike, never anywhere else.
    """

    source = models.CharField(max_length=40, default="main", db_default="main")
    external_id = models.CharField(max_length=120)
    given_name = models.CharField(max_length=120, blank=True)
    family_name = models.CharField(max_length=120, blank=True)
    greeting_name = models.CharField(max_length=120, blank=True)
    sort_name = models.CharField(max_length=260, blank=True)
    search_text = models.TextField(blank=True)
    email = models.CharField(max_length=254, blank=True)
    email_norm = models.CharField(max_length=254, blank=True)
    phone_e164 = models.CharField(max_length=20, blank=True)
    phone_text = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=10, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    country = models.CharField(max_length=2, blank=True)
    # The postal address, with the country: crm/rules/postal.py makes a label of it.
    recipient = models.CharField(max_length=200, blank=True, default="", db_default="")
    street = models.CharField(max_length=200, blank=True, default="", db_default="")
    street_extra = models.CharField(
        max_length=200, blank=True, default="", db_default=""
    )
    postcode = models.CharField(max_length=20, blank=True, default="", db_default="")
    city = models.CharField(max_length=120, blank=True, default="", db_default="")
    region = models.CharField(max_length=120, blank=True, default="", db_default="")
    birth_month = models.PositiveSmallIntegerField(null=True, blank=True)
    birth_day = models.PositiveSmallIntegerField(null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    birth_recorded_at = models.DateTimeField(null=True, blank=True)
    since_on = models.DateField(null=True, blank=True)
    since_from = models.CharField(
        max_length=12,
        choices=pairs(SinceFrom),
        default=SinceFrom.ENTERED.value,
        db_default=SinceFrom.ENTERED.value,
    )
    heard_from = models.CharField(max_length=60, blank=True)
    heard_text = models.CharField(max_length=300, blank=True)
    owner = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    organisation = models.CharField(max_length=200, blank=True)
    # On what ground we may send surveys and reminders to somebody without an order.
    mail_ground = models.CharField(
        max_length=300, blank=True, default="", db_default=""
    )
    notes = models.TextField(blank=True)
    custom = models.JSONField(default=dict, db_default={}, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, db_table="crm_customer_tags")
    first_order_on = models.DateField(null=True, blank=True)
    last_order_on = models.DateField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    erased_at = models.DateTimeField(null=True, blank=True)
    last_import = models.ForeignKey(
        "crm.ImportRun",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], name="customer_external_once"
            ),
            models.CheckConstraint(
                condition=Q(birth_month=None, birth_day=None)
                | Q(birth_month__in=[1, 3, 5, 7, 8, 10, 12], birth_day__range=(1, 31))
                | Q(birth_month__in=[4, 6, 9, 11], birth_day__range=(1, 30))
                | Q(birth_month=2, birth_day__range=(1, 29)),
                name="customer_birthday_exists",
            ),
            models.CheckConstraint(
                condition=Q(birth_year=None) | Q(birth_year__range=(1900, 2100)),
                name="customer_birth_year",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
                name="customer_not_merged_into_itself",
            ),
            choice_check("since_from", SinceFrom, name="customer_since_from"),
        ]
        indexes = [
            # The customer list and its pages: keyset on (sort_name, id).
            models.Index(
                fields=["sort_name", "id"], condition=LIVE, name="customer_by_name"
            ),
            # The same list of one owner.
            models.Index(
                fields=["owner", "sort_name", "id"],
                condition=LIVE & Q(owner__isnull=False),
                name="customer_by_owner",
            ),
            # Search by any part of a name, organisation or number.
            GinIndex(
                OpClass("search_text", name="gin_trgm_ops"), name="customer_search"
            ),
            # Search by any part of a telephone number, as written in whatever form.
            GinIndex(
                OpClass(PhoneDigits("phone_text"), name="gin_trgm_ops"),
                name="customer_phone_digits",
            ),
            # Search by address and phone, by prefix.
            models.Index(
                OpClass("email_norm", name="text_pattern_ops"), name="customer_email"
            ),
            models.Index(
                OpClass("phone_e164", name="text_pattern_ops"), name="customer_phone"
            ),
            models.Index(
                OpClass("external_id", name="text_pattern_ops"),
                name="customer_external",
            ),
            # Whether somebody new is a colleague who is here already.
            models.Index(
                Lower("organisation"),
                condition=LIVE & ~Q(organisation=""),
                name="customer_company",
            ),
            # The same of a neighbour.
            models.Index(
                PostcodeKey("postcode"),
                condition=LIVE & ~Q(postcode=""),
                name="customer_postcode",
            ),
            # The anniversary sweep asks by month and day, that of milestones by the
            # years, too: one customer in many of those who share a day has one.
            models.Index(
                F("since_on__month") * 100 + F("since_on__day"),
                F("since_on"),
                condition=LIVE,
                name="customer_since_day",
            ),
            # The sweep of first orders asks by month and day.
            models.Index(
                F("first_order_on__month") * 100 + F("first_order_on__day"),
                condition=LIVE,
                name="customer_first_order_day",
            ),
            # The sweep of days in fields that staff made asks by field and day.
            GinIndex(
                OpClass("custom", name="jsonb_path_ops"),
                condition=LIVE & ~Q(custom={}),
                name="customer_custom",
            ),
            # The sweep of name days asks by given name.
            models.Index(
                NameKey("given_name"),
                condition=LIVE & ~Q(given_name=""),
                name="customer_name_day",
            ),
            # And by each word of the few that have several.
            GinIndex(
                NameWords("given_name"),
                condition=LIVE & Q(given_name__regex="[ -]"),
                name="customer_several_names",
            ),
            # The birthday sweep asks by month and day.
            models.Index(
                F("birth_month") * 100 + F("birth_day"),
                condition=LIVE,
                name="customer_birthday",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.external_id

    def get_absolute_url(self) -> str:
        """The customer's page for staff, which is the desk's."""
        return address(settings.CUSTOMER_PAGE, self.pk)

    @property
    def full_name(self) -> str:
        return names.full_name(self.given_name, self.family_name)

    @property
    def is_live(self) -> bool:
        return self.merged_into_id is None and self.erased_at is None

    @property
    def has_mail_ground(self) -> bool:
        """Anyone who bought something needs no words; `messaging/sql/planning.py` asks
        the same of the columns."""
        return self.first_order_on is not None or bool(self.mail_ground)

    def years_on(self, today: date) -> int | None:
        """Whole years as a customer, or None where the day is unknown."""
        if self.since_on is None or today < self.since_on:
            return None
        had_day = (today.month, today.day) >= (self.since_on.month, self.since_on.day)
        return today.year - self.since_on.year - (0 if had_day else 1)
