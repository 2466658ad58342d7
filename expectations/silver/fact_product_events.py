"""What must hold of the star of product events."""

from psycopg import sql

from expectations.gx.event_rules import DailySum, sums_as_facts, up_to_date
from expectations.gx.rules import no_rows
from expectations.table import CheckedTable

DIMENSIONS = ["dim_users", "dim_products", "dim_verbs", "dim_objects"]
UNKNOWN_KEYS = sql.SQL("""
select 1 from {{batch}}
where (
    user_key is null or user_key not in (select user_key from silver.dim_users)
    or product_key is null or product_key not in (select product_key from silver.dim_products)
    or verb_key is null or verb_key not in (select verb_key from silver.dim_verbs)
    or object_key is null or object_key not in (select object_key from silver.dim_objects)
)
and {sums_up_to_date} and {dimensions_up_to_date}
""").format(
    sums_up_to_date=up_to_date(["product_user_months"], "fact_learning_events"),
    dimensions_up_to_date=up_to_date(DIMENSIONS, "product_user_months"),
)

TABLE = CheckedTable(
    schema="silver",
    table="fact_product_events",
    sources=("product_events",),
    new_rows_by="_load_id",
    columns=("user_key", "product_key", "verb_key", "object_key", "event_date"),
    expectations=(
        no_rows(
            "unknown_keys",
            UNKNOWN_KEYS.as_string(),
            "critical",
            "product events whose user, product, verb or object is in no dimension: a join would lose them",
        ),
        sums_as_facts(DailySum("fact_product_events", day="event_date", count="1", facts="source = 'product_events'")),
    ),
)
