"""What is plausible of new attendance facts, beside the records of bronze."""

from great_expectations.expectations import ExpectColumnValuesToBeInSet

from expectations.gx.rules import no_row_where, no_rows
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="fact_attendance",
    sources=("attendance",),
    new_rows_by="_load_id",
    expectations=(
        ExpectColumnValuesToBeInSet(
            column="is_orphan",
            value_set=[False],
            severity="warning",
            description="records of unknown students: kept, left out of gold until the student arrives",
        ),
        ExpectColumnValuesToBeInSet(
            column="conflict_count",
            value_set=[0],
            severity="warning",
            description="student-days with several records under different ids; the newest one stands",
        ),
        no_row_where(
            "inside_presence_gap",
            "not is_orphan and class_id is null",
            "warning",
            "records on days on which the student was missing from the roster: left out of class and school tables",
        ),
        no_rows(
            "lost_records",
            """
            select 1 from bronze.attendance as taken
            where taken._load_id between (select min(_load_id) from {batch}) and (select max(_load_id) from {batch})
            and not exists (
                select from silver.fact_attendance as fact
                where fact.student_id = taken.student_id and fact.attendance_date = taken.attendance_date
            )
            and not exists (
                select from bronze.attendance as newer
                where newer.attendance_id = taken.attendance_id
                and (newer.created_at, newer._load_id, newer._source_line)
                > (taken.created_at, taken._load_id, taken._source_line)
            )
            """,
            "critical",
            "records of bronze, of loads that silver has taken in, have no fact for their student and day",
        ),
    ),
)
