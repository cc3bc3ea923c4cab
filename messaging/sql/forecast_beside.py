"""What else is coming to the people of an automation that is off, from the forecast of
all that is on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from psycopg.sql import SQL, Composable

# The others of those who are looked at. What is refused stays refused.
_BESIDE = SQL("""
INSERT INTO forecast_mail (automation_id, customer_id, kind, category, is_reminder,
    rank, due_on, moment, expires_at, is_odd, kept_id, refusal)
SELECT kept.automation_id, person.id, other.kind, kept.category,
    other.kind = ANY(%(reminders)s::text[]), other.priority, kept.day, kept.moment,
    kept.expires_at, kept.moment <= %(now)s
        OR kept.automation_id = ANY(%(odd)s::bigint[]), kept.id,
    CASE WHEN kept.automation_id = ANY(%(behind)s::bigint[]) AND kept.moment > %(now)s
              {in_audience}
         THEN 'superseded_another_first' ELSE '' END
FROM forecast_person person
JOIN messaging_forecastperson place
    ON place.customer_id = person.id AND place.forecast_id = %(plan)s
JOIN messaging_forecastmail kept
    ON kept.forecast_id = %(plan)s AND kept.alike = place.alike
JOIN messaging_automation other ON other.id = kept.automation_id
WHERE kept.decision <> 'refused'
ORDER BY kept.moment, kept.automation_id, person.id
""")
# Whoever has the same ahead has the same beside it.
_ALIKE_BESIDE = SQL("""
INSERT INTO forecast_fact (customer_id, fact)
SELECT person.id, hash_record_extended(ROW(place.alike, true {in_audience}), 5)
FROM forecast_everybody person
JOIN messaging_forecastperson place
    ON place.customer_id = person.id AND place.forecast_id = %(plan)s
""")


@dataclass(frozen=True)
class Beside:
    """Other mails to the same people: of `plan`, the forecast of all. `behind`:
    automations of its kind that a new one goes before, for those `in_audience`
    (`AND ...` on `person.id`)."""

    plan: int
    behind: Sequence[int]
    in_audience: Composable
    reminders: Sequence[str]
    odd: Sequence[int]
    now: datetime

    def tell_apart(self) -> None:
        """Note as a fact of each person what is beside."""
        self._execute(_ALIKE_BESIDE)

    def add(self) -> None:
        """Add the mails of those who are looked at."""
        self._execute(_BESIDE)

    def _execute(self, statement: SQL) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                statement.format(in_audience=self.in_audience),
                {
                    "plan": self.plan,
                    "behind": list(self.behind),
                    "reminders": list(self.reminders),
                    "odd": list(self.odd),
                    "now": self.now,
                },
            )
