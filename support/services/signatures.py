"""What stands below the mails of a colleague."""

from crm.models import User
from support.models import Signature
from web.rules import text

MOST = 2_000


def below(user: User) -> str:
    """The signature as it begins a draft: behind the line that mail programs know."""
    words = of(user)
    return f"\n\n-- \n{words}" if words else ""


def of(user: User) -> str:
    """The words alone; empty where they have none."""
    found = Signature.objects.filter(user=user).values_list("text", flat=True)
    return found.first() or ""


def save(user: User, *, words: str) -> None:
    """Keep it; empty words take it away."""
    cleaned = text.many_lines(words, field="signature", most=MOST)
    Signature.objects.update_or_create(user=user, defaults={"text": cleaned})
