"""Start a delivery once what there is to deliver is committed."""

from crm.services import workers

# By name: services never import tasks.
DELIVER = "messaging.tasks.deliver"


def notify_workers_on_commit() -> None:
    """Start it when the transaction commits, once, however often this is called."""
    workers.notify_on_commit(DELIVER)


def notify_workers() -> None:
    """Start a delivery now."""
    workers.notify(DELIVER)
