"""Operations on bronze for people: by hand only. The result stands in the log of `run_operation` and in the run's note.

- **rejects** counts the open rejections: rows that were not accepted, by file and reason. It changes nothing.
- **replay** judges the open rejections of loaded files again, after an attendance code was added, say. What is accepted
  now is loaded, each row once; the others stay rejected. A file that was refused whole is not replayed: the next run of
  `student_ingestion` tries it again when it, its contract or a limit has changed. Where rows cannot even be read again,
  the others are loaded, the run fails, and its note says what to do.
- **unload** takes the file of `load_id` back out: its rows, versions and rejections, and what was replayed of it. Rows
  that other files hold as well stay, so those files must still be in the raw folder. The file comes back only by
  `.venv/bin/python -m include.ingestion load SOURCE FILE`; with Docker by `python -m …` in a worker.

Silver and gold follow with the next run of `student_ingestion`, at 06:00 or by hand. `ops.file_loads` has the load ids.
"""

from __future__ import annotations

from airflow.sdk import DAG, Param

from include.ingestion.sources import SOURCES
from include.orchestration.bronze_operations_tasks import ALL, OPERATIONS, end, run_operation
from include.orchestration.task_defaults import TASK_DEFAULTS

with DAG(
    dag_id="bronze_operations",
    doc_md=__doc__,
    schedule=None,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    params={
        "operation": Param(OPERATIONS[0], type="string", enum=list(OPERATIONS), description="What to do."),
        "source": Param(ALL, type="string", enum=[ALL, *SOURCES], description="For rejects and replay."),
        "load_id": Param(None, type=["null", "integer"], minimum=1, description="For unload: the load to take out."),
    },
):
    run_operation() >> end()
