from __future__ import annotations

from datetime import date

import psycopg
import pytest

from include.dbt_command import GoldModel
from include.warehouse.publish import begin_candidate, publish

FEBRUARY, MARCH = date(2025, 2, 14), date(2025, 3, 14)
MODELS = [GoldModel("early_warning", ("student_id", "indicator"), is_view=False)]
HISTORY = "select as_of, student_id, severity, chronic_absence_rule_id, publication_id from ops.early_warning_history"


def say(warehouse: psycopg.Connection, as_of: date, said: dict[str, str], rule: str = "federal") -> None:
    """Publish the severity of each student, judged by a rule."""
    begin_candidate(warehouse, dag_run_id="run", as_of=as_of)
    warehouse.execute(
        "create table gold_candidate.early_warning as"
        " select key as student_id, 'attendance' as indicator, value as severity, 'Why.' as reason, 0.1 as value,"
        f" null::numeric as threshold, 'absence_band' as rule_id, '{rule}' as chronic_absence_rule_id"
        " from jsonb_each_text(%s)",
        [psycopg.types.json.Jsonb(said)],
    )
    publish(warehouse, dag_run_id="run", as_of=as_of, models=MODELS)


def history(warehouse: psycopg.Connection) -> list[tuple]:
    return warehouse.execute(f"{HISTORY} order by publication_id, student_id").fetchall()


def test_only_what_is_new_of_a_day_is_added(warehouse: psycopg.Connection) -> None:
    say(warehouse, MARCH, {"S1": "none", "S2": "watch"})
    say(warehouse, MARCH, {"S1": "none", "S2": "watch"})
    say(warehouse, MARCH, {"S1": "warning", "S2": "watch"})
    say(warehouse, MARCH, {"S1": "none"})
    assert history(warehouse) == [
        (MARCH, "S1", "none", "federal", 1),
        (MARCH, "S2", "watch", "federal", 1),
        (MARCH, "S1", "warning", "federal", 3),
        # Said before, but not last.
        (MARCH, "S1", "none", "federal", 4),
    ]


def test_publishing_a_candidate_again_adds_nothing(warehouse: psycopg.Connection) -> None:
    say(warehouse, MARCH, {"S1": "none"})
    publish(warehouse, dag_run_id="run", as_of=MARCH, models=MODELS)
    assert history(warehouse) == [(MARCH, "S1", "none", "federal", 1)]


def test_a_change_of_rule_leaves_last_month_as_it_was_said(warehouse: psycopg.Connection) -> None:
    say(warehouse, FEBRUARY, {"S1": "watch"})
    say(warehouse, MARCH, {"S1": "watch"})
    say(warehouse, MARCH, {"S1": "watch"}, rule="state")
    assert history(warehouse) == [
        (FEBRUARY, "S1", "watch", "federal", 1),
        (MARCH, "S1", "watch", "federal", 2),
        (MARCH, "S1", "watch", "state", 3),
    ]


def test_a_publication_that_fails_adds_nothing(warehouse: psycopg.Connection) -> None:
    say(warehouse, FEBRUARY, {"S1": "none"})
    warehouse.execute("alter table ops.early_warning_history add check (severity <> 'watch')")
    with pytest.raises(psycopg.errors.CheckViolation):
        say(warehouse, MARCH, {"S1": "none", "S2": "watch"})
    assert history(warehouse) == [(FEBRUARY, "S1", "none", "federal", 1)]
    assert warehouse.execute("select student_id from gold.early_warning").fetchall() == [("S1",)]


@pytest.mark.parametrize("statement", ["update {} set reason = ''", "delete from {}", "truncate {}"])
def test_what_was_said_cannot_be_changed(warehouse: psycopg.Connection, statement: str) -> None:
    say(warehouse, MARCH, {"S1": "none"})
    kind = statement.split(maxsplit=1)[0]
    with pytest.raises(
        psycopg.errors.RaiseException, match=rf"early_warning_history keeps what was said: {kind} is refused"
    ):
        warehouse.execute(statement.format("ops.early_warning_history"))
    assert len(history(warehouse)) == 1


def test_a_publication_of_which_something_is_remembered_stays(warehouse: psycopg.Connection) -> None:
    say(warehouse, MARCH, {"S1": "none"})
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        warehouse.execute("delete from ops.publications")
