"""What a checkpoint run reports, and what it lets pass."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from expectations.checkpoint import run_checkpoint
from expectations.report import CheckpointError
from expectations.table import Layer, tables_of
from include.warehouse.connection import WarehouseError
from tests.expectations.conftest import RunCheckpoint

LAYERS: tuple[Layer, ...] = ("bronze", "silver", "gold")


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.usefixtures("school")
def test_a_good_school_passes_without_findings(run: RunCheckpoint, layer: Layer) -> None:
    report = run(layer)
    assert report.lines()[1:] == []


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.usefixtures("layers")
def test_a_warehouse_without_any_row_passes(run: RunCheckpoint, layer: Layer) -> None:
    assert run(layer, sources=None).findings == ()


@pytest.mark.parametrize("layer", LAYERS)
def test_a_school_without_assessments_passes(school: psycopg.Connection, run: RunCheckpoint, layer: Layer) -> None:
    school.execute("delete from ops.file_loads where source = 'assessments'")
    school.execute("delete from bronze.assessments; delete from silver.fact_assessments")
    school.execute("update silver.class_days set assessment_count = 0")
    school.execute("update gold_candidate.class_daily_performance set assessment_count = 0, avg_score = null")
    school.execute("update gold_candidate.class_summary set assessment_count = 0, avg_score = null")
    assert run(layer).findings == ()


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.usefixtures("school")
def test_a_run_with_nothing_new_passes(run: RunCheckpoint, layer: Layer) -> None:
    run(layer)
    assert run(layer).findings == ()


def test_a_source_whose_rows_were_all_rejected_has_no_floor(layers: psycopg.Connection, run: RunCheckpoint) -> None:
    layers.execute(
        "insert into ops.file_loads (source, file, sha256, bytes, status, contract, rows_read, rows_rejected,"
        " started_at, finished_at) values ('students', 'f', 'a', 1, 'loaded', 'c', 2, 2, now(), now())"
    )
    assert run("bronze").findings == ()


@pytest.mark.usefixtures("school")
def test_without_as_of_every_day_counts(run: RunCheckpoint) -> None:
    assert run("gold", as_of=None).findings == ()


def test_facts_after_as_of_are_not_expected_in_gold(school: psycopg.Connection, run: RunCheckpoint) -> None:
    school.execute("delete from gold_candidate.class_daily_performance")
    report = run("gold", as_of=date(2026, 1, 5))
    assert not [finding for finding in report.findings if "class_daily_performance" in finding.table]


def test_a_gold_half_of_the_published_one_is_suspect(school: psycopg.Connection, run: RunCheckpoint) -> None:
    school.execute(
        "insert into ops.publications (as_of, dag_run_id, candidate_id)"
        " values ('2026-01-30', 'yesterday', gen_random_uuid())"
    )
    school.execute("insert into ops.publication_tables values (1, 'class_summary', 5, 0, 0)")
    (finding,) = run("gold").findings
    assert (finding.expectation, finding.severity, finding.count) == ("expect_no_rows(sudden_drop)", "warning", 4)


def test_gold_of_an_earlier_day_may_be_smaller(school: psycopg.Connection, run: RunCheckpoint) -> None:
    school.execute(
        "insert into ops.publications (as_of, dag_run_id, candidate_id)"
        " values ('2026-06-30', 'in summer', gen_random_uuid())"
    )
    school.execute("insert into ops.publication_tables values (1, 'class_summary', 5, 0, 0)")
    assert run("gold").findings == ()


def test_an_expectation_that_cannot_be_evaluated_fails(school: psycopg.Connection, run: RunCheckpoint) -> None:
    school.execute("alter table bronze.students drop column grade_level cascade")
    report = run("bronze")
    assert report.failed
    (finding,) = report.findings
    assert (finding.severity, finding.count) == ("critical", None)
    assert "could not be evaluated" in finding.explanation


def test_an_error_of_the_database_is_named_by_its_state(school: psycopg.Connection, run: RunCheckpoint) -> None:
    school.execute("alter table silver.dim_learning_units drop column unit_id")
    (finding,) = run("silver").findings
    assert "UndefinedColumn (SQLSTATE 42703)" in finding.explanation


def test_a_missing_table_fails(school: psycopg.Connection, run: RunCheckpoint) -> None:
    school.execute("drop table silver.dim_learning_units")
    (finding,) = run("silver").findings
    assert (finding.table, finding.severity) == ("silver.dim_learning_units", "critical")


@pytest.mark.usefixtures("warehouse")
def test_a_layer_without_tables_fails(run: RunCheckpoint) -> None:
    assert len(run("gold", sources=None).findings) == len(tables_of("gold"))


def test_new_rows_that_cannot_be_read_are_an_error(school: psycopg.Connection, run: RunCheckpoint) -> None:
    school.execute("alter table bronze.attendance rename column _load_id to load_id")
    with pytest.raises(CheckpointError, match="checkpoint_bronze could not run"):
        run("bronze")
    assert school.execute("select count(*) from ops.checkpoint_runs").fetchone() == (0,)


def test_an_unreachable_warehouse_is_named_without_its_password(warehouse_url: URL, home: Path) -> None:
    url = warehouse_url.set(password="wrong-password")  # noqa: S106
    with pytest.raises(WarehouseError) as raised:
        run_checkpoint("bronze", url=url, home=home)
    assert "wrong-password" not in str(raised.value)


def test_lines_name_expectation_table_count_and_page(school: psycopg.Connection, run: RunCheckpoint) -> None:
    school.execute("update bronze.students set class_id = 'Room 7' where student_id = 'S1'")
    first, line = run("bronze").lines()
    assert first.startswith("checkpoint_bronze passed with warnings. Data docs: ")
    assert line.startswith("WARNING bronze.students expect_column_values_to_match_regex(class_id): 1 row. ")
    assert Path(line.split("See ")[1]).is_file()


def test_a_critical_finding_is_told_with_its_count(school: psycopg.Connection, run: RunCheckpoint) -> None:
    school.execute("delete from bronze.students")
    assert "CRITICAL bronze.students expect_no_rows(row_floor): 1 row" in "\n".join(run("bronze").lines())


def test_by_hand_gold_is_judged_by_the_day_its_candidate_is_made_for(
    school: psycopg.Connection, run: RunCheckpoint
) -> None:
    school.execute("""comment on schema gold_candidate is '{"as_of": "2026-01-05"}'""")
    report = run("gold", as_of=None)
    assert {finding.expectation for finding in report.findings} >= {"expect_no_rows(after_as_of)"}
