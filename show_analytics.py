"""Prints the gold tables; its functions return them as DataFrames. `make analytics`, or import it in a notebook."""

from __future__ import annotations

import sys

import pandas as pd
from sqlalchemy import create_engine, text

from include.settings import SettingsError, load_settings
from include.warehouse.connection import WarehouseError, connect, warehouse_url

DEFAULT_LIMIT = 10


def show_class_daily_performance(limit: int = DEFAULT_LIMIT) -> pd.DataFrame:
    """Attendance and assessments of each class and date, newest date first. Rates are 0..1, scores in percent."""
    return _read("select * from gold.class_daily_performance order by calendar_date desc, class_id limit :limit", limit)


def show_student_performance_summary(limit: int = DEFAULT_LIMIT) -> pd.DataFrame:
    """Attendance and assessments of each student, lowest attendance rate first. Holds names: for authorised eyes."""
    return _read(
        "select * from gold.student_performance_summary order by attendance_rate nulls last, student_id limit :limit",
        limit,
    )


def show_class_statistics() -> pd.DataFrame:
    """One row for each class: students, attendance rate (0..1), mean score (percent), number of assessments."""
    return _read("select * from gold.class_summary order by class_id", None)


def _read(query: str, limit: int | None) -> pd.DataFrame:
    if limit is not None and limit < 0:
        raise ValueError(f"limit is {limit}; expected 0 or more rows")
    url = warehouse_url(load_settings())
    engine = create_engine("postgresql+psycopg://", creator=lambda: connect(url))
    try:
        with engine.connect() as connection:
            return pd.read_sql(text(query), connection, params={} if limit is None else {"limit": limit})
    finally:
        engine.dispose()


def main() -> int:
    """Print the three tables. Exit status 1 when there is nothing to print yet."""
    try:
        tables = {
            f"Class daily performance (newest {DEFAULT_LIMIT})": show_class_daily_performance(),
            f"Student performance summary (lowest attendance, {DEFAULT_LIMIT})": show_student_performance_summary(),
            "Class statistics": show_class_statistics(),
        }
    except (SettingsError, WarehouseError) as error:
        print(error, file=sys.stderr)
        return 1
    except pd.errors.DatabaseError:
        print("There is no gold yet: `make run` publishes it.", file=sys.stderr)
        return 1
    for title, table in tables.items():
        shown = table.astype(object).where(table.notna(), None)
        print(f"\n{title}\n{shown.to_markdown(index=False, tablefmt='simple', missingval='–')}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
