"""What is plausible of new learning events, beside the raw events of bronze."""

from psycopg import sql

from expectations.gx.event_rules import HORIZON
from expectations.gx.rules import ExpectNoRows, no_row_where, no_rows, no_rows_by_word
from expectations.table import EVENT_SOURCES, CheckedTable

# A new version that stands has a new fact. What has none is looked up one by one (offset 0) in the months of the facts:
# it is an older version, or lost. A day more than the horizon, for that is a day of the school's zone.
LOST = sql.SQL("""
with without_new_fact as materialized (
    select {id} as event_id from bronze.{source}
    where _load_id between (select min(_load_id) from {{batch}}) and (select max(_load_id) from {{batch}})
    and {time} >= {horizon} + interval '1 day'
    except
    select event_id from {{batch}} where source = {name}
)
select 1 from without_new_fact
where not exists (
    select from silver.fact_learning_events as fact
    where fact.event_id = without_new_fact.event_id and fact.source = {name} offset 0
)
""")
RAW_EVENTS = {
    "platform_events": ("event_id", "timestamp"),
    "product_events": ("product || '|' || id", "timestamp"),
    "mobile_events": ("event_key", "event_timestamp"),
    "web_events": ("event_key", "event_timestamp"),
    "reward_events": ("event_key", "event_time"),
}


def none_lost(source: str) -> ExpectNoRows:
    """Critical: each raw event of the loads that silver has taken in is a fact, but for those that are purged."""
    raw_id, time = RAW_EVENTS[source]
    query = LOST.format(
        source=sql.Identifier(source),
        name=sql.Literal(source),
        id=sql.SQL(raw_id),
        time=sql.Identifier(time),
        horizon=HORIZON,
    )
    explanation = f"raw {source.replace('_', ' ')}, of loads that silver has taken in, have no fact"
    return no_rows(f"lost_{source}", query.as_string(), "critical", explanation)


TABLE = CheckedTable(
    schema="silver",
    table="fact_learning_events",
    sources=EVENT_SOURCES,
    new_rows_by="_load_id",
    columns=(
        *("event_id", "source", "user_id", "event_type", "is_known", "occurred_at", "received_at"),
        *("content_id", "score", "max_score", "_load_id"),
    ),
    expectations=(
        *(none_lost(source) for source in EVENT_SOURCES),
        no_rows_by_word(
            "unmapped_event_types",
            """
            select event_type as word, event_type || ' of ' || source || ' (' || count(*) || ')' as name from {batch}
            where not is_known group by source, event_type
            """,
            "types of events that the seed event_types does not list: until it does, active and not learning",
        ),
        no_rows(
            "orphans",
            """
            select 1 from {batch}
            where exists (select from bronze.students)
            and user_id not in (select student_id from bronze.students)
            """,
            "warning",
            "events of users who are no students: in the tables of events, not in those of students until they arrive",
        ),
        no_rows_by_word(
            "impossible_scores",
            """
            select event_type as word, event_type || ' of ' || source || ' (' || count(*) || ')' as name from {batch}
            where (score between 0 and coalesce(max_score, 100) and coalesce(max_score, 100) > 0) is false
            group by source, event_type
            """,
            "score is below 0 or above max_score (100 where there is none), and mastery would be outside of 0 to 1:"
            " left out of mastery and mean scores",
        ),
        no_row_where(
            "received_before_it_happened",
            "received_at < occurred_at - interval '1 day'",
            "warning",
            "received more than a day before it happened: the clock of a device is ahead",
        ),
        no_rows(
            "sent_twice",
            """
            select generate_series(2, copies) from (
                select
                    count(*) as copies,
                    sum(count(*)) over () as events,
                    sum(count(*) - 1) over () as more
                from {batch} group by source, user_id, event_type, content_id, occurred_at
            ) as moments
            where events >= 20 and more > 0.05 * events
            """,
            "warning",
            "more than 5 % of the new events have the user, type, content and instant of others, and another id",
        ),
    ),
)
