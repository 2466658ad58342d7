"""What must hold of the candidate for student_equity: a small group is not to be seen."""

from expectations.gx.event_rules import no_row_where
from expectations.gx.rules import no_rows, no_sudden_drop, rate
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="student_equity",
    sources=("students", "attendance", *EVENT_SOURCES),
    row_floor=0,
    expectations=(
        rate("avg_mastery_rate"),
        rate("attendance_rate"),
        no_row_where(
            "numbers_of_suppressed_groups",
            "is_suppressed and num_nonnulls(students, avg_mastery_rate, attendance_rate) > 0",
            "critical",
            "groups that are suppressed, for they are small, and show a number",
        ),
        no_rows(
            "lone_suppressed_groups",
            """
            select 1 from {batch}
            group by grouping sets ((school_year), (school_year, poverty_level), (school_year, ethnicity))
            having count(*) > 1 and count(*) filter (where is_suppressed) = 1
            """,
            "critical",
            "years, levels of poverty or ethnicities of which one group alone is suppressed: the total gives it away",
        ),
        no_row_where(
            "shown_without_students",
            "not is_suppressed and (students >= 1) is not true",
            "critical",
            "groups that are not suppressed and have no students",
        ),
        no_sudden_drop("student_equity"),
    ),
)
