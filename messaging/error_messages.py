"""What the errors of messages say to a person."""

from django.utils.translation import gettext_lazy as _

from web import error_messages

error_messages.register(
    sentences={
        "mail_on_its_way": _(
            "A mail to this person is leaving at this moment. Nothing was changed; try"
            " again in a minute."
        ),
        "complaint_stands": _(
            "Whoever reads mail there complained, or was erased: that stays. Nothing"
            " was changed."
        ),
        "automation_archived": _("This automation is archived. Restore it first."),
        "automation_is_on": _("This automation is on. Switch it off first."),
        "automation_used": _(
            "This automation was switched on once, or is the only one of its kind. It "
            "cannot be deleted; archive it instead."
        ),
        "holdout_not_here": _(
            "Somebody waits for this mail, or it asks and does not sell: nobody is held"
            " out of it. Nothing was changed."
        ),
        "too_many_steps": _(
            "An automation of this kind has no more steps than these. Nothing was "
            "changed; change one of them, or remove one first."
        ),
        "last_step_offers": _(
            "The last mail of this automation asks and must not hold an offer, nor "
            "give one. Nothing was changed; put the offer into an earlier step."
        ),
        "first_step_stays": _(
            "The first step is what this automation is about, so it stays the first. "
            "Nothing was changed."
        ),
        "step_gone": _("Somebody removed this step meanwhile. Nothing was changed."),
    },
    of_field={("weekdays", "required"): _("Choose one day at least")},
    general={
        "unknown_placeholder": _(
            "Use only the words in braces that belong to this field"
        ),
        "template_code": _(
            "A word in braces stands alone, as in {first_name}: double braces, and "
            "what stands behind a | or a dot, would be sent as they are typed"
        ),
        "alt_missing": _(
            "Say in a few words what the picture shows: many programs hold pictures "
            "back, and some people hear their mail"
        ),
        "picture_gone": _("This picture is no longer there. Choose it once more"),
        "not_a_picture": _(
            "This is no whole picture of a kind that every mail program shows. "
            "Choose a JPEG, PNG or GIF"
        ),
        "picture_too_big": _(
            "This picture has more than 700 kB. Save it smaller, at most 1,104 pixels "
            "wide, and choose it again"
        ),
        "picture_too_wide": _(
            "This picture has more than 4,000 pixels on a side. Make it smaller and "
            "choose it again"
        ),
        "not_an_address": _("Enter an address that begins with https://"),
    },
)
