from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy import URL

from include.dbt_command import PROJECT, dbt_environment
from include.settings import REPOSITORY

PROGRAM = """
import sys
from include.orchestration.dbt_errors import hide_row_values
hide_row_values(None)
from dbt.cli.main import dbtRunner
result = dbtRunner().invoke(sys.argv[1:])
print(result.exception)
"""


def test_an_error_of_the_database_is_told_without_what_it_quotes_of_a_row(warehouse_url: URL, tmp_path: Path) -> None:
    show = ["show", "--inline", "select ('S-' || 'SECRET')::int as number", "--project-dir", str(PROJECT)]
    places = ["--profiles-dir", str(PROJECT), "--target-path", str(tmp_path), "--log-path", str(tmp_path)]
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, *show, *places],
        env={"PYTHONPATH": str(REPOSITORY), "DO_NOT_TRACK": "1", **dbt_environment(warehouse_url)},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert 'invalid input syntax for type integer: "…"' in told.stdout
    assert "S-SECRET" not in told.stdout + told.stderr
