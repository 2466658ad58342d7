"""Rules about learning events that several tables share.

Micro-batches bring silver up to date table by table, and one may break off: a rule that compares two tables holds only
while the one that is made of the other is not behind it.
"""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from expectations.gx.rules import ExpectNoRows, no_rows

# The raw events of earlier days are gone, and are not taken in any more.
HORIZON = sql.SQL("(select coalesce(max(horizon), '-infinity') from ops.purges where kind = 'raw_events')")

UP_TO_DATE = sql.SQL("""not exists (
    select from ops.silver_models as made
    inner join ops.silver_changes as change
        on change.change_id > made.max_change_id
    where made.model in ({models}) and change.model = {read}
)""")

BEHIND_HORIZON = sql.SQL("""
select 1 from {{batch}} where {time} < {horizon}
""")

AT_MIDNIGHT = sql.SQL("""
select 1 from {{batch}}
where {time} = date_trunc('day', {time})
and (select count(*) >= 20 and avg(({time} = date_trunc('day', {time}))::int) > 0.5 from {{batch}})
""")

WITHOUT_SESSION = """
select 1 from {batch}
where session_id is null and (select count(*) >= 20 and avg((session_id is null)::int) > 0.5 from {batch})
"""

# By day, of the newest day that has new rows and the one before it.
SUMS_AS_FACTS = sql.SQL("""
select 1
from (
    select {day} as event_date, sum({count}) as events
    from silver.{table}
    where {day} between (select max({day}) - 1 from {{batch}}) and (select max({day}) from {{batch}})
    and {day} >= {horizon} and {rows}
    group by 1
) as summed
full join (
    select event_date, count(*) as events
    from silver.fact_learning_events as fact
    where event_date between (select max({day}) - 1 from {{batch}}) and (select max({day}) from {{batch}})
    and event_date >= {horizon} and {facts}
    group by 1
) as facts using (event_date)
where summed.events is distinct from facts.events and {up_to_date}
""")

# Of the days that gold shows, and only while nothing that it was made of has changed behind it: what was written later
# has a younger transaction.
GOLD_AS_SILVER = sql.SQL("""
select generate_series(1, abs(gold.events - silver.events))
from (select coalesce(sum({count}), 0)::bigint as events from {{batch}}) as gold
cross join ({silver}) as silver
where not exists (
    select from ops.silver_changes as change
    where change.model = {read}
    and age(change.xmin) < (select age(xmin) from pg_class where oid = to_regclass({table}))
)
and {joined}
""")

# A table that gold joins may have lacked what was new in the one it reads, and have it by now.
JOINED_AS_NOW = sql.SQL("""not exists (
    select from ops.silver_models as joined
    where joined.model in ({models})
    and age(joined.xmin) < (select age(xmin) from pg_class where oid = to_regclass({table}))
) and {sums_up_to_date} and {up_to_date}""")


@dataclass(frozen=True)
class DailySum:
    """A table of silver with a row or more a day, and the rows of facts that its `count` adds up, as conditions."""

    table: str
    day: str
    count: str = "total_events"
    rows: str = "true"
    facts: str = "true"


def up_to_date(models: list[str], read: str) -> sql.Composed:
    """The condition that none of the silver `models` is behind the model that it is made of."""
    return UP_TO_DATE.format(models=sql.SQL(", ").join(map(sql.Literal, models)), read=sql.Literal(read))


def sums_as_facts(summed: DailySum) -> ExpectNoRows:
    """Critical: what a table counts of its newest days is what there is in the facts."""
    query = SUMS_AS_FACTS.format(
        table=sql.Identifier(summed.table),
        day=sql.Identifier(summed.day),
        count=sql.SQL(summed.count),
        rows=sql.SQL(summed.rows),
        facts=sql.SQL(summed.facts),
        horizon=HORIZON,
        up_to_date=up_to_date([summed.table], "fact_learning_events"),
    )
    explanation = "of the two newest days those whose events are not those of the facts: run with full_refresh"
    return no_rows("events_of_facts", query.as_string(), "critical", explanation)


def _joined_as_now(candidate: sql.Literal, dimensions: list[str]) -> sql.Composable:
    if not dimensions:
        return sql.SQL("true")
    return JOINED_AS_NOW.format(
        models=sql.SQL(", ").join(map(sql.Literal, dimensions)),
        table=candidate,
        sums_up_to_date=up_to_date(["product_user_months"], "fact_learning_events"),
        up_to_date=up_to_date(dimensions, "product_user_months"),
    )


def events_of_silver(table: str, count: str, silver: str, read: str, dimensions: tuple[str, ...] = ()) -> ExpectNoRows:
    """Critical: a gold table counts the events that `silver`, a query of one row, counts in the model it reads.

    `dimensions`: those of product events that the table joins, and without which it would leave events out.
    """
    candidate = sql.Literal(f"gold_candidate.{table}")
    query = GOLD_AS_SILVER.format(
        table=candidate,
        count=sql.SQL(count),
        silver=sql.SQL(silver),
        read=sql.Literal(read),
        joined=_joined_as_now(candidate, list(dimensions)),
    )
    explanation = "events of gold and of silver differ by that many"
    return no_rows("events_of_silver", query.as_string(), "critical", explanation)


def behind_the_horizon(time: str) -> ExpectNoRows:
    """Warning: new events are not so old that retention has already taken out what lay beside them."""
    query = BEHIND_HORIZON.format(time=sql.Identifier(time), horizon=HORIZON)
    explanation = "events of days whose raw events are purged: they stay in bronze, silver does not take them in"
    return no_rows("behind_the_horizon", query.as_string(), "warning", explanation)


def not_at_midnight(time: str) -> ExpectNoRows:
    """Warning: event times are no dates."""
    query = AT_MIDNIGHT.format(time=sql.Identifier(time))
    explanation = "more than half of the new events happened at midnight: has their time been lost?"
    return no_rows("at_midnight", query.as_string(), "warning", explanation)


def in_sessions() -> ExpectNoRows:
    """Warning: the source still says which session its events belong to."""
    explanation = "more than half of the new events have no session_id: silver derives sessions from the gaps"
    return no_rows("without_session", WITHOUT_SESSION, "warning", explanation)
