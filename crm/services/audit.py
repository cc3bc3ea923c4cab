"""Who changed what, and through which entry point; written in the transaction of the
change.

The actor comes from a context variable that a middleware, a task or a command sets,
so that no service needs an argument for it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from crm.models import AuditEntry


@dataclass(frozen=True)
class Actor:
    """Kinds: user, customer, system, api. `via`, the entry point: web, public, task…"""

    kind: str
    id: int | None
    via: str


SYSTEM = Actor(kind="system", id=None, via="task")
# Anybody who may run manage.py.
COMMAND = Actor(kind="system", id=None, via="command")
# Somebody behind a link, until it is known who.
VISITOR = Actor(kind="customer", id=None, via="public")
_current: ContextVar[Actor] = ContextVar("perennial_actor", default=SYSTEM)


def current_actor() -> Actor:
    """Who acts now, as a middleware, task or command has set it."""
    return _current.get()


def set_actor(actor: Actor) -> None:
    """Name the actor from here to the end of the surrounding `acting`."""
    _current.set(actor)


def user(user_id: int) -> Actor:
    """A member of staff at one of our pages, before a middleware knows them."""
    return Actor(kind="user", id=user_id, via="web")


def customer(customer_id: int) -> Actor:
    """The actor of a page behind a link: the customer themselves."""
    return Actor(kind="customer", id=customer_id, via="public")


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Everything recorded inside was done by this actor."""
    token = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(token)


def record(
    action: str,
    subject: str,
    *,
    now: datetime,
    customer_id: int | None = None,
    fields: Iterable[str] = (),
) -> None:
    """Append one audit row. Give ids and field names, never values."""
    _entry(action, subject, now, customer_id, fields).save(force_insert=True)


def record_many(
    action: str,
    about: Iterable[tuple[str, int | None]],
    *,
    now: datetime,
    fields: Iterable[str] = (),
) -> None:
    """One row for each (subject, customer) to whom the same was done at once."""
    fields = sorted(fields)
    AuditEntry.objects.bulk_create(
        [_entry(action, subject, now, pk, fields) for subject, pk in about],
        batch_size=2_000,
    )


def _entry(
    action: str,
    subject: str,
    now: datetime,
    customer_id: int | None,
    fields: Iterable[str],
) -> AuditEntry:
    actor = current_actor()
    return AuditEntry(
        at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        via=actor.via,
        action=action,
        subject=subject,
        customer_id=customer_id,
        fields=sorted(fields),
    )
