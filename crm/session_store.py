"""Sessions in the database, as Django keeps them, read by a statement that is put
together once: every page reads one."""

from django.contrib.sessions.backends.db import SessionStore as DjangoSessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from web.fixed_queries import FixedQuery

_FOUND = FixedQuery(
    lambda: Session.objects.filter(expire_date__gt=timezone.now(), session_key="key")
)


class SessionStore(DjangoSessionStore):
    """Django's, in its own table."""

    def _get_session_from_db(self) -> Session | None:
        found = _FOUND.one(timezone.now(), self.session_key)
        if found is None:
            self._session_key = None
        return found
