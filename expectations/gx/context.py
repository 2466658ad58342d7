"""The data context of one checkpoint run: in memory, but for the results."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import great_expectations as gx
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from sqlalchemy import URL

from include.warehouse.connection import LOOKUP_OPTIONS

LAST_DAY = date(9999, 12, 30)
"""Stands for as_of when none is given: the day before the `valid_to` of a version that still holds."""


def open_context(home: Path) -> Any:
    """A data context that keeps results below `home/validation_results`, of which `build_data_docs` makes pages.

    It holds the connection in memory only. It reports no usage, and shows no progress bars.
    """
    defaults = InMemoryStoreBackendDefaults()
    defaults.stores[defaults.validation_results_store_name] = {
        "module_name": "expectations.gx.results_store",
        "class_name": "ValidationResultsStore",
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(home / "validation_results"),
        },
    }
    configuration = DataContextConfig(
        store_backend_defaults=defaults,
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
    return gx.get_context(mode="ephemeral", project_config=configuration)


def add_warehouse(context: Any, url: URL, schema: str, *, as_of: date | None, new_rows: bool) -> Any:
    """The warehouse as a data source, with one connection in which SQL reads `rollcall.as_of`.

    With `new_rows` its query assets become temporary tables; without, its table assets, of that schema, are read
    where they are.
    """
    options = f"{LOOKUP_OPTIONS} -c search_path={schema} -c rollcall.as_of={as_of or LAST_DAY:%Y-%m-%d}"
    # SQLAlchemy leaves a space in a password as it is, and Great Expectations refuses that.
    address = url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    return context.data_sources.add_postgres(
        "new_rows" if new_rows else "warehouse",
        connection_string=address.replace(" ", "%20"),
        create_temp_table=new_rows,
        kwargs={"connect_args": {"options": options}, "pool_size": 1, "hide_parameters": True},
    )
