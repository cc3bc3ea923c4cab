"""What the errors of messages say to a person."""

from django.utils.translation import gettext_lazy as _

from web import error_messages

error_messages.register(
    sentences={
        "mail_on_its_way": _(
            "A mail to this person is leaving at this moment. Nothing was changed; try"
            " again in a minute."
        ),
    },
    general={
        "unknown_placeholder": _(
            "Use only the words in braces that belong to this field"
        ),
    },
)
