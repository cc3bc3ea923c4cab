"""The texts of each step of a kind, and the plain mail of words that later steps are.

Every mail has a preview line, a picture and words of an offer beside the texts of its
kind; those of the offer go in marketing mail alone.
"""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from messaging.wording_fields import WordingField

if TYPE_CHECKING:
    from messaging.kinds import Kind

TEMPLATE = "emails/messaging/words"
OFFER = "offer"
PICTURE, PICTURE_ALT = "picture", "picture_alt"
_NAMES = ("first_name", "shop")
_EVERY_MAIL = (
    WordingField("preheader", _("Preview line"), "", _NAMES),
    WordingField(PICTURE, _("Picture"), "", is_picture=True),
    WordingField(PICTURE_ALT, _("What the picture shows"), ""),
    WordingField(OFFER, _("Offer"), "", _NAMES, long=True),
)


def plain_mail(
    *, subject: object, heading: object, text: object
) -> tuple[WordingField, ...]:
    """The texts of a mail of words, with these (lazy) as the product's own."""
    return (
        WordingField("subject", _("Subject"), subject, _NAMES),
        WordingField("heading", _("Heading"), heading, _NAMES),
        WordingField("text", _("Text"), text, _NAMES, long=True),
        WordingField("button", _("Button"), ""),
        WordingField("link", _("Where the button leads"), "", is_url=True),
    )


# Of a step that staff put behind the others: good for any occasion, and it asks for
# nothing but an answer.
_ADDED = plain_mail(
    subject=_("{first_name}, is everything all right?"),
    heading=_("Is everything all right?"),
    text=_(
        "A while ago we wrote to you. If anything is not as it should be, or if you "
        "have a question, tell us: we read every word and we answer."
    ),
)


def fields_of(kind: "Kind", origin: int) -> tuple[WordingField, ...]:
    """All texts that staff may reword in a step of this origin, as a form has them;
    none of a kind whose words are fixed."""
    own = _own_fields(kind, origin)
    if not own:
        return ()
    subject, *others = own
    *first, offer = _EVERY_MAIL
    return (subject, *first, *others, offer)


def template_of(kind: "Kind", origin: int) -> str:
    """The template of such a step, without its ending."""
    return kind.template if origin == 1 else TEMPLATE


def _own_fields(kind: "Kind", origin: int) -> tuple[WordingField, ...]:
    if origin == 1:
        return kind.wording
    suggested = kind.following[origin - 2 : origin - 1] if origin else ()
    return suggested[0].wording if suggested else _ADDED
