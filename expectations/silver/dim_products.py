"""What is plausible of the products."""

from expectations.gx.rules import no_rows_by_word
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="dim_products",
    sources=("product_events",),
    expectations=(
        no_rows_by_word(
            "unnamed_products",
            """
            select product as word, product as name from {batch} where product_name = product
            """,
            "products that the seed products does not name: they go by the word that their events have",
        ),
    ),
)
