"""What must hold of the candidate for student_equity: the total does not give a small group away."""

from expectations.gx.rules import no_rows, no_sudden_drop
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="student_equity",
    sources=("students", "attendance", *EVENT_SOURCES),
    row_floor=0,
    expectations=(
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
        no_sudden_drop("student_equity"),
    ),
)
