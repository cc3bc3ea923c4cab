"""The last proven round trip of each part, one row a part."""

from datetime import datetime, timedelta

from crm.models import Heartbeat

# Both parts beat every minute; three missed beats are no accident.
LATE_AFTER = timedelta(minutes=3)


def beat(name: str, *, now: datetime) -> None:
    """Say that this part did real work at this moment. Never goes backwards."""
    row, created = Heartbeat.objects.get_or_create(name=name, defaults={"at": now})
    if not created:
        Heartbeat.objects.filter(pk=row.pk, at__lt=now).update(at=now)
