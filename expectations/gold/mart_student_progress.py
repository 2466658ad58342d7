"""What must hold of the candidate for mart_student_progress, beside silver."""

from expectations.gx.event_rules import no_row_where
from expectations.gx.rules import no_rows, no_sudden_drop, rate
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="mart_student_progress",
    sources=("students", *EVENT_SOURCES),
    row_floor=0,
    expectations=(
        rate("avg_accuracy_rate"),
        rate("mastery_rate"),
        rate("accuracy_last_7"),
        no_rows(
            "current_students_of_silver",
            """
            select 1 from {batch} as gold
            full join (
                select student_id from silver.dim_student_versions
                where valid_from <= current_setting('rollcall.as_of')::date
                and valid_to > current_setting('rollcall.as_of')::date
            ) as silver using (student_id)
            where gold.student_id is null or silver.student_id is null
            """,
            "critical",
            "students of as_of are missing, or there are others than those",
        ),
        no_row_where(
            "units_of_students",
            "units_mastered + units_in_progress <> units_attempted"
            " or (units_attempted = 0) <> (progress_status = 'not_started')",
            "critical",
            "units mastered and in progress are not those attempted, or progress_status does not go by them",
        ),
        no_row_where(
            "parts_of_a_whole",
            "days_active_last_7 > least(days_active, 7) or events_last_7 > total_events"
            " or (days_active_last_7 = 0) <> (engagement_level = 'inactive')",
            "critical",
            "more in the last 7 days than ever or than 7, or engagement_level does not go by them",
        ),
        no_row_where(
            "after_as_of",
            "greatest(last_active_date, activated_on) > current_setting('rollcall.as_of')::date",
            "critical",
            "events after as_of are counted",
        ),
        no_sudden_drop("mart_student_progress"),
    ),
)
