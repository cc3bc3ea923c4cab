"""What a programme was: a version for each change, with who made it."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from crm.models import Segment, User
from loyalty.models import Programme, ProgrammeVersion


def add(
    programme: Programme,
    names: Iterable[str],
    *,
    fields: Iterable[str],
    by: User | None,
    now: datetime,
) -> None:
    """Keep how it is now, with the values of these `names`. `fields`: what changed.
    Within the transaction of the change, under the number of its `version`."""
    ProgrammeVersion.objects.create(
        programme=programme,
        number=programme.version,
        made_at=now,
        made_by=by,
        terms={name: _text(getattr(programme, name)) for name in names},
        fields=sorted(fields),
    )


def _text(value: Any) -> str:
    """As it is kept: a segment by its id, nothing as ""."""
    if value is None:
        return ""
    if isinstance(value, Segment):
        return str(value.pk)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)
