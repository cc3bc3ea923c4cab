"""What the errors of loyalty say to a person."""

from django.utils.translation import gettext_lazy as _

from web import error_messages

error_messages.register(
    sentences={
        "campaign_is_going": _(
            "This campaign is going. Nothing was changed; stop it first."
        ),
        "campaign_is_over": _(
            "This campaign is over and stays as it was. Copy it to make a new one."
        ),
        "campaign_is_once": _(
            "A campaign has one mail. Make another one for what follows; nothing was"
            " changed."
        ),
        "campaign_not_started": _(
            "A campaign is started from its own page, where its day is set. Nothing was"
            " sent."
        ),
        "campaign_has_no_day": _("Say first on which day it goes. Nothing was sent."),
        "campaign_day_past": _("This day is over. Choose another one."),
        "campaign_hour_past": _(
            "Its hour is over today. Nothing was sent: choose another day, or send"
            " it at once."
        ),
        "campaign_has_no_words": _(
            "Write its subject and text first, at least in the shop’s language. Nothing"
            " was sent."
        ),
        "campaign_needs_yes": _(
            "So many people need the yes of a manager or owner. Nothing was sent; ask"
            " for it."
        ),
        "request_answered": _(
            "This question was answered or taken back meanwhile. Nothing was changed."
        ),
        "own_request": _("Somebody else has to answer this. Nothing was changed."),
        "name_day_calendar_exists": _(
            "There is a calendar of that name already. Nothing was changed."
        ),
    },
)
