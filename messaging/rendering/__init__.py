"""Subject, text and HTML of a mail: Django's templates, rendered once for all.

HOW TO WRITE A MAIL. A kind with `template = "emails/loyalty/anniversary"` has three
Django templates, of these names:

    anniversary.subject.txt   one line                   {{ wording.subject }}
    anniversary.txt           {% extends "emails/base.txt" %}
    anniversary.mjml          {% extends "emails/base.mjml" %}

The base gives the shop's name, the greeting, the sign-off, why you got this, the stop
link, the preference link and the postal address. Blocks of both bases, in order:

    preheader (mjml only)  the line that inboxes show after the subject
    body                   inside one column: <mj-text>, {% include %}s
    sections (mjml only)   whole <mj-section>s between body and after
    after                  inside one column, before the sign-off
    own_page               the link to their points and cards, for members

WHAT A TEMPLATE MAY USE.

    wording.NAME      staff's words for the field NAME of kind.wording, or its default
                      in the customer's language; placeholders are filled already
    links.NAME        absolute URL of MailContext.links[NAME]; "?score=9" may follow
    words.NAME        MailContext.words, and words.first_name, words.shop
    NAME              MailContext.values
    first_name, shop, from_name, reply_to, postal_address, footer_reason,
    stop_url, preferences_url, contact_url, member_url ("" where the mail has none),
    subject (mjml)
    names_shop        whether from_name contains the shop's name
    lang, dir, start, end, font, stop_label   constants of the language: fine in the
                      attributes of MJML (`align="{{ start }}"`)

    picture           url, alt and width (pixels) of the picture of its step, or
                      nothing; the bases show it above the greeting
    gift              name, code, until and terms of the gift of its step, or nothing;
                      the bases write it (emails/_gift)

Partials: {% include "emails/_button.mjml" with url=links.answer label=wording.button %}
(inside a column), {% include "emails/_scores.mjml" with url=links.answer %} (in the
block `sections`: eleven links to url?score=0 ... 10, mirrored in right-to-left mails).

All of Django's template language is there; translation needs no {% load %}. What comes
out is made once for everybody whose values are filled alike, so a template sees places
instead of words (messaging/rendering/places.py): it may write a string and ask whether
there is one (`if`, `|default:`). To compare or filter it raises TemplateSyntaxError:
the kind does what needs that. Numbers and dates are seen as they are, and each value is
a layout of its own: better a string. Names of people and products go in <bdi>. No query
while rendering: values are plain.
"""

from messaging.rendering.filling import language_of, render, sample
from messaging.rendering.rendered import MailUrls, Rendered

__all__ = ["MailUrls", "Rendered", "language_of", "render", "sample"]
