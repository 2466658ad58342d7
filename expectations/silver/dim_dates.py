"""What must hold of the days of the school years, beside the facts that they are for."""

from expectations.gx.rules import no_rows
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="dim_dates",
    sources=("attendance", "assessments", "school_days"),
    expectations=(
        no_rows(
            "facts_outside",
            """
            select 1 from (
                select min(attendance_date) as fact_date from silver.fact_attendance
                union all
                select max(attendance_date) from silver.fact_attendance
                union all
                select min(assessment_date) from silver.fact_assessments
                union all
                select max(assessment_date) from silver.fact_assessments
                union all
                -- Of millions of events only those in months that should have none.
                select min(event_date) from silver.fact_learning_events
                where event_date < (select min(calendar_date) from {batch})
                union all
                select max(event_date) from silver.fact_learning_events
                where event_date > (select max(calendar_date) from {batch})
            ) as facts
            where fact_date is not null and fact_date not in (select calendar_date from {batch})
            """,
            "critical",
            "the first or last day of a table of facts is not among the days: gold would leave such days out",
        ),
        no_rows(
            "far_off_school_years",
            """
            select 1 from (
                select school_year, max(school_year) over () as newest
                from (select distinct school_year from {batch}) as every_year
            ) as school_years
            where school_year <= newest - 20
            """,
            "warning",
            "school years that lie 20 years or more before the newest: is a date a slip of the pen?",
        ),
    ),
)
