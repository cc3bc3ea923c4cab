"""What stands beside the figures of surveys: who was asked, and what counts nowhere."""

from collections.abc import Collection, Sequence
from datetime import datetime

from psycopg.sql import SQL, Composable, Composed

# Of very many as it was counted last, else now. Left out are those whose answer was:
# they are few, and found by their own index.
_ASKED = SQL("""
SELECT s.id, coalesce(k.asked, live.asked), coalesce(k.answered, live.answered),
    k.counted_at
FROM unnest({surveys}::bigint[]) s (id)
LEFT JOIN surveys_askedcount k ON k.survey_id = s.id AND k.asked > {most}
LEFT JOIN LATERAL (
    SELECT count(*) AS asked, count(*) FILTER (WHERE i.state = 'answered') AS answered
    FROM surveys_invitation i JOIN messaging_message m ON m.id = i.message_id
    WHERE i.survey_id = s.id AND i.invited_at > {since} AND i.invited_at <= {now}
        AND m.state = ANY ({went_out}) AND NOT EXISTS (
            SELECT FROM surveys_response r WHERE r.invitation_id = i.id
                AND r.state = 'left_out' AND r.survey_id = s.id)
) live ON k.survey_id IS NULL
""")
# Each by an index of its own.
_UNCOUNTED = SQL("""
SELECT count(*) FILTER (WHERE r.state = 'provisional'),
    count(*) FILTER (WHERE r.state = 'provisional' AND r.clashing),
    count(*) FILTER (WHERE r.state = 'left_out')
FROM surveys_response r
WHERE r.survey_id = {survey} AND r.scale <> 'ten' AND {who}
    AND (r.state = 'provisional' AND r.first_at >= {first}
        OR r.state = 'left_out'
        AND r.confirmed_at >= {first} AND r.confirmed_at < {last})
""")


def asked(
    surveys: Collection[int],
    *,
    since: datetime,
    now: datetime,
    went_out: Sequence[str],
    most: int,
) -> Composed:
    """Of each of these: its id, how many were asked in this time, how many of them have
    answered, and when that was counted where it was kept. Of no more than `most` it is
    counted now. `went_out`: the states of mails that were sent, or may have been."""
    return _ASKED.format(
        surveys=list(surveys), since=since, now=now, went_out=list(went_out), most=most
    )


def uncounted(
    survey: int, moments: tuple[datetime, datetime], who: Composable
) -> Composed:
    """How many scores were pressed in mails and not confirmed, for how many of them
    several came within seconds, and how many answers were left out of figures. `who`: a
    condition on the response `r`."""
    first, last = moments
    return _UNCOUNTED.format(survey=survey, who=who, first=first, last=last)
