"""What is plausible of the schools of silver, beside those of students."""

from expectations.gx.rules import no_rows
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="dim_schools",
    sources=("schools", "students", "school_days"),
    expectations=(
        no_rows(
            "schools_of_students_lost",
            """
            select 1 from (
                select school_id from silver.dim_students
                except
                select school_id from {batch}
            ) as lost
            """,
            "critical",
            "schools of students are not in dim_schools: their days of school would be unknown",
        ),
        no_rows(
            "unnamed_schools",
            """
            select 1 from (
                select school_id from {batch}
                where school_id <> 'UNKNOWN' and school_id in (select school_id from silver.dim_student_versions)
                except
                select school_id from bronze.schools
            ) as unnamed
            where exists (select from bronze.schools)
            """,
            "warning",
            "schools that students are or were at and no schools file names: school_name is Unknown",
        ),
        no_rows(
            "without_poverty_level",
            """
            select 1 from {batch}
            where poverty_level is null and school_id in (select school_id from bronze.schools)
            and exists (select from silver.dim_schools where poverty_level is not null)
            """,
            "warning",
            "schools without free_reduced_lunch_pct, which others have: their poverty_level is NULL",
        ),
    ),
)
