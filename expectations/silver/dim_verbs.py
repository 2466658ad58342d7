"""What must hold of the verbs of product events: there are some."""

from expectations.table import CheckedTable

TABLE = CheckedTable(schema="silver", table="dim_verbs", sources=("product_events",), expectations=())
