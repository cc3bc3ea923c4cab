"""Keep the pictures of mails, and forget those that nothing names.

As crm/services/files.py has it, a content is written before its row is committed and
deleted after its row is gone. What a killed process leaves without a row is found by
`forget`. A picture stays as long as words of today or of an earlier version name it:
mails that were sent show it, and words can be put back.
"""

import hashlib
import logging
from datetime import datetime, timedelta
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import connection, transaction

from crm import selectors
from crm.models import User
from crm.services import files
from messaging.models import MailPicture
from messaging.rules import pictures as rules
from web.errors import InvalidValue

logger = logging.getLogger(__name__)

FOLDER = "pictures"
# Somebody may still be at the words for which it was put up.
UNNAMED_KEPT = timedelta(days=1)
_UNNAMED = """
SELECT picture.id FROM messaging_mailpicture picture
WHERE picture.put_up_at < %s
  AND NOT EXISTS (SELECT FROM messaging_wording wording
                  WHERE wording.fields ->> 'picture' = picture.name)
  AND picture.name NOT IN (
      SELECT jsonb_path_query(content, '$.steps[*].words.*.picture') #>> '{}'
      FROM messaging_automationversion)
"""


@transaction.atomic
def put_up(content: bytes, *, by: User | None, now: datetime) -> MailPicture:
    """Keep a picture; the one that is there already where it is the same. Raises
    InvalidValue for the field `picture_file`."""
    try:
        picture = rules.read(content)
    except rules.NoPicture as error:
        raise InvalidValue(fields={"picture_file": error.code}) from error
    digest = hashlib.sha256(picture.content).hexdigest()
    row = MailPicture.objects.select_for_update().filter(sha256=digest).first()
    if row is not None:
        row.put_up_at = now
        row.save(update_fields=["put_up_at"])
        return row
    token = uuid4().hex
    return MailPicture.objects.create(
        name=rules.name_of(picture, token),
        key=files.storage().save(
            f"{FOLDER}/{now:%Y-%m}/{token}", ContentFile(picture.content)
        ),
        content_type=picture.content_type,
        size=len(picture.content),
        sha256=digest,
        put_up_at=now,
        put_up_by=by,
    )


def is_known(name: str) -> bool:
    """Whether there is a picture of this name."""
    return MailPicture.objects.filter(name=name).exists()


def seen_here(html: str) -> str:
    """A mail for a page of ours, which may be open under another address than that
    which stands in mails."""
    home = selectors.business().public_url.rstrip("/")
    return html.replace(f'"{home}/pictures/', '"/pictures/')


def forget(now: datetime) -> int:
    """Delete what no words name, and contents without a row; how many."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_UNNAMED, [now - UNNAMED_KEPT])
            ids = [pk for (pk,) in cursor.fetchall()]
        rows = MailPicture.objects.select_for_update().filter(
            pk__in=ids, put_up_at__lt=now - UNNAMED_KEPT
        )
        keys = [row.key for row in rows]
        MailPicture.objects.filter(key__in=keys).delete()
        transaction.on_commit(lambda: _delete(keys))
    return len(keys) + _forget_without_row(now)


def _forget_without_row(now: datetime) -> int:
    gone = 0
    for month in files.folders(FOLDER):
        folder = f"{FOLDER}/{month}"
        rows = MailPicture.objects.filter(key__startswith=f"{folder}/")
        known = set(rows.values_list("key", flat=True))
        keys = {f"{folder}/{name}" for name in files.names(folder)} - known
        lost = [key for key in sorted(keys) if files.is_older(key, now)]
        _delete(lost)
        gone += len(lost)
    return gone


def _delete(keys: list[str]) -> None:
    for key in keys:
        try:
            files.storage().delete(key)
        except OSError as error:
            # Found again by the next purge.
            logger.warning("A picture is not deleted: %s", type(error).__name__)
