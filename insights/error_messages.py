"""What the errors of reports say to a person."""

from django.utils.translation import gettext_lazy as _

from web import error_messages

error_messages.register(
    general={
        "before_from": _("This day lies before the first one"),
        "not_end_of_month": _("Enter the last day of a month"),
        "not_of_this_report": _("This report cannot be narrowed by that"),
        "not_with_segment": _("Ask by value or of a segment, not both"),
    },
)
