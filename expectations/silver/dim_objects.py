"""What must hold of the objects of product events: there are some."""

from expectations.table import CheckedTable

TABLE = CheckedTable(schema="silver", table="dim_objects", sources=("product_events",), expectations=())
