"""Following a run: what is told, when it has ended, and what the exit status says."""

from __future__ import annotations

from typing import Any

import pytest

from include.local import follow
from include.local.follow import dbt_run_id, exit_status, task_line

RUN = "manual__2026-01-01T00:00:00+00:00"
DBT_RUN = dbt_run_id(RUN)


def _task(task_id: str, state: str = "success", dag_id: str = "student_ingestion", **more: Any) -> dict[str, Any]:
    return {
        "dag_id": dag_id,
        "dag_run_id": RUN if dag_id == "student_ingestion" else DBT_RUN,
        "task_id": task_id,
        "state": state,
        "map_index": -1,
        "try_number": 1,
        "duration": 1.25,
        "end_date": "2026-01-01T00:00:30+00:00",
        **more,
    }


class RecordedApi:
    """Gives the answers that Airflow gave, one poll after the other; the last one for good."""

    def __init__(self, polls: list[tuple[str, list[dict[str, Any]], str | None, list[dict[str, Any]]]]) -> None:
        self.polls = polls

    def run(self, dag_id: str, run_id: str) -> dict[str, Any] | None:
        state = self.polls[0][0 if dag_id == "student_ingestion" else 2]
        run_after = "2026-01-01T00:00:00+00:00"
        return {"dag_run_id": run_id, "state": state, "run_after": run_after} if state else None

    def tasks(self, dag_id: str, _run_id: str) -> list[dict[str, Any]]:
        if dag_id == "student_ingestion":
            return self.polls[0][1]
        found = self.polls[0][3]
        if len(self.polls) > 1:
            self.polls.pop(0)
        return found

    def log_lines(self, task: dict[str, Any]) -> list[str]:
        return ["::group::noise", f"log of {task['task_id']}"]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "POLL_SECONDS", 0.0)


def _follow(*polls: tuple[str, list[dict[str, Any]], str | None, list[dict[str, Any]]]) -> tuple[Any, list[str]]:
    lines: list[str] = []
    rows = {f"{RUN}/ingest_students": 1234}
    outcome = follow.follow(RecordedApi(list(polls)), RUN, rows=lambda _: rows, say=lines.append)  # type: ignore[arg-type]
    return outcome, lines


@pytest.mark.parametrize(
    ("published", "source_refused_or_failed", "status"),
    [(True, False, 0), (True, True, 2), (False, False, 1), (False, True, 1)],
)
def test_exit_status(published: bool, source_refused_or_failed: bool, status: int) -> None:
    assert exit_status(published=published, source_refused_or_failed=source_refused_or_failed) == status


def test_each_task_is_told_once_with_its_rows() -> None:
    ingested = [_task("ingest_students"), _task("trigger_student_dbt")]
    published = [_task("publish_gold", dag_id="student_dbt")]
    outcome, lines = _follow(("running", ingested[:1], "queued", []), ("success", ingested, "success", published))

    assert [line.split()[1] for line in lines[1:]] == ["ingest_students", "trigger_student_dbt", "publish_gold"]
    assert lines[1].endswith("1,234")
    assert outcome.published
    assert outcome.failed_sources == ()
    assert outcome.seconds_to_published == 30


def test_the_log_of_a_failed_task_is_shown_and_the_run_followed_to_its_end() -> None:
    tasks = [_task("ingest_students", "failed"), _task("trigger_student_dbt")]
    published = [_task("publish_gold", dag_id="student_dbt")]
    outcome, lines = _follow(("failed", tasks, "running", []), ("failed", tasks, "success", published))

    assert any("log of ingest_students" in line for line in lines)
    assert not any("::group::" in line for line in lines)
    assert outcome.published
    assert outcome.failed_sources == ("students",)


def test_a_task_that_waits_for_its_turn_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "QUIET_SECONDS", -1.0)
    ingested, published = [_task("ingest_students")], [_task("publish_gold", dag_id="student_dbt")]
    waits = [_task("take_turn", "up_for_reschedule", "student_dbt", end_date=None)]
    polls = [("success", ingested, "running", waits)] * 2
    _, lines = _follow(*polls, ("success", ingested, "success", published))
    assert any(line.endswith("… take_turn") for line in lines)


def test_a_run_that_triggers_nothing_ends_unpublished() -> None:
    tasks = [_task("checkpoint_bronze", "failed"), _task("trigger_student_dbt", "upstream_failed", duration=None)]
    outcome, _ = _follow(("failed", tasks, None, []))

    assert not outcome.published
    assert outcome.seconds_to_published is None


def test_a_second_try_says_so() -> None:
    assert "success (try 2)" in task_line(_task("start", try_number=2), None)
    assert task_line(_task("start", "upstream_failed", duration=None, end_date=None), None).endswith("upstream_failed")
