"""Members of staff and their login."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from crm.access import NEED_SECOND_FACTOR, Capability, Role, allows
from crm.models.fields import choice_check, pairs


class UserManager(BaseUserManager["User"]):
    """Makes accounts of staff, which sign in by their address."""

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
        """The user with this address, in whatever capitals."""
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
        """Whether the role has this capability; an inactive user has none."""
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
        """Asked by the admin. Each ModelAdmin decides what may be changed."""
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff
