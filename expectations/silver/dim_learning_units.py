"""What is plausible of the learning units of silver, beside those of bronze."""

from expectations.gx.rules import no_rows
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="dim_learning_units",
    sources=("learning_units",),
    expectations=(
        no_rows(
            "units_not_in_silver",
            """
            select 1 from (
                select unit_id from bronze.learning_units where _missing_since is null
                except
                select unit_id from {batch}
            ) as missing
            """,
            "warning",
            "units of bronze are not in silver: loaded since silver was built, or lost",
        ),
    ),
)
