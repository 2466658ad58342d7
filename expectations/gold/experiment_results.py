"""Whether the experiments of experiment_results can be judged by it."""

from expectations.gx.rules import no_rows_by_word, no_sudden_drop
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="experiment_results",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(
        no_rows_by_word(
            "without_control",
            """
            select experiment as word, experiment as name from {batch}
            group by experiment having bool_and(variant <> 'control')
            """,
            "experiments without users of the variant `control`: nothing is compared with it",
        ),
        no_rows_by_word(
            "many_crossovers",
            """
            select experiment as word, experiment || ' (' || sum(crossover_users) || ')' as name from {batch}
            group by experiment having sum(users) >= 20 and sum(crossover_users) > 0.1 * sum(users)
            """,
            "more than a tenth of the users of these experiments have seen a second variant",
        ),
        no_sudden_drop("experiment_results"),
    ),
)
