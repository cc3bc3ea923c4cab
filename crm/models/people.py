"""Staff and customers."""

from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.crypto import salted_hmac

from crm.access import NEED_SECOND_FACTOR, Capability, Role, allows
from crm.models.fields import PhoneDigits, choice_check, pairs
from crm.rules import names
from crm.rules.choices import SinceFrom


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        return self.create_user(
            email, password, **{"role": Role.OWNER.value, "name": "Owner", **fields}
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username or "")


class User(AbstractBaseUser):
    """A member of staff; the email address is the login."""

    # Kept in lower case, so that one address is one login.
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(
        max_length=10,
        choices=pairs(Role),
        default=Role.AGENT.value,
        db_default=Role.AGENT.value,
    )
    language = models.CharField(max_length=10, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    theme = models.CharField(max_length=5, blank=True)
    single_keys = models.BooleanField(default=True, db_default=True)
    is_active = models.BooleanField(default=True, db_default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    # The key that an authenticator app shares with us; empty: no second factor.
    totp_secret = models.CharField(max_length=64, blank=True, default="", db_default="")
    # The time step of the last code taken: each works once.
    totp_step = models.BigIntegerField(default=0, db_default=0)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="user_email_lower"
            ),
            choice_check("role", Role, name="user_role"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def can(self, capability: Capability) -> bool:
        return self.is_active and allows(self.role, capability)

    @property
    def has_second_factor(self) -> bool:
        return bool(self.totp_secret)

    @property
    def lacks_second_factor(self) -> bool:
        """Whether they must set one up before anything else."""
        return (
            settings.REQUIRE_SECOND_FACTOR
            and self.role in NEED_SECOND_FACTOR
            and not self.has_second_factor
        )

    @property
    def is_invited(self) -> bool:
        """Invited, and has not chosen a password yet."""
        return not self.has_usable_password()

    def get_session_auth_hash(self) -> str:
        """What a session is bound to: it ends when the password or the second factor
        is another one. As it always was for whoever has no second factor."""
        if not self.totp_secret:
            return super().get_session_auth_hash()
        salt = "crm.User.get_session_auth_hash"
        bound = f"{self.password} {self.totp_secret}"
        return salted_hmac(salt, bound, algorithm="sha256").hexdigest()

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """None: a key is changed because somebody may know it, and sessions end with
        it. The links in mails go on by SECRET_KEY_FALLBACKS."""
        return iter(())

    @property
    def is_staff(self) -> bool:
        return self.can(Capability.USE_ADMIN)

    @property
    def is_superuser(self) -> bool:
        return self.is_active and self.role == Role.OWNER.value

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """The admin's question. What it may change is said in each ModelAdmin."""
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class Tag(models.Model):
    name = models.CharField(max_length=60)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="tag_name_once")]

    def __str__(self) -> str:
        return self.name


class CustomerQuerySet(models.QuerySet["Customer"]):
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
            # The anniversary sweep asks by month and day.
            models.Index(
                F("since_on__month") * 100 + F("since_on__day"),
                condition=LIVE,
                name="customer_since_day",
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
        return reverse(settings.CUSTOMER_PAGE, args=[self.pk])

    @property
    def full_name(self) -> str:
        return names.full_name(self.given_name, self.family_name)

    @property
    def is_live(self) -> bool:
        return self.merged_into_id is None and self.erased_at is None

    def years_on(self, today: date) -> int | None:
        """Whole years as a customer, or None where the day is unknown."""
        if self.since_on is None or today < self.since_on:
            return None
        had_day = (today.month, today.day) >= (self.since_on.month, self.since_on.day)
        return today.year - self.since_on.year - (0 if had_day else 1)
