"""What a test reads: mails, pages, and the whole database."""

import re
from functools import cache
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.db import connection
from django.utils.html import strip_tags

OURS = {"crm", "messaging", "support", "surveys", "feedback", "loyalty", "desk"}
# Written without anybody changing anything.
NOTED_BY_THEMSELVES = ("crm_heartbeat", "crm_staffsession")


def urls_in(text: str) -> list[str]:
    """Every address in the text or the HTML of a mail."""
    return [unescape(url) for url in re.findall(r"https?://[^\s\"'<>]+", text)]


def paths_in(text: str, prefix: str) -> str:
    """The one path below `prefix` that these words link to, without its query."""
    found = {urlsplit(url).path for url in urls_in(text)}
    (path,) = {path for path in found if path.startswith(prefix)}
    return path


def shown(answer: Any) -> str:
    """The words of a page, as a reader meets them."""
    return " ".join(unescape(strip_tags(answer.content.decode())).split())


def everything_stored(*, but: tuple[str, ...] = NOTED_BY_THEMSELVES) -> dict[str, str]:
    """Table by table a hash of all rows of our apps, whatever their order."""
    with connection.cursor() as cursor:
        cursor.execute(_hashes())
        return {table: found for table, found in cursor.fetchall() if table not in but}


@cache
def _hashes() -> str:
    tables = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in OURS
    }
    return " UNION ALL ".join(
        f"SELECT '{table}', count(*) || ' rows ' || coalesce("
        f"md5(string_agg(t::text, chr(10) ORDER BY t::text)), '') FROM \"{table}\" t"
        for table in sorted(tables)
    )
