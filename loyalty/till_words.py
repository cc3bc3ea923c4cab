"""What whoever stands at a till reads of a code: its terms, when and where it was
used."""

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm import selectors as crm
from loyalty.choices import RedeemedBy
from loyalty.models import Redemption, Reward
from web import formats


def when_and_where(redemption: Redemption) -> str:
    """ "On 29 November at 14:32, at the till by Noa"."""
    at = redemption.redeemed_at or redemption.made_at
    when = _("on %(day)s at %(clock)s") % {
        "day": formats.full_day(timezone.localtime(at)),
        "clock": formats.clock(at),
    }
    return _("%(when)s, %(where)s") % {"when": when, "where": _where(redemption)}


def terms(reward: Reward, language: str) -> str:
    """Staff's own terms as whoever stands at the till reads them best; else as the
    customer with this language read them, else in any language at all."""
    written = {one.language: one.terms for one in reward.words.all() if one.terms}
    wanted = (get_language() or "", crm.business().language, language)
    found = next((written[one] for one in wanted if one in written), "")
    return found or next(iter(written.values()), "")


def _where(redemption: Redemption) -> str:
    if redemption.via == RedeemedBy.TILL.value:
        if redemption.user is None:
            return _("at the till")
        return _("at the till by %(name)s") % {"name": redemption.user.name}
    return _("with order %(order)s") % {"order": redemption.order_key}
