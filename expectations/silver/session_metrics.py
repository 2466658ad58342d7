"""What must hold of sessions, beside the events that they are made of."""

from psycopg import sql

from expectations.gx.event_rules import HORIZON, up_to_date
from expectations.gx.rules import no_row_where, no_rows
from expectations.table import EVENT_SOURCES, CheckedTable

# Of the sessions that began on the newest day that has new ones, and lasted less than the shortest day (of 23 hours):
# their events are of that day and the one after. Sessions are of one user and source.
AS_EVENTS = sql.SQL("""
with newest as materialized (select max(partition_date) as first_day from {{batch}}),
sessions as (
    select * from silver.session_metrics where partition_date = (select first_day from newest)
),
events as (
    select
        source,
        user_id as learner_id,
        session_id,
        count(*) as total_events,
        max(occurred_at) as last_activity_at,
        extract(epoch from max(occurred_at) - min(occurred_at)) as duration_seconds
    from silver.fact_learning_events as fact
    where event_date between (select first_day from newest) and (select first_day + 1 from newest)
    and event_date >= {horizon}
    group by 1, 2, 3
    having min(event_date) = (select first_day from newest)
)
select 1
from events
full join sessions using (source, learner_id, session_id)
where (
    events.total_events is distinct from sessions.total_events
    or events.last_activity_at is distinct from sessions.last_activity_at
    or events.duration_seconds is distinct from sessions.duration_seconds
)
and coalesce(sessions.partition_date >= {horizon} and sessions.duration_seconds < 23 * 3600, true)
and not exists (
    select from silver.session_metrics as begun
    where begun.source = events.source and begun.learner_id = events.learner_id
    and begun.session_id = events.session_id and begun.partition_date < (select first_day from newest)
)
and {up_to_date}
""").format(horizon=HORIZON, up_to_date=up_to_date(["session_metrics"], "fact_learning_events"))

TABLE = CheckedTable(
    schema="silver",
    table="session_metrics",
    sources=EVENT_SOURCES,
    new_rows_by="_load_id",
    columns=("partition_date", "duration_seconds"),
    expectations=(
        no_row_where(
            "long_sessions",
            "duration_seconds > 12 * 3600",
            "warning",
            "sessions longer than 12 hours: does the product ever end one, or use its id again?",
        ),
        no_rows(
            "events_of_facts",
            AS_EVENTS.as_string(),
            "critical",
            "sessions of the newest day whose events, end or duration are not those of their facts, or that have none:"
            " run with full_refresh",
        ),
    ),
)
