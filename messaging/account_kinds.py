"""The mails of accounts: a link that lets a member of staff choose a password.

Anyone who holds such a link holds the account. So it is made when the mail is written,
afresh at each attempt, and no copy of the mail is kept.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from crm import selectors
from crm.models import Business, User
from crm.services import account_links
from messaging.kinds import DirectKind, MailContext, register
from messaging.models import Message
from messaging.rendering import language_of
from messaging.rules.choices import OnUncertain


class AccountKind(DirectKind):
    """A mail to a colleague about their own account; its body is not kept."""

    # Two links are no harm; none is.
    on_uncertain = OnUncertain.RESEND
    priority = 1
    keeps_body = False
    not_kept = _(
        "Its link opens an account: the mail is written when it goes, and never kept or"
        " shown here."
    )

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        shop, names = selectors.business(), _inviters(messages)
        found: dict[int, MailContext] = {}
        for message in messages:
            if message.user is None:
                continue
            with override(language_of(message, shop)):
                found[message.pk] = self.context(
                    shop,
                    url=self.url(message.user),
                    email=message.user.email,
                    by=names.get(message.why.get("by"), ""),
                )
        return found

    def sample(self, language: str, now: datetime) -> MailContext:
        shop = selectors.business()
        with override(language):
            return self.context(
                shop, url=shop.public_url, email="dana@example.org", by="Noa"
            )

    def url(self, user: User) -> str:
        """The absolute link, made now."""
        raise NotImplementedError

    def button(self) -> str:
        """What the link does, in the language that is active."""
        raise NotImplementedError

    def footer(self, shop: Business) -> str:
        """Why they get this mail, in the language that is active."""
        raise NotImplementedError

    def context(self, shop: Business, *, url: str, email: str, by: str) -> MailContext:
        return MailContext(
            values={"url": url, "email": email, "by": by, "button": self.button()},
            footer_reason=self.footer(shop),
        )


class PasswordReset(AccountKind):
    """A link to choose a new password."""

    name = "password_reset"
    label = _("New password")
    summary = _("A link to choose a new password, for who asked at the sign-in page.")
    template = "emails/accounts/password_reset"
    life = timedelta(hours=1)

    def url(self, user: User) -> str:
        return account_links.reset_url(user)

    def button(self) -> str:
        return gettext("Choose a new password")

    def footer(self, shop: Business) -> str:
        return gettext(
            "You get this mail because your address was entered on the sign-in page of"
            " %(shop)s."
        ) % {"shop": shop.name}

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        words = gettext("Somebody asked for a new password on the sign-in page")
        return {message.pk: words for message in messages}


class Invitation(AccountKind):
    """A link for a new colleague to choose their first password."""

    name = "invitation"
    label = _("Invitation")
    summary = _("A link for a new colleague to choose their first password.")
    template = "emails/accounts/invitation"
    life = timedelta(days=7)

    def url(self, user: User) -> str:
        return account_links.invitation_url(user)

    def button(self) -> str:
        return gettext("Choose a password")

    def footer(self, shop: Business) -> str:
        return gettext(
            "You get this mail because a colleague at %(shop)s gave your address."
        ) % {"shop": shop.name}

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        names = _inviters(messages)
        found = {}
        for message in messages:
            by = names.get(message.why.get("by"))
            text = gettext("Invited by %(name)s") % {"name": by}
            found[message.pk] = text if by else gettext("Invited")
        return found


def _inviters(messages: Sequence[Message]) -> dict[int | None, str]:
    ids = {message.why["by"] for message in messages if message.why.get("by")}
    return {user.pk: user.name for user in User.objects.filter(pk__in=ids)}


register(PasswordReset())
register(Invitation())
