"""The texts of a mail that opens, lists something, closes and has one button."""

from django.utils.translation import gettext_lazy as _

from messaging.kinds import WordingField


def letter_words(
    subject: object,
    opening: object,
    closing: object,
    *,
    button: object,
    asked: tuple[str, ...],
) -> tuple[WordingField, ...]:
    """What staff may reword, by its defaults; `asked`: the placeholders of all but the
    button."""
    return (
        WordingField("subject", _("Subject"), subject, asked),
        WordingField("opening", _("Opening"), opening, asked, long=True),
        WordingField("closing", _("Closing words"), closing, asked, long=True),
        WordingField("button", _("Button"), button),
    )
