"""Keep what the search looks through as the mail is."""

from collections.abc import Iterable

from support.models import Mail
from support.rules import mail_search


def refresh(mail: Mail) -> None:
    """Write the mail's search text anew. Call it whenever one of its parts changed."""
    mail.search_text = text_of(mail, mail.files.values_list("name", flat=True))
    mail.save(update_fields=["search_text"])


def text_of(mail: Mail, files: Iterable[str]) -> str:
    """What is searched of a mail with files of these names."""
    written = [(mail.from_name, mail.from_address)]
    named = [(pair[0], pair[1]) for pair in (*mail.to, *mail.cc)]
    return mail_search.text_of(
        subject=mail.subject, body=mail.text, people=[*written, *named], files=files
    )
