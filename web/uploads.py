"""The one entry point for bodies larger than a form: files that people bring in, and
mail that a provider posts.

Such a body is received only for an address that holds a ticket: the signature of this
server over the number of a colleague (0 for a visitor of the contact form), handed out
by the page with the form. So nobody else makes us write files, and the loop of the web
server, which must not ask the database, can tell. Whether that colleague still may is
the view's to ask.
"""

import re

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.signing import BadSignature, Signer, TimestampSigner
from django.http import HttpRequest

# The form may have stood open since yesterday.
TICKET_SECONDS = 24 * 60 * 60
# Of a body: the parts of a form around the file.
FRAME = 64 * 1024
# A body that is too large is received and thrown away up to here, so that its sender
# gets an answer in words: browsers show a reset connection otherwise.
MOST_DISCARDED = 2 * 1024**3

_SALT = "web.uploads"
_TICKET = r"([0-9A-Za-z:_\-]{1,200})"
_IMPORT = re.compile(rf"/imports/upload/{_TICKET}/")
_CONTACT = re.compile(rf"/contact/(?:[0-9a-z-]{{1,60}}/)?send/{_TICKET}/")
_MAIL_FILE = re.compile(rf"/(?:drafts|settings/replies)/[0-9]+/files/{_TICKET}/")
# The files of one mail: more is taken by no mail server.
MAIL_FILES_MAX_BYTES = 15 * 1024 * 1024
CONTACT_FILE_MAX_BYTES = 10 * 1024 * 1024
# In whose name a visitor's form has a ticket: no colleague has this number.
VISITOR = 0
_WEBHOOK = re.compile(rf"/webhooks/mail/{_TICKET}/")
# The largest mail that is kept, as base64 in JSON.
WEBHOOK_MAX_BYTES = 85 * 1024 * 1024
_WEBHOOK_SALT = "web.mail-webhook"


def ticket_for(user_pk: int) -> str:
    """The part of an address by which this colleague may send a file."""
    return TimestampSigner(salt=_SALT).sign(str(user_pk))


def owner_of(ticket: str) -> int | None:
    """Whose ticket this is; None for one that is not ours, or too old."""
    try:
        signed = TimestampSigner(salt=_SALT).unsign(ticket, max_age=TICKET_SECONDS)
        return int(signed)
    except (BadSignature, ValueError):
        return None


def webhook_ticket() -> str:
    """The part of an address by which a mail provider may post to us; it never ends."""
    return Signer(salt=_WEBHOOK_SALT).sign("mail")


def is_webhook_ticket(ticket: str) -> bool:
    """Whether this is that part, by the present or an earlier SECRET_KEY."""
    try:
        return Signer(salt=_WEBHOOK_SALT).unsign(ticket) == "mail"
    except BadSignature:
        return False


def has_ticket(path: str) -> bool:
    """Whether this address is one of uploads, with a ticket that holds."""
    return _limit(path) is not None


def _limit(path: str) -> int | None:
    """The largest file that this address takes; None without a ticket that holds."""
    limits = (
        (_IMPORT, settings.UPLOAD_MAX_BYTES),
        (_MAIL_FILE, MAIL_FILES_MAX_BYTES),
        (_CONTACT, CONTACT_FILE_MAX_BYTES),
    )
    for address, most in limits:
        found = address.match(path)
        if found is not None and owner_of(found[1]) is not None:
            return int(most)
    posted = _WEBHOOK.match(path)
    return WEBHOOK_MAX_BYTES if posted and is_webhook_ticket(posted[1]) else None


def most_bytes(path: str) -> int:
    """The largest body that is kept of a POST to this address."""
    most = _limit(path)
    if most is None:
        return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return most + FRAME


def is_too_large(request: HttpRequest) -> bool:
    """Whether more was sent than is kept; asked before the form is read."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    return length > most_bytes(request.path_info)


def read_whole(request: HttpRequest) -> None:
    """Read a body that is larger than a form, for a view that wants it as it came. A
    form with files is read in its parts by Django, the files to the disk."""
    if request.content_type == "multipart/form-data":
        return
    if is_too_large(request):
        raise RequestDataTooBig("The body is larger than any mail that is kept.")
    # Django's own limit is for forms, and has no exception for an address.
    request._body = request.read()
