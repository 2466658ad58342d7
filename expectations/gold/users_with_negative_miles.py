"""Who has come to owe miles since the last report, in number."""

from expectations.gx.rules import no_rows_by_name
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="users_with_negative_miles",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(
        # After the last report of an earlier day: no morning that was missed is passed over, and the same day made
        # again says the same again. The first report tells of its own day, for the years before are no news.
        no_rows_by_name(
            "new_negative_balances",
            """
            select negative_since || ' (' || count(*) || case count(*) when 1 then ' user)' else ' users)' end as name
            from {batch}
            where negative_since > coalesce(
                (select max(as_of) from ops.publications where as_of < current_setting('rollcall.as_of')::date),
                current_setting('rollcall.as_of')::date - 1
            )
            group by negative_since
            """,
            "balances of miles have fallen below zero since the report before this one, on these days",
        ),
    ),
)
