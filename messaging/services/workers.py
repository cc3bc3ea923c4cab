"""Start a delivery once what there is to deliver is committed."""

from datetime import timedelta

from crm.services import workers

# By name: services never import tasks.
DELIVER = "messaging.tasks.deliver"


def notify_workers_on_commit(wait: timedelta = timedelta(0)) -> None:
    """Start it when the transaction commits, or so long afterwards; once, however often
    this is called."""
    workers.notify_on_commit(DELIVER, wait)


def notify_workers() -> None:
    """Start a delivery now."""
    workers.notify(DELIVER)
