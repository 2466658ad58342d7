"""Whether the newest month of quick_ratio_analysis is alarming."""

from expectations.gx.rules import no_rows_by_name, no_sudden_drop
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="quick_ratio_analysis",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(
        no_rows_by_name(
            "quick_ratio_alert",
            """
            select to_char(month_start, 'YYYY-MM') || ' ' || alert_level as name from {batch}
            where month_start = (select max(month_start) from {batch}) and alert_level <> 'OK'
            """,
            "growth does not make up for churn as it should in the newest complete month",
        ),
        no_sudden_drop("quick_ratio_analysis"),
    ),
)
