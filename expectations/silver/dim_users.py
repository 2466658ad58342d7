"""What must hold of the users of product events: there are some."""

from expectations.table import CheckedTable

TABLE = CheckedTable(schema="silver", table="dim_users", sources=("product_events",), expectations=())
