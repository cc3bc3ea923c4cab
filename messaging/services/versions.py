"""Every change of an automation, its steps or its words makes a version of it."""

from datetime import datetime
from urllib.parse import parse_qsl

from crm import audiences
from crm.services import audit
from crm.services.typed_names import FORGOTTEN, TypedNames
from messaging.models import Automation, AutomationVersion
from messaging.sql import runs
from messaging.sql import versions as sql


def write(automation: Automation, *, now: datetime) -> int:
    """Keep it as it is stored now, with who changed it; the id of the version."""
    actor = audit.current_actor()
    made_by = actor.id if actor.kind == "user" else None
    version = sql.write(automation.pk, made_by=made_by, now=now)
    runs.follow(automation.pk, version=version)
    return version


def forgotten(audience: str, named: TypedNames) -> str | None:
    """The same without its search; None where that does not find one of these people
    alone."""
    values = dict(parse_qsl(audience))
    if named.is_alone_in(values.get("q", "")):
        return audiences.query_of({**values, "q": FORGOTTEN})
    return None


def forget(named: TypedNames) -> None:
    """Empty such searches in what automations were before. Nothing else of a version
    may change."""
    for row in AutomationVersion.objects.exclude(content__audience=""):
        if (query := forgotten(row.content["audience"], named)) is not None:
            row.content["audience"] = query
            row.save(update_fields=["content"])
