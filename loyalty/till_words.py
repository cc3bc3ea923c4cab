"""When and where a code was used, in the words of whoever stands at a till."""

from django.utils import timezone
from django.utils.translation import gettext as _

from loyalty.choices import RedeemedBy
from loyalty.models import Redemption
from web import formats


def when_and_where(redemption: Redemption) -> str:
    """ "On 29 November at 14:32, at the till by Noa"."""
    at = redemption.redeemed_at or redemption.made_at
    when = _("on %(day)s at %(clock)s") % {
        "day": formats.full_day(timezone.localtime(at)),
        "clock": formats.clock(at),
    }
    return _("%(when)s, %(where)s") % {"when": when, "where": _where(redemption)}


def _where(redemption: Redemption) -> str:
    if redemption.via == RedeemedBy.TILL.value:
        if redemption.user is None:
            return _("at the till")
        return _("at the till by %(name)s") % {"name": redemption.user.name}
    return _("with order %(order)s") % {"order": redemption.order_key}
