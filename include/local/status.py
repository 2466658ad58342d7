"""What runs where: the lines of `make status`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psutil

from include.local.airflow_api import AirflowApi
from include.local.home import noted_raw_dir
from include.local.postgres import AIRFLOW_DATABASE
from include.local.stack import DAGS, Stack
from include.warehouse.connection import WarehouseError, connect, embedded_url, shown, warehouse_url

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")


def status_lines(stack: Stack) -> Iterator[str]:
    """What runs, as which process, on which address, and what it did last; passwords and rows are not in it."""
    yield f"home       {stack.settings.home}"
    yield f"raw files  {noted_raw_dir(stack.settings.home) or stack.settings.raw_dir}"
    yield _postgres(stack)
    if stack.settings.warehouse_url or stack.postgres.is_running():
        yield from _warehouse(stack)
    yield from _airflow(stack)


def _postgres(stack: Stack) -> str:
    if not stack.postgres.is_running():
        return "Postgres   not running"
    port = embedded_url(stack.settings.home, AIRFLOW_DATABASE).port
    return f"Postgres   process {stack.postgres.pid()}, 127.0.0.1:{port}"


def _warehouse(stack: Stack) -> Iterator[str]:
    url = warehouse_url(stack.settings)
    try:
        with connect(url, autocommit=True) as connection:
            version = connection.info.server_version // 10000
            yield f"warehouse  {shown(url)}, PostgreSQL {version}"
            known = connection.execute("select to_regclass('ops.publications')").fetchall()[0][0]
            query = "select as_of, published_at from ops.publications order by publication_id desc limit 1"
            for as_of, published_at in connection.execute(query).fetchall() if known else []:
                yield f"           gold as of {as_of}, published {_moment(published_at)}"
    except WarehouseError as error:
        yield f"warehouse  {error}"


def _airflow(stack: Stack) -> Iterator[str]:
    if not stack.airflow.is_running():
        yield "Airflow    not running"
        return
    api = stack.api
    health = api.health()
    answers = "answers" if health else "does not answer (yet)"
    yield f"Airflow    process {stack.airflow.pid()}, {api.base_url}, {answers}"
    members = stack.airflow.members()
    for component in COMPONENTS:
        state = "" if component == "api-server" else _health(health, component)
        yield f"           {component:<14} {_process(members, component)}{state}"
    for dag_id in DAGS if health else ():
        yield f"           {dag_id:<25} {_dag(api, dag_id)}"


def _health(health: dict[str, Any], component: str) -> str:
    found = health.get(component.replace("-", "_")) or {}
    return f", {found['status']}" if found.get("status") else ""


def _process(members: list[psutil.Process], component: str) -> str:
    """The first process of the session that was started as this component."""
    for process in sorted(members, key=lambda member: member.pid):
        try:
            words = " ".join(process.cmdline()).replace("_", "-").replace(".", " ").split()
        except psutil.Error:
            continue
        if component in words:
            return f"process {process.pid}"
    return "not running"


def _dag(api: AirflowApi, dag_id: str) -> str:
    dag, run = api.dag(dag_id), api.latest_run(dag_id)
    if dag is None:
        return "not read yet"
    switch = "off (paused)" if dag["is_paused"] else "on"
    last = f"last run {run['state']} {_moment(run['end_date'] or run['start_date'])}" if run else "no run yet"
    coming = f", next {_moment(dag['next_dagrun_run_after'])}" if dag["next_dagrun_run_after"] else ""
    return f"{switch}, {last}{coming}"


def _moment(moment: datetime | str | None) -> str:
    """In this machine's zone, to the second."""
    if moment is None:
        return "(waiting)"
    read = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return read.astimezone().strftime("%Y-%m-%d %H:%M:%S")
